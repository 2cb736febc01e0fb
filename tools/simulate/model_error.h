// How far the latency model may be off at a point: where its measured errors enter a verdict.
#pragma once

#include <optional>
#include <string_view>

#include "tools/simulate/error_band.h"

namespace blis {

// The share of the truth by which nine of ten measured runs like this one were off in this figure of the
// result (`p99_ttft_ms`); below 1. Nothing where none was measured: queue times, single gaps between tokens.
std::optional<double> model_error(const Accuracy& accuracy, std::string_view figure);

}  // namespace blis
