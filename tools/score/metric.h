// The figures that a measured run and its simulation are compared by.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace blis {

enum class Metric : std::uint8_t {
  ttft_mean,
  ttft_p50,
  ttft_p90,
  ttft_p99,
  e2e_mean,
  e2e_p90,
  e2e_p99,
  tpot_mean,  // of (E2E - TTFT) / (output tokens - 1)
  output_throughput,
};
constexpr std::array<std::string_view, 9> kMetricNames{"ttft_mean", "ttft_p50",  "ttft_p90",
                                                       "ttft_p99",  "e2e_mean",  "e2e_p90",
                                                       "e2e_p99",   "tpot_mean", "output_throughput"};
constexpr std::size_t kMetrics = kMetricNames.size();
constexpr std::string_view name_of(Metric m) {
  return kMetricNames[static_cast<std::size_t>(m)];
}

// Latencies in milliseconds, throughput in tokens a second. NaN: not known.
struct MetricValues {
  std::array<double, kMetrics> values;
  MetricValues() { values.fill(std::numeric_limits<double>::quiet_NaN()); }
  double& operator[](Metric m) { return values[static_cast<std::size_t>(m)]; }
  double operator[](Metric m) const { return values[static_cast<std::size_t>(m)]; }
};

// Which figures are known to be doubtful: scored apart, and nothing is fitted to them.
struct MetricMarks {
  std::array<bool, kMetrics> marked{};
  bool operator[](Metric m) const { return marked[static_cast<std::size_t>(m)]; }
  friend bool operator==(const MetricMarks&, const MetricMarks&) = default;
};

// (predicted - measured) / measured in percent; NaN where either is unknown or nothing was measured.
inline double signed_error_pct(double predicted, double measured) {
  if (!(measured > 0)) return std::numeric_limits<double>::quiet_NaN();
  return 100 * (predicted - measured) / measured;
}

}  // namespace blis
