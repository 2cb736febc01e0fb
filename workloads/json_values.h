// Values of JSON as the readers of lines and of whole documents take them. Includes simdjson, so for reader
// sources only.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/units.h"

namespace blis {

// An integer, also one that is written as "12.0"; nothing for any other value.
std::optional<std::int64_t> whole_number(simdjson::dom::element value);

// A number of `unit`s, at least 0, within the clock's 64 bits of nanoseconds; nothing for any other value.
std::optional<Duration> duration_of(simdjson::dom::element value, Duration unit);

// Where `text`, which simdjson has refused, stops being JSON, in bytes; 0 where nobody knows.
std::size_t error_offset(std::string_view text);

// How a value reads, shortened, for messages.
std::string shown(simdjson::dom::element value);

}  // namespace blis
