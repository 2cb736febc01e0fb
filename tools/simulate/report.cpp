#include "tools/simulate/report.h"

namespace blis {

std::optional<double> usd_per_million_output_tokens(const RunReport& report) {
  const std::optional<double> price = report.scenario.hardware.price_usd_per_gpu_hour;
  if (!price || report.metrics.output_throughput <= 0) return std::nullopt;
  const double usd_per_second = *price * static_cast<double>(report.gpus) / 3600;
  return usd_per_second / report.metrics.output_throughput * 1e6;
}

}  // namespace blis
