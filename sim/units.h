// Quantities that must not be mixed are types: adding tokens to blocks, or dividing bytes by a
// FLOP rate, does not compile.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace blis {

// A number with a unit. Arithmetic stays within the unit; scaling by a plain number is allowed.
template <class Tag, class Rep>
struct Quantity {
  Rep value{};

  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep v) : value(v) {}

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.value + b.value}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.value - b.value}; }
  friend constexpr Quantity operator*(Quantity a, Rep k) { return Quantity{a.value * k}; }
  friend constexpr Quantity operator*(Rep k, Quantity a) { return Quantity{k * a.value}; }
  friend constexpr Quantity operator/(Quantity a, Rep k) { return Quantity{a.value / k}; }
  friend constexpr Rep operator/(Quantity a, Quantity b) { return a.value / b.value; }
  constexpr Quantity& operator+=(Quantity b) { return value += b.value, *this; }
  constexpr Quantity& operator-=(Quantity b) { return value -= b.value, *this; }
};

using Tokens = Quantity<struct TokensTag, std::int64_t>;
using Blocks = Quantity<struct BlocksTag, std::int64_t>;
using Bytes = Quantity<struct BytesTag, double>;
using Flops = Quantity<struct FlopsTag, double>;
using BytesPerSecond = Quantity<struct BytesPerSecondTag, double>;
using FlopsPerSecond = Quantity<struct FlopsPerSecondTag, double>;

// What latency models answer. The clock itself counts whole nanoseconds, so that runs are
// byte-equal; `to_duration` is the only crossing.
using Seconds = std::chrono::duration<double>;
using Duration = std::chrono::nanoseconds;

struct SimClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SimClock, duration>;
  static constexpr bool is_steady = true;
};
using Time = SimClock::time_point;

constexpr Time kNever{Duration::max()};
// Nothing happens later: sums of moments and of what steps take stay within 64 bits.
constexpr Time kLastTime{Duration{std::int64_t{1} << 61}};
constexpr Duration kLongestStep{std::int64_t{1} << 50};  // 13 days
// A moment that has not come: the stamp of an event that did not happen to a request.
constexpr Time kUnset{Duration{-1}};

constexpr Seconds operator/(Flops work, FlopsPerSecond peak) {
  return Seconds{work.value / peak.value};
}
constexpr Seconds operator/(Bytes moved, BytesPerSecond peak) {
  return Seconds{moved.value / peak.value};
}

// Rounds half away from zero, like the seed's microseconds. What does not fit is the largest that does.
constexpr Duration to_duration(Seconds s) {
  const double ns = s.count() * 1e9;
  if (!(ns < 0x1p62)) return Duration{std::int64_t{1} << 62};
  if (ns < -0x1p62) return -Duration{std::int64_t{1} << 62};
  return Duration{static_cast<Duration::rep>(ns + (ns < 0 ? -0.5 : 0.5))};
}
constexpr Duration since_start(Time t) {
  return t.time_since_epoch();
}
constexpr double to_ms(Duration d) {
  return static_cast<double>(d.count()) / 1e6;
}

}  // namespace blis
