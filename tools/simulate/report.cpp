#include "tools/simulate/report.h"

namespace blis {

std::optional<double> usd_per_million_output_tokens(const RunReport& report) {
  if (!report.use.usd_per_hour || report.metrics.output_throughput <= 0) return std::nullopt;
  return *report.use.usd_per_hour / 3600 / report.metrics.output_throughput * 1e6;
}

}  // namespace blis
