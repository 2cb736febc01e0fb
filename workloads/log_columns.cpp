#include "workloads/log_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/letter_case.h"
#include "sim/nearest_name.h"
#include "workloads/bad_row.h"
#include "workloads/log_rows.h"
#include "workloads/mapping_guess.h"

namespace blis {
namespace {

using std::string_view_literals::operator""sv;

// `send_s` before `arrival_s`: where a log has both, the first is when the request really left.
constexpr std::array kArrivalNames{
    "send_s"sv,
    "arrival_s"sv,
    "arrival_ms"sv,
    "arrival_us"sv,
    "arrival_ns"sv,
    "arrival_time_s"sv,
    "arrival_time_ms"sv,
    "arrival_time_us"sv,
    "arrival_time_ns"sv,
    "timestamp_s"sv,
    "timestamp_ms"sv,
    "timestamp_us"sv,
    "timestamp_ns"sv,
    "arrival_time"sv,
    "arrived_at"sv,
    "arrival"sv,
    "request_start_time"sv,
    "start_time"sv,
    "start_time_ms"sv,
    "request_time"sv,
    "received_at"sv,
    "created_at"sv,
    "created"sv,
    "timestamp"sv,
    "datetime"sv,
    "time"sv,
    "ts"sv,
};
constexpr std::array kInputNames{
    "input_tokens"sv,
    "input_toks"sv,
    "prompt_tokens"sv,
    "input_length"sv,
    "input_len"sv,
    "prompt_len"sv,
    "prompt_length"sv,
    "num_prompt_tokens"sv,
    "num_input_tokens"sv,
    "prompt_token_count"sv,
    "input_token_count"sv,
    "usage.prompt_tokens"sv,
    "usage.input_tokens"sv,
    "context_tokens"sv,
    "gen_ai.usage.input_tokens"sv,
    "response.usage.prompt_tokens"sv,
};
constexpr std::array kOutputNames{
    "output_tokens"sv,
    "output_toks"sv,
    "completion_tokens"sv,
    "output_length"sv,
    "output_len"sv,
    "completion_len"sv,
    "completion_length"sv,
    "num_output_tokens"sv,
    "num_completion_tokens"sv,
    "completion_token_count"sv,
    "output_token_count"sv,
    "num_generation_tokens"sv,
    "usage.completion_tokens"sv,
    "usage.output_tokens"sv,
    "generated_tokens"sv,
    "gen_ai.usage.output_tokens"sv,
    "response.usage.completion_tokens"sv,
};
constexpr std::array kSessionNames{"session_id"sv, "conversation_id"sv, "session"sv,
                                   "chat_id"sv,    "thread_id"sv,       "gen_ai.conversation.id"sv};
constexpr std::array kPriorityNames{"priority"sv};

std::string letters(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) out += lower_case(c);
  }
  return out;
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  const std::string wanted = letters(name);
  return std::ranges::any_of(names, [&](std::string_view known) { return letters(known) == wanted; });
}

std::optional<std::size_t> first_of(const LogRows& rows, std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    const auto& columns = rows.columns();
    const auto found = std::ranges::find_if(columns, [&, wanted = letters(name)](const std::string& column) {
      return letters(column) == wanted;
    });
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  }
  return std::nullopt;
}

// "columns a, b, c", not without end.
std::string seen(const LogRows& rows) {
  constexpr std::size_t kMost = 30;
  const auto& columns = rows.columns();
  const std::size_t count = std::min(columns.size(), kMost);
  return fmt::format("columns {}{}",
                     fmt::join(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(count), ", "),
                     columns.size() > kMost ? ", ..." : "");
}

}  // namespace

std::size_t column_named(const LogRows& rows, std::string_view name) {
  const auto& columns = rows.columns();
  const auto found = std::ranges::find_if(
      columns, [&](const std::string& column) { return equal_but_for_case(column, name); });
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  fail_file({.file = rows.name()}, {.message = fmt::format("there is no column `{}`", name),
                                    .got = seen(rows),
                                    .hint = did_you_mean(name, columns)});
}

LogColumns find_columns(const LogRows& rows, const ColumnMapping& mapping) {
  const auto pick = [&](const std::optional<std::string>& named,
                        std::span<const std::string_view> usual) -> std::optional<std::size_t> {
    return named ? std::optional(column_named(rows, *named)) : first_of(rows, usual);
  };
  const auto input = pick(mapping.input, kInputNames), output = pick(mapping.output, kOutputNames);
  const auto arrival = pick(mapping.arrival, kArrivalNames);
  if (input && output)
    return {arrival, *input, *output, pick(mapping.session, kSessionNames),
            pick(mapping.priority, kPriorityNames)};
  const MappingGuess guess = guess_mapping(rows, {.arrival = arrival, .input = input, .output = output});
  fail_file({.file = rows.name()},
            {.message = fmt::format("no column of this log is known to hold the lengths of {}",
                                    input    ? "outputs"
                                    : output ? "prompts"
                                             : "prompts and outputs"),
             .got = seen(rows),
             .hint = guess.is_whole() ? "if its columns are what they seem to be: " + guess.command(rows)
                                      : "name them, as in --columns arrival=NAME,input=NAME,output=NAME"});
}

std::string hint_for_times(const LogRows& rows, const LogColumns& found) {
  const MappingGuess guess =
      guess_mapping(rows, {.arrival = {}, .input = found.input, .output = found.output});
  if (guess.arrival) return "if its columns are what they seem to be: " + guess.command(rows);
  return fmt::format(
      "name their column, as in --columns arrival=NAME, or give `arrival: {{process: poisson, "
      "request_rate: ...}}` (--request-rate); the log has {}",
      seen(rows));
}

bool is_input_name(std::string_view name) {
  return is_one_of(kInputNames, name);
}

bool is_output_name(std::string_view name) {
  return is_one_of(kOutputNames, name);
}

bool is_arrival_name(std::string_view name) {
  return is_one_of(kArrivalNames, name);
}

}  // namespace blis
