#include "workloads/date_time.h"

#include <chrono>
#include <cstdint>

namespace blis {
namespace {

// A cursor over fixed-width decimal fields.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  // Exactly `width` digits.
  int number(std::size_t width) {
    if (text_.size() < width) return fail();
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = text_[i];
      if (c < '0' || c > '9') return fail();
      value = 10 * value + (c - '0');
    }
    text_.remove_prefix(width);
    return value;
  }
  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) fail();
  }
  bool skip(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  // ".d…" as nanoseconds, from 1 to 9 digits; 0 if there is neither point nor comma.
  std::int64_t fraction_ns() {
    if (!skip('.') && !skip(',')) return 0;
    std::int64_t ns = 0;
    std::int64_t digit_value = 100'000'000;
    std::size_t n = 0;
    for (; n < text_.size() && text_[n] >= '0' && text_[n] <= '9'; ++n, digit_value /= 10) {
      ns += digit_value * (text_[n] - '0');
    }
    if (n == 0 || n > 9) fail();
    text_.remove_prefix(n);
    return ns;
  }
  bool at_end() const { return text_.empty(); }
  bool ok() const { return ok_; }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }
  std::string_view text_;
  bool ok_ = true;
};

// East of Greenwich; nothing if the text ends without one.
std::optional<std::chrono::minutes> zone(Digits& in) {
  using namespace std::chrono;
  if (in.at_end()) return std::nullopt;
  in.skip(' ');
  if (in.skip('Z') || in.skip("UTC") || in.skip("GMT")) return minutes{0};
  const int sign = in.skip('-') ? -1 : 1;
  if (sign > 0) in.expect('+');
  const hours whole{in.number(2)};
  in.skip(':');
  return sign * (whole + minutes{in.at_end() ? 0 : in.number(2)});
}

}  // namespace

std::optional<DateTime> parse_date_time(std::string_view text) {
  using namespace std::chrono;
  Digits in(text);
  const int y = in.number(4);
  in.expect('-');
  const int mo = in.number(2);
  in.expect('-');
  const int d = in.number(2);
  if (!in.skip('T')) in.expect(' ');
  const int h = in.number(2);
  in.expect(':');
  const int mi = in.number(2);
  in.expect(':');
  const int s = in.number(2);
  const nanoseconds fraction{in.fraction_ns()};
  const std::optional<minutes> offset = zone(in);
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  // The clock counts nanoseconds from 1970 in 64 bits, which end in 2262.
  if (!in.ok() || !in.at_end() || !date.ok() || y < 1970 || y > 2200 || h > 23 || mi > 59 || s > 60) {
    return std::nullopt;
  }
  const Duration local = sys_days{date}.time_since_epoch() + hours{h} + minutes{mi} + seconds{s} + fraction;
  return DateTime{local - offset.value_or(minutes{0}), offset.has_value()};
}

}  // namespace blis
