#include "workloads/json_rows.h"

#include <fmt/format.h>

#include "workloads/json_values.h"

namespace blis {
bool JsonRows::next() {
  do {
    if (!lines_.next(line_)) return false;
  } while (line_.find_first_not_of(" \t") == std::string_view::npos);
  simdjson::dom::element document;
  // LineReader keeps kPadding readable bytes behind each line, so nothing has to be copied.
  static_assert(LineReader::kPadding >= simdjson::SIMDJSON_PADDING);
  const auto error = parser_.parse(line_.data(), line_.size(), false).get(document);
  if (error != simdjson::SUCCESS) {
    const std::size_t offset = error_offset(line_);
    fail_row(lines_.place(line_.data() + offset),
             {.message = fmt::format("this line is not JSON ({})", simdjson::error_message(error)),
              .expected = "one JSON object a line",
              .got = offset < line_.size() ? excerpt(line_.substr(offset)) : "the end of the line"});
  }
  if (document.get(object_) != simdjson::SUCCESS) {
    fail_row(lines_.place(line_.data()), {.message = "this line is not a JSON object",
                                          .expected = "one JSON object a line",
                                          .got = excerpt(line_)});
  }
  return true;
}

std::int64_t JsonRows::integer(std::string_view key, simdjson::dom::element value, IntegerRange range) const {
  const std::optional<std::int64_t> number = whole_number(value);
  if (!number || *number < range.min || *number > range.max) {
    reject(key, fmt::format("bad `{}`", key), describe(range), shown(value));
  }
  return *number;
}

double JsonRows::real(std::string_view key, simdjson::dom::element value) const {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) {
    reject(key, fmt::format("bad `{}`", key), "a number", shown(value));
  }
  return number;
}

Duration JsonRows::duration(std::string_view key, simdjson::dom::element value, Duration unit) const {
  const std::optional<Duration> duration = duration_of(value, unit);
  if (!duration) reject(key, fmt::format("bad `{}`", key), "a number, at least 0", shown(value));
  return *duration;
}

std::string_view JsonRows::text(std::string_view key, simdjson::dom::element value) const {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    reject(key, fmt::format("bad `{}`", key), "a string", shown(value));
  }
  return text;
}

simdjson::dom::array JsonRows::array(std::string_view key, simdjson::dom::element value) const {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) {
    reject(key, fmt::format("bad `{}`", key), "a list", shown(value));
  }
  return array;
}

void JsonRows::reject(std::string_view key, std::string message, std::string expected, std::string got,
                      std::string hint) const {
  fail_row(place(key), {.message = std::move(message),
                        .expected = std::move(expected),
                        .got = std::move(got),
                        .hint = std::move(hint)});
}

void JsonRows::missing(std::string_view key) const {
  fail_row(lines_.place(), {.message = fmt::format("there is no `{}`", key), .got = excerpt(line_)});
}

Place JsonRows::place(std::string_view key) const {
  const std::size_t at = line_.find(fmt::format("\"{}\"", key));
  return at == std::string_view::npos ? lines_.place() : lines_.place(line_.data() + at);
}

}  // namespace blis
