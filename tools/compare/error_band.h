// How far the latency model itself may be off: the one place where its measured errors enter a verdict.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace blis {

// The truth lies within [value * (1 - below), value * (1 + above)], as far as measured runs tell.
struct ErrorBand {
  double below = 0;
  double above = 0;
  std::string source;  // for people: "median error of 38 measured runs"
};

// The band of a figure of the result (`p99_ttft_ms`), simulated on `gpu` (its key in hardware_config.json)
// by `latency_model`. Nothing if nobody measured it; verdicts then rest on the spread over seeds alone.
std::optional<ErrorBand> error_band(std::string_view figure, std::string_view gpu,
                                    std::string_view latency_model);

}  // namespace blis
