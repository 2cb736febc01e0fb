// Numbers as trace files write them: plain decimals, wholly consumed, no locale, nothing guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/units.h"

namespace blis {

// "12", "-3" and, since data-frame libraries write whole columns so, "12.0". Nothing for anything
// else, or beyond 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Any finite decimal number, with or without an exponent.
std::optional<double> parse_real(std::string_view text);

// A decimal number of `unit`s (1 s, 1 ms, 1 us or 1 ns), exact to the nanosecond; further digits are
// rounded half up. Nothing if it is no number or does not fit 64 bits of nanoseconds (292 years).
std::optional<Duration> parse_duration(std::string_view text, Duration unit);

}  // namespace blis
