#include "tools/study/compare/model_error.h"

#include <algorithm>

namespace blis {
namespace {

struct Scored {
  std::string_view figure, metric;
};
// Of statistics that are not scored, the next one further out in the tail.
constexpr Scored kScored[] = {
    {"mean_ttft_ms", "ttft_mean"},  {"median_ttft_ms", "ttft_mean"}, {"p90_ttft_ms", "ttft_p90"},
    {"p95_ttft_ms", "ttft_p99"},    {"p99_ttft_ms", "ttft_p99"},     {"mean_e2el_ms", "e2e_mean"},
    {"median_e2el_ms", "e2e_mean"}, {"p90_e2el_ms", "e2e_p90"},      {"p95_e2el_ms", "e2e_p99"},
    {"p99_e2el_ms", "e2e_p99"},     {"mean_tpot_ms", "tpot_mean"},   {"median_tpot_ms", "tpot_mean"},
    {"p90_tpot_ms", "tpot_mean"},   {"p95_tpot_ms", "tpot_mean"},    {"p99_tpot_ms", "tpot_mean"},
    {"mean_itl_ms", "tpot_mean"},   {"median_itl_ms", "tpot_mean"},
};
constexpr double kMost = 0.99;

}  // namespace

std::optional<double> model_error(const Accuracy& accuracy, std::string_view figure) {
  const auto scored = std::ranges::find(kScored, figure, &Scored::figure);
  if (scored == std::end(kScored)) return std::nullopt;
  const auto band = std::ranges::find(accuracy.bands, scored->metric, &ScoredBand::metric);
  if (band == accuracy.bands.end()) return std::nullopt;
  return std::min(band->p90_pct / 100, kMost);
}

}  // namespace blis
