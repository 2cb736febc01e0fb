#include "workloads/log_clock.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "workloads/date_time.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view name, spoken;
  Duration length;
};
constexpr std::array kUnits{Unit{"s", "seconds", 1s}, Unit{"ms", "milliseconds", 1ms},
                            Unit{"us", "microseconds", 1us}, Unit{"ns", "nanoseconds", 1ns}};

std::string_view spoken(Duration length) {
  return std::ranges::find(kUnits, length, &Unit::length)->spoken;
}

// In which unit a number is that counts from 1970 to some year from 1985 to 2128; nothing for other numbers.
std::optional<Duration> unit_by_size(double value) {
  double least = 5e8;
  for (const Unit& unit : kUnits) {
    if (value >= least && value < 10 * least) return unit.length;
    least *= 1000;
  }
  return std::nullopt;
}

constexpr std::string_view kExpected =
    "a date and time (2025-11-03T14:00:00.024Z), or a number since 1970 in s, ms, us or ns";

}  // namespace

std::optional<Duration> unit_named(std::string_view name) {
  const auto found = std::ranges::find(kUnits, name, &Unit::name);
  return found == kUnits.end() ? std::nullopt : std::optional(found->length);
}

std::optional<Duration> unit_of_column(std::string_view name) {
  if (name.ends_with("UnixNano")) return 1ns;
  const std::size_t last = name.rfind('_');
  return last == std::string_view::npos ? std::nullopt : unit_named(name.substr(last + 1));
}

std::optional<Duration> LogClock::read_number(std::string_view text, Complaint& complaint) {
  if (!unit_) {
    const std::optional<double> value = parse_real(text);
    if (!value) {
      complaint = {.message = "this is no time", .expected = std::string(kExpected)};
      return std::nullopt;
    }
    const std::optional<Duration> unit = unit_by_size(*value);
    if (by_size_ && unit != by_size_) {
      complaint = {.message = unit ? fmt::format("by its size this time counts {}, and those above count {}",
                                                 spoken(*unit), spoken(*by_size_))
                                   : fmt::format("this time does not count {} from 1970, as those above do",
                                                 spoken(*by_size_)),
                   .expected = "one unit in all rows"};
      return std::nullopt;
    }
    if (!unit) {
      complaint = {.message = "nothing says in which unit this time is",
                   .expected = "`unit` in `columns`: s, ms, us or ns",
                   .hint = "as in --columns unit=ms"};
      return std::nullopt;
    }
    by_size_ = unit;
  }
  const std::optional<Duration> time = parse_duration(text, unit_.value_or(by_size_.value_or(1s)));
  if (time && time->count() >= 0) return time;
  complaint = {.message = "this is no time", .expected = "a number, at least 0, without a unit"};
  return std::nullopt;
}

std::optional<Duration> LogClock::read(std::string_view text, Complaint& complaint) {
  const std::optional<DateTime> date = parse_date_time(text);
  const Kind kind = !date ? Kind::number : date->has_zone ? Kind::zoned : Kind::local;
  if (kind_ != Kind::unknown && date && kind_ != kind) {
    complaint = {.message = kind_ == Kind::number  ? "this time is a date, and those above are numbers"
                            : kind_ == Kind::zoned ? "this time has no zone, and those above have one"
                                                   : "this time has a zone, and those above have none",
                 .expected = "times that are all written in one way"};
    return std::nullopt;
  }
  if (!date && (kind_ == Kind::local || kind_ == Kind::zoned)) {
    complaint = {.message = "this is no time", .expected = "a date and time, as in the rows above"};
    return std::nullopt;
  }
  const std::optional<Duration> time = date ? date->since_1970 : read_number(text, complaint);
  if (time) kind_ = kind;
  return time;
}

std::string LogClock::assumption() const {
  return by_size_ ? fmt::format("{} since 1970, by their size", spoken(*by_size_)) : std::string();
}

}  // namespace blis
