// Sees whether a trace's clock is coarser than its traffic: then replaying the stamps as they are
// makes bursts that never were.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "sim/units.h"

namespace blis {

class StampResolution {
 public:
  // Stamps in order.
  void add(Duration stamp) {
    if (rows_++ > 0) {
      if (stamp == last_) {
        ++repeated_;
      } else {
        smallest_step_ = std::min(smallest_step_, stamp - last_);
      }
    }
    last_ = stamp;
  }

  // The clock's step to two digits; nothing if most rows have a stamp of their own.
  std::optional<double> coarse_step_ms() const {
    constexpr std::int64_t kEnoughRows = 50;
    if (rows_ < kEnoughRows || 2 * repeated_ < rows_ || smallest_step_ == Duration::max())
      return std::nullopt;
    const double step_ms = to_ms(smallest_step_);
    const double unit = std::pow(10.0, std::floor(std::log10(step_ms)) - 1);
    return std::round(step_ms / unit) * unit;
  }

  std::optional<std::string> warning() const {
    const std::optional<double> step_ms = coarse_step_ms();
    if (!step_ms) return std::nullopt;
    return fmt::format(
        "{:.0f} % of the rows have the time stamp of the row before, and stamps are at least {:g} ms apart: "
        "the "
        "trace's clock is coarse and its rows are replayed in bursts; `dither_ms: {:g}` spreads them",
        100.0 * static_cast<double>(repeated_) / static_cast<double>(rows_), to_ms(smallest_step_), *step_ms);
  }

 private:
  std::int64_t rows_ = 0;
  std::int64_t repeated_ = 0;
  Duration last_{};
  Duration smallest_step_ = Duration::max();
};

}  // namespace blis
