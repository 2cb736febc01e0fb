#include "workloads/condensed_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace blis {
namespace {

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A list of numbers that is read one character at a time, from behind its bracket to before the closing one.
class NumberList {
 public:
  void take(char c) {
    if (c == ',') {
      end_number();
    } else if (!is_space(c)) {
      if (token_.size() >= kLongestNumber) bad_ = true;
      if (!bad_) token_ += c;
    }
  }
  void spoil() { bad_ = true; }

  // As JSON; null if there is something else than numbers in it.
  std::string sum_and_count() {
    end();
    return bad_ ? "null" : fmt::format("[{},{}]", sum_, count_);
  }
  std::string ends() {
    end();
    if (bad_) return "null";
    return count_ == 0   ? "[]"
           : count_ == 1 ? fmt::format("[{}]", first_)
                         : fmt::format("[{},{}]", first_, last_);
  }

 private:
  static constexpr std::size_t kLongestNumber = 40;

  void end() {
    if (count_ > 0 || !token_.empty()) end_number();
  }
  void end_number() {
    double value = 0;
    const char* const stop = token_.data() + token_.size();
    const auto [after, error] = std::from_chars(token_.data(), stop, value);
    if (error != std::errc{} || after != stop) bad_ = true;
    if (count_++ == 0) first_ = token_;
    last_ = std::move(token_);
    token_.clear();
    sum_ += value;
  }

  std::string token_, first_, last_;
  double sum_ = 0;
  std::int64_t count_ = 0;
  bool bad_ = false;
};

}  // namespace

// Goes through the document a character at a time.
class CondensedJson::Writer {
 public:
  Writer(CondensedJson& to, std::span<const KeepRule> rules) : to_(to), rules_(rules) {}

  void take(std::string_view piece) {
    for (const char c : piece) {
      if (in_text_) {
        within_text(c);
      } else if (skipped_ > 0) {
        left_out(c);
        within_skipped(c);
      } else if (list_) {
        left_out(c);
        within_list(c);
      } else {
        plain(c);
      }
    }
  }

 private:
  // Between texts, of what is kept.
  void plain(char c) {
    if (is_space(c)) {
      to_.text_ += c;
      return;
    }
    if (c == ':') {
      key_ = last_text_;
      to_.text_ += c;
      return;
    }
    const std::optional<Keep> keep = key_.empty() ? std::nullopt : rule_of(key_);
    key_.clear();
    if (lists_ && c == ']') lists_ = false;
    if (lists_ && c == '[') {
      begin_list(Keep::sums);
    } else if (keep == Keep::nothing && (c == '[' || c == '{' || c == '"')) {
      begin_cut();
      left_out(c);
      in_text_ = dropped_ = c == '"';
      skipped_ = c == '"' ? 0 : 1;
    } else if (keep == Keep::ends && c == '[') {
      begin_list(Keep::ends);
    } else {
      lists_ = lists_ || (keep == Keep::sums && c == '[');
      to_.text_ += c;
      if (c == '"') begin_text();
    }
  }

  void begin_list(Keep keep) {
    begin_cut();
    left_out('[');
    list_.emplace();
    keep_ = keep;
  }

  // Lists and maps within are not numbers, and are passed over whole.
  void within_list(char c) {
    if (c == ']') {
      end_cut(keep_ == Keep::sums ? list_->sum_and_count() : list_->ends());
      list_.reset();
    } else if (c == '"' || c == '[' || c == '{') {
      list_->spoil();
      in_text_ = dropped_ = c == '"';
      skipped_ = c == '"' ? 0 : 1;
    } else {
      list_->take(c);
    }
  }

  void within_skipped(char c) {
    if (c == '"') {
      in_text_ = dropped_ = true;
    } else if (c == '[' || c == '{') {
      ++skipped_;
    } else if ((c == ']' || c == '}') && --skipped_ == 0 && !list_) {
      end_cut("null");
    }
  }

  void begin_text() {
    in_text_ = true;
    text_begins_ = to_.text_.size();
  }

  void within_text(char c) {
    const bool ends = c == '"' && !escaped_;
    escaped_ = c == '\\' && !escaped_;
    in_text_ = !ends;
    if (dropped_) {
      left_out(c);
      if (!ends) return;
      dropped_ = false;
      if (skipped_ == 0 && !list_) end_cut("null");
    } else if (too_long_) {
      if (ends) {
        end_cut("");
        too_long_ = false;
        to_.text_ += c;
        last_text_.clear();
      } else {
        left_out(c);
      }
    } else {
      to_.text_ += c;
      if (ends) {
        last_text_.assign(to_.text_, text_begins_, to_.text_.size() - 1 - text_begins_);
      } else if (to_.text_.size() - text_begins_ > kLongestText) {
        begin_cut();
        for (const char gone : to_.text_.substr(text_begins_)) left_out(gone);
        to_.text_.resize(text_begins_);
        too_long_ = true;
      }
    }
  }

  void begin_cut() { cut_ = {}; }
  void left_out(char c) {
    ++cut_.bytes;
    ++cut_.tail;
    if (c == '\n') ++cut_.newlines, cut_.tail = 0;
  }
  void end_cut(std::string_view instead) {
    to_.text_ += instead;
    cut_.at = to_.text_.size();
    cut_.bytes -= static_cast<std::int64_t>(instead.size());
    to_.cuts_.push_back(cut_);
  }

  std::optional<Keep> rule_of(std::string_view key) const {
    const auto found = std::ranges::find(rules_, key, &KeepRule::key);
    return found == rules_.end() ? std::nullopt : std::optional(found->keep);
  }

  CondensedJson& to_;
  std::span<const KeepRule> rules_;
  std::string last_text_, key_;  // the key until its value begins
  std::size_t text_begins_ = 0;
  Cut cut_;
  int skipped_ = 0;  // brackets that are open in what is left out
  bool in_text_ = false, escaped_ = false;
  bool dropped_ = false, too_long_ = false;  // the text that we are in
  bool lists_ = false;                       // in a list whose lists are summed up
  Keep keep_ = Keep::nothing;
  std::optional<NumberList> list_;
};

CondensedJson::CondensedJson(LineReader& lines, std::span<const KeepRule> rules) : name_(lines.name()) {
  Writer writer(*this, rules);
  std::string_view piece;
  while (lines.piece(piece)) writer.take(piece);
  first_line_ = lines.line_number();
  size_ = text_.size();
  text_.append(LineReader::kPadding, ' ');
}

Place CondensedJson::place(std::size_t offset) const {
  const std::string_view before = text().substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  Place place{.file = name_,
              .line = first_line_ + std::count(before.begin(), before.end(), '\n'),
              .column = static_cast<std::int64_t>(before.size() - line_start) + 1};
  for (const Cut& cut : cuts_) {
    if (cut.at > offset) break;
    place.line += cut.newlines;
    if (cut.at < line_start) continue;
    if (cut.newlines > 0)
      place.column = static_cast<std::int64_t>(before.size() - cut.at) + cut.tail + 1;
    else
      place.column += cut.bytes;
  }
  return place;
}

Place CondensedJson::place(std::int64_t line, std::int64_t column) const {
  std::size_t line_start = 0;
  for (; line > 1 && line_start < size_; --line)
    line_start = std::min(text().find('\n', line_start), size_ - 1) + 1;
  return place(std::min(line_start + static_cast<std::size_t>(std::max<std::int64_t>(column, 1)) - 1, size_));
}

}  // namespace blis
