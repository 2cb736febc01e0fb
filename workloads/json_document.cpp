#include "workloads/json_document.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/json_values.h"

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
  const std::size_t offset = error_offset(text);
  fail_file(place_of(lines_.name(), text, offset, lines_.line_number()),
            {.message = fmt::format("this is not JSON ({})", simdjson::error_message(error)),
             .got = excerpt(text.substr(offset, 100))});
}

JsonDocument::JsonDocument(LineReader lines, std::span<const KeepRule> rules) : lines_(std::move(lines)) {
  condensed_.emplace(lines_, rules);
  const std::string_view text = condensed_->text();
  const auto error = parser_.parse(text.data(), text.size(), false).get(root_);
  if (error == simdjson::SUCCESS) return;
  const std::size_t offset = error_offset(text);
  fail_file(condensed_->place(offset),
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
  const std::optional<std::int64_t> number = whole_number(value);
  if (!number || *number < range.min || *number > range.max) reject(path, describe(range), shown(value));
  return *number;
}

Duration JsonDocument::seconds(const std::string& path, simdjson::dom::element value) const {
  const std::optional<Duration> duration = duration_of(value, std::chrono::seconds{1});
  if (!duration) reject(path, "seconds, at least 0", shown(value));
  return *duration;
}

}  // namespace blis
