#include "tools/simulate/step_histogram.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// From 10 us on, ten buckets for each factor of ten.
constexpr double kFirstUpperMs = 0.01;
constexpr std::size_t kBuckets = 81;

}  // namespace

StepHistogram::StepHistogram() : decode_only(kBuckets), mixed(kBuckets), prefill_only(kBuckets) {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const double upper = kFirstUpperMs * std::pow(10, static_cast<double>(i) / 10);
    upper_ms.push_back(std::round(upper * 1e4) / 1e4);
  }
}

void StepHistogram::add(const StepRecord& step) {
  const auto upper = std::ranges::lower_bound(upper_ms, to_ms(step.end - step.start));
  const auto bucket = std::min(static_cast<std::size_t>(upper - upper_ms.begin()), kBuckets - 1);
  auto& counts = step.prefills == 0 ? decode_only : step.decodes == 0 ? prefill_only : mixed;
  ++counts[bucket];
}

}  // namespace blis
