#include "workloads/json_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "workloads/json_rows.h"

namespace blis {
namespace {

// `text` begins at the line `first_line`.
Place place_of(const std::string& file, std::string_view text, std::size_t offset, std::int64_t first_line) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.file = file,
          .line = std::count(before.begin(), before.end(), '\n') + first_line,
          .column = static_cast<std::int64_t>(offset - line_start) + 1};
}

}  // namespace

JsonDocument::JsonDocument(LineReader lines) : lines_(std::move(lines)) {
  const std::string_view text = lines_.rest();
  const auto error = parser_.parse(text.data(), text.size(), false).get(root_);
  if (error == simdjson::SUCCESS) return;
  std::size_t offset = 0;
  try {  // simdjson does not say where; the slower parser does
    const auto whole = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& found) {
    offset = found.byte > 0 ? std::min(found.byte - 1, text.size()) : 0;
  } catch (const nlohmann::json::exception&) {
  }
  fail_file(place_of(lines_.name(), text, offset, lines_.line_number()),
            {.message = fmt::format("this is not JSON ({})", simdjson::error_message(error)),
             .got = excerpt(text.substr(offset, 100))});
}

void JsonDocument::reject(const std::string& path, std::string expected, std::string got) const {
  fail_row(
      {.file = lines_.name()},
      {.message = fmt::format("bad `{}`", path), .expected = std::move(expected), .got = std::move(got)});
}

std::int64_t JsonDocument::integer(const std::string& path, simdjson::dom::element value,
                                   IntegerRange range) const {
  std::int64_t number = 0;
  double real = 0;
  if (value.get(number) != simdjson::SUCCESS) {
    const bool whole =
        value.get(real) == simdjson::SUCCESS && std::floor(real) == real && std::abs(real) < 9e15;
    if (!whole) reject(path, describe(range), shown(value));
    number = static_cast<std::int64_t>(real);
  }
  if (number < range.min || number > range.max) reject(path, describe(range), shown(value));
  return number;
}

Duration JsonDocument::seconds(const std::string& path, simdjson::dom::element value) const {
  constexpr double kMaxSeconds = 9e9;  // the clock's 64 bits of nanoseconds
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS || number < 0 || number > kMaxSeconds) {
    reject(path, "seconds, at least 0", shown(value));
  }
  return to_duration(Seconds{number});
}

}  // namespace blis
