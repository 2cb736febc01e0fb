// Numbers that people will read.
#pragma once

#include <fmt/format.h>

#include <string>

namespace blis {

// `x` to so many significant digits: the double that such a text reads as.
inline double to_significant_digits(double x, int digits) {
  return std::stod(fmt::format("{:.{}g}", x, digits));
}

}  // namespace blis
