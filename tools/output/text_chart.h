// Small charts and readable quantities for text output.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace blis {

// Which characters charts are made of.
enum class Glyphs : std::uint8_t { ascii, unicode };

// A bar of `share` (0 to 1) of `width` columns, without trailing spaces. What is above 0 is never empty.
std::string bar(double share, std::size_t width, Glyphs glyphs);

// One column for each value, as high as it is against the largest; `values` at least 0.
std::string sparkline(std::span<const double> values, Glyphs glyphs);

// `text` (UTF-8) filled up with spaces to `width` columns.
std::string padded(std::string text, std::size_t width);

std::string with_separators(std::int64_t number);  // "12,031"
std::string rounded(double number);                // three significant digits: "0.0123", "5.53", "12,035"
std::string readable_seconds(double seconds);      // "250 ms", "34.1 s", "58 min 22 s", "13 d 4 h"
std::string percent(double share);                 // "36.6 %"

}  // namespace blis
