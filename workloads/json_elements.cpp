#include "workloads/json_elements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace blis {
namespace {

constexpr std::size_t kDeepest = 512;
constexpr std::size_t kLongestKey = 256;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

using Stops = std::array<bool, 256>;
constexpr Stops stops(std::string_view characters) {
  Stops all{};
  for (const char c : characters) all[static_cast<unsigned char>(c)] = true;
  return all;
}
constexpr Stops kEndsOfText = stops("\"\\\n");
constexpr Stops kEndsOfElement = stops("\"[]{}\n");

}  // namespace

JsonElements::JsonElements(LineReader lines, std::string_view key)
    : lines_(std::move(lines)),
      wanted_(key),
      line_(lines_.line_number() + 1),
      place_{.file = lines_.name(), .line = line_} {}

bool JsonElements::next(simdjson::dom::element& element) {
  do {
    while (take_plain(), !piece_.empty()) {
      const char c = piece_.front();
      piece_.remove_prefix(1);
      ++column_;
      const bool ends = take(c);
      if (c == '\n') ++line_, column_ = 0;
      if (!ends) continue;
      parse(element);
      return true;
    }
  } while (lines_.piece(piece_));
  if (!open_.empty() || in_text_) fail("it ends within a list or a map");
  return false;
}

void JsonElements::take_plain() {
  if (escaped_ || (!in_text_ && (!in_element_ || open_.size() == list_))) return;
  const Stops& ends = in_text_ ? kEndsOfText : kEndsOfElement;
  std::size_t size = 0;
  while (size < piece_.size() && !ends[static_cast<unsigned char>(piece_[size])]) ++size;
  if (in_element_) {
    element_.append(piece_, 0, size);
  } else {
    last_text_.append(piece_, 0, std::min(size, kLongestKey - std::min(kLongestKey, last_text_.size())));
  }
  column_ += static_cast<std::int64_t>(size);
  piece_.remove_prefix(size);
}

bool JsonElements::take(char c) {
  if (in_text_) {
    within_text(c);
    return false;
  }
  if (!in_element_) {
    between(c);
    return false;
  }
  const bool is_scalar = open_.size() == list_;
  if (is_scalar && (c == ',' || c == ']' || is_blank(c))) {
    in_element_ = false;
    needs_comma_ = true;
    between(c);
    return true;
  }
  element_ += c;
  if (element_.size() > LineReader::kMaxLine) fail("one element is longer than 256 MiB");
  if (c == '"') in_text_ = true;
  if (c == '[' || c == '{') open(c);
  if (c == ']' || c == '}') close(c);
  const bool ends = (c == ']' || c == '}') && open_.size() == list_;
  in_element_ = !ends;
  needs_comma_ = needs_comma_ || ends;
  return ends;
}

void JsonElements::within_text(char c) {
  const bool ends = c == '"' && !escaped_;
  escaped_ = c == '\\' && !escaped_;
  in_text_ = !ends;
  if (in_element_) {
    element_ += c;
  } else if (!ends && last_text_.size() < kLongestKey) {
    last_text_ += c;
  }
}

// Around lists and between their elements.
void JsonElements::between(char c) {
  if (is_blank(c)) return;
  if (ended_) fail("something follows the document");
  if (c == ':' && list_ == 0) {
    key_ = last_text_;
    return;
  }
  const std::string key = std::exchange(key_, {});
  if (list_ > 0 && open_.size() == list_) {
    if (c == ']' && !had_comma_) {
      close(c);
      list_ = 0;
    } else if (c == ',' && needs_comma_) {
      needs_comma_ = false;
      had_comma_ = true;
    } else if (needs_comma_ || c == ',' || c == ']' || c == '}' || c == ':') {
      fail("elements of a list are parted by one comma each");
    } else {
      begin_element(c);
    }
  } else if (c == '"') {
    in_text_ = true;
    last_text_.clear();
  } else if (c == '[' || c == '{') {
    open(c);
    if (c == '[' && (wanted_.empty() ? open_.size() == 1 : key == wanted_)) {
      list_ = open_.size();
      found_list_ = true;
      needs_comma_ = had_comma_ = false;
    }
  } else if (c == ']' || c == '}') {
    close(c);
  }
  ended_ = open_.empty() && (c == ']' || c == '}');
}

void JsonElements::begin_element(char c) {
  place_ = here();
  element_.assign(1, c);
  in_element_ = true;
  had_comma_ = false;
  in_text_ = c == '"';
  if (c == '[' || c == '{') open(c);
}

void JsonElements::open(char c) {
  if (open_.size() == kDeepest) fail("too many lists and maps within each other");
  open_ += c;
}
void JsonElements::close(char c) {
  if (open_.empty() || open_.back() != (c == ']' ? '[' : '{')) fail("a bracket closes what is not open");
  open_.pop_back();
}

void JsonElements::parse(simdjson::dom::element& element) {
  const std::size_t size = element_.size();
  element_.append(LineReader::kPadding, ' ');
  const auto error = parser_.parse(element_.data(), size, false).get(element);
  if (error != simdjson::SUCCESS) {
    fail_file(place_, {.message = fmt::format("this is not JSON ({})", simdjson::error_message(error)),
                       .got = excerpt(std::string_view(element_).substr(0, size))});
  }
  ++count_;
}

void JsonElements::fail(const char* why) const {
  fail_file(here(), {.message = fmt::format("this is not JSON ({})", why)});
}

void JsonElements::reject(const std::string& path, std::string expected, std::string got) const {
  fail_row(
      place_,
      {.message = fmt::format("bad `{}`", path), .expected = std::move(expected), .got = std::move(got)});
}

}  // namespace blis
