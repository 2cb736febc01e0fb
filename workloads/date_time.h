// Dates with times of day, as traces and logs write them.
#pragma once

#include <optional>
#include <string_view>

#include "sim/units.h"

namespace blis {

struct DateTime {
  Duration since_1970;  // UTC; where the text has no zone, as if it were that
  bool has_zone = false;
};

// "2023-11-16 18:17:03.9799600", "2024-05-10T00:00:00,5+02:00", "... Z", "... UTC": a `T` or a blank between
// date and time, up to nine digits behind the second. Nothing for what is no such text, and for years before
// 1970 or after 2200.
std::optional<DateTime> parse_date_time(std::string_view text);

}  // namespace blis
