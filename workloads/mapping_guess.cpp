#include "workloads/mapping_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "sim/letter_case.h"
#include "workloads/date_time.h"
#include "workloads/log_rows.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

// "numTokensIn" and "num_tokens-in": num, tokens, in.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool was_lower = false, was_letter = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalnum(byte) != 0, upper = std::isupper(byte) != 0;
    if (letter && (!was_letter || (upper && was_lower))) words.emplace_back();
    if (letter) words.back() += lower_case(c);
    was_letter = letter;
    was_lower = letter && !upper;
  }
  return words;
}

using Beginnings = std::initializer_list<std::string_view>;

bool has_word(const std::vector<std::string>& words, Beginnings beginnings) {
  return std::ranges::any_of(words, [&](const std::string& word) {
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) {
      // Short ones are whole words: `in` is not `index`.
      return beginning.size() > 3 ? word.starts_with(beginning) : word == beginning;
    });
  });
}

bool is_length(std::string_view value) {
  const auto number = parse_integer(value);
  return number && *number >= 0 && *number <= 100'000'000;
}

constexpr int kUnlikely = -100;
constexpr int kLikely = 3;

int looks_like_length(const std::vector<std::string>& words, std::string_view value, Beginnings names) {
  if (!is_length(value) || has_word(words, {"max", "limit", "cached", "price", "cost", "id"}))
    return kUnlikely;
  return (has_word(words, names) ? 3 : 0) + (has_word(words, {"tok", "toks", "token", "tokens"}) ? 2 : 0) +
         (has_word(words, {"len", "length", "size", "num", "count"}) ? 1 : 0);
}

int looks_like_input(const std::vector<std::string>& words, std::string_view value) {
  if (has_word(words, {"out", "output", "completion", "response", "total"})) return kUnlikely;
  return looks_like_length(
      words, value,
      {"in", "input", "isl", "prompt", "request", "req", "context", "prefill", "query", "sent"});
}

int looks_like_output(const std::vector<std::string>& words, std::string_view value) {
  if (has_word(words, {"in", "input", "prompt", "total"})) return kUnlikely;
  return looks_like_length(words, value,
                           {"out", "output", "osl", "completion", "response", "resp", "gen", "generat",
                            "decode", "answer", "reply", "received"});
}

int looks_like_arrival(const std::vector<std::string>& words, std::string_view value) {
  const bool date = parse_date_time(value).has_value();
  const auto number = parse_real(value);
  if (!date && !number) return kUnlikely;
  const bool late = has_word(words, {"end", "finish", "latency", "duration", "elapsed", "ttft", "first",
                                     "last", "completed", "done", "tokens", "tok"});
  if (late) return kUnlikely;
  const bool named = has_word(
      words, {"time", "timestamp", "date", "when", "start", "arriv", "stamp", "sent", "created", "ts", "at"});
  return (named ? 3 : 0) + (date ? 4 : 0) + (number && *number > 5e8 ? 2 : 0);
}

// Where no name says anything: the two columns of whole numbers beside the time, if there are just two.
void guess_by_order(const LogRows& rows, MappingGuess& guess) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < rows.columns().size() && i < rows.first_row().size(); ++i) {
    if (guess.arrival == i) continue;
    if (looks_like_length(words_of(rows.columns()[i]), rows.first_row()[i], {}) > kUnlikely)
      numbers.push_back(i);
  }
  if (numbers.size() != 2) return;
  guess.input = numbers[0];
  guess.output = numbers[1];
}

// In one word for a shell.
std::string shell_quoted(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_.=,@-/:+").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string MappingGuess::command(const LogRows& rows) const {
  std::string mapping;
  const auto add = [&](std::string_view part, std::optional<std::size_t> column) {
    if (column) mapping += fmt::format("{}{}={}", mapping.empty() ? "" : ",", part, rows.columns()[*column]);
  };
  add("arrival", arrival);
  add("input", input);
  add("output", output);
  return fmt::format("blis trace inspect {} --columns {}", shell_quoted(rows.name()), shell_quoted(mapping));
}

MappingGuess guess_mapping(const LogRows& rows, const MappingGuess& known) {
  MappingGuess guess = known;
  const auto fill = [&](std::optional<std::size_t>& part, auto looks_like) {
    if (part) return;
    int best = kLikely - 1;
    for (std::size_t i = 0; i < rows.columns().size() && i < rows.first_row().size(); ++i) {
      if (guess.arrival == i || guess.input == i || guess.output == i) continue;
      const int score = looks_like(words_of(rows.columns()[i]), rows.first_row()[i]);
      if (score <= best) continue;
      best = score;
      part = i;
    }
  };
  fill(guess.arrival, looks_like_arrival);
  fill(guess.input, looks_like_input);
  fill(guess.output, looks_like_output);
  if (!guess.input && !guess.output) guess_by_order(rows, guess);
  return guess;
}

}  // namespace blis
