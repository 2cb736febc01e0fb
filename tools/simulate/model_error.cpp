#include "tools/simulate/model_error.h"

#include <algorithm>

namespace blis {
namespace {

constexpr double kMost = 0.99;

}  // namespace

std::optional<double> model_error(const Accuracy& accuracy, std::string_view figure) {
  const auto band = std::ranges::find(accuracy.bands, scored_as(figure), &ScoredBand::metric);
  if (band == accuracy.bands.end()) return std::nullopt;
  return std::min(band->p90_pct / 100, kMost);
}

}  // namespace blis
