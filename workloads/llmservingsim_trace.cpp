// LLMServingSim's JSONL: input_toks, output_toks, arrival_time_ns and optionally the token ids; or an
// agent's chain of calls, arrival_time_ns and `sub_requests`, each sent `tool_duration_ns` of the one
// before after that one ended. Where a call's prompt begins with the prompt and the answer of the call
// before it, both are found in the cache.
// Source: github.com/casys-kaist/LLMServingSim.

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "workloads/column_trace.h"
#include "workloads/json_rows.h"
#include "workloads/random.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// Token ids become runs of this length, named by their content: two prompts share what they have in
// common up to a multiple of it, as they do in the blocks of a cache.
constexpr std::int32_t kRunTokens = 16;

using TokenIds = std::vector<std::int64_t>;

// What a call's prompt repeats: the call before it, if that says its tokens.
struct Spoken {
  TokenIds ids;                    // its prompt, then its answer; empty: unknown
  std::vector<ContentRun> prompt;  // of its prompt
};

class LlmServingSimReader : public TraceReader {
 public:
  explicit LlmServingSimReader(LineReader lines) : rows_(std::move(lines)) {}

  bool next(TraceRow& row) override {
    if (next_call_ == calls_.size()) {
      if (!read_line()) return false;
    }
    row = calls_[next_call_++];
    return true;
  }

  Place place() const override { return rows_.place("arrival_time_ns"); }
  FollowUps follow_ups() const override { return FollowUps::adjacent; }

 private:
  // One request for a flat line, one for each call of a chain; none of a line that is broken.
  bool read_line() {
    calls_.clear();
    next_call_ = 0;
    if (!rows_.next()) return false;
    ++line_;
    std::vector<TraceRow> calls;
    simdjson::dom::element value;
    if (rows_.object()["sub_requests"].get(value) == simdjson::SUCCESS) {
      read_chain(rows_.array("sub_requests", value), calls);
    } else {
      Spoken nothing_yet;
      read_call(rows_.object(), calls.emplace_back(), nothing_yet);
    }
    if (rows_.object()["arrival_time_ns"].get(value) != simdjson::SUCCESS) rows_.missing("arrival_time_ns");
    calls.front().stamp = rows_.duration("arrival_time_ns", value, 1ns);
    calls_ = std::move(calls);
    return true;
  }

  void read_chain(simdjson::dom::array sub_requests, std::vector<TraceRow>& calls) {
    std::uint64_t session = number_of_name("line " + std::to_string(line_));
    simdjson::dom::element value;
    if (rows_.object()["session_id"].get(value) == simdjson::SUCCESS && !value.is_null()) {
      session = number_of_name(rows_.text("session_id", value));
    }
    Duration tool_time{0};
    Spoken before;
    for (const simdjson::dom::element element : sub_requests) {
      simdjson::dom::object call;
      if (element.get(call) != simdjson::SUCCESS) {
        rows_.reject("sub_requests", "bad `sub_requests`", "a list of objects", shown(element));
      }
      TraceRow& row = calls.emplace_back();
      if (read_call(call, row, before)) {  // it repeats the answer, which now needs a name
        calls[calls.size() - 2].output_content = row.prompt[answer_run_].content;
      }
      row.session = session;
      if (calls.size() > 1) row.wait = tool_time;
      tool_time = Duration{0};
      if (call["tool_duration_ns"].get(value) == simdjson::SUCCESS) {
        tool_time = rows_.duration("tool_duration_ns", value, 1ns);
      }
    }
    if (calls.empty()) rows_.reject("sub_requests", "`sub_requests` is empty", "at least one call");
  }

  // `before`: of the call before, replaced by this one's. True if the prompt repeats its answer.
  bool read_call(simdjson::dom::object call, TraceRow& row, Spoken& before) {
    simdjson::dom::element value;
    if (call["input_toks"].get(value) != simdjson::SUCCESS) rows_.missing("input_toks");
    row.input_tokens = rows_.integer("input_toks", value, kTokenRange);
    if (call["output_toks"].get(value) != simdjson::SUCCESS) rows_.missing("output_toks");
    row.output_tokens = rows_.integer("output_toks", value, kTokenRange);
    const TokenIds input = token_ids(call, "input_tok_ids");
    if (!input.empty() && std::ssize(input) != row.input_tokens) {
      rows_.reject("input_tok_ids", "`input_tok_ids` and `input_toks` contradict each other",
                   fmt::format("{} ids", row.input_tokens), fmt::format("{} ids", input.size()));
    }
    const TokenIds output = token_ids(call, "output_tok_ids");
    const bool repeats = !before.ids.empty() && input.size() > before.ids.size() &&
                         std::equal(before.ids.begin(), before.ids.end(), input.begin());
    std::size_t named = 0;
    if (repeats) {
      row.prompt = before.prompt;
      answer_run_ = row.prompt.size();
      const std::size_t answer = before.ids.size() - static_cast<std::size_t>(tokens_of(before.prompt));
      row.prompt.push_back({++answers_ | kAnswer, static_cast<std::int32_t>(answer)});
      named = before.ids.size();
    }
    name_runs(std::span(input).subspan(named), row.prompt);
    before = {};
    // An answer that was cut or left out of the trace cannot be repeated.
    if (!input.empty() && std::ssize(output) == row.output_tokens) {
      before.prompt = row.prompt;
      before.ids = input;
      before.ids.insert(before.ids.end(), output.begin(), output.end());
    }
    return repeats;
  }

  TokenIds token_ids(simdjson::dom::object call, std::string_view key) const {
    TokenIds ids;
    simdjson::dom::element value;
    if (call[key].get(value) != simdjson::SUCCESS || value.is_null()) return ids;
    for (const simdjson::dom::element id : rows_.array(key, value)) {
      ids.push_back(rows_.integer(key, id, {0, 1'000'000'000}));
    }
    return ids;
  }

  static void name_runs(std::span<const std::int64_t> ids, std::vector<ContentRun>& prompt) {
    for (std::size_t i = 0; i < ids.size(); i += kRunTokens) {
      const auto run = ids.subspan(i, std::min<std::size_t>(kRunTokens, ids.size() - i));
      std::uint64_t hash = 0;
      for (const std::int64_t id : run) hash = mix_bits(hash ^ static_cast<std::uint64_t>(id));
      hash &= ~kAnswer;
      prompt.push_back({hash == 0 ? 1 : hash, static_cast<std::int32_t>(run.size())});
    }
  }

  static std::int64_t tokens_of(const std::vector<ContentRun>& prompt) {
    std::int64_t tokens = 0;
    for (const ContentRun& run : prompt) tokens += run.tokens;
    return tokens;
  }

  static constexpr ContentId kAnswer = ContentId{1} << 63;  // names of answers have it, of prompts have not

  JsonRows rows_;
  std::vector<TraceRow> calls_;  // of the current line
  std::size_t answer_run_ = 0;   // where the prompt read last repeats the answer before it
  ContentId answers_ = 0;        // named so far
  std::size_t next_call_ = 0;
  std::int64_t line_ = 0;
};

}  // namespace

bool is_llmservingsim(const TraceHead& head) {
  return has_keys(head, {"arrival_time_ns"}) &&
         (has_keys(head, {"input_toks"}) || has_keys(head, {"sub_requests"}));
}

std::unique_ptr<TraceReader> open_llmservingsim(LineReader lines, const ReaderOptions&) {
  return std::make_unique<LlmServingSimReader>(std::move(lines));
}

}  // namespace blis
