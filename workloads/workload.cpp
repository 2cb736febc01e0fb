#include "workloads/workload.h"

#include "workloads/concurrency_limit.h"
#include "workloads/rate_curve.h"
#include "workloads/synthetic_source.h"
#include "workloads/trace_source.h"

namespace blis {

namespace {

std::unique_ptr<WorkloadSource> limited(std::unique_ptr<WorkloadSource> source,
                                        std::optional<std::int64_t> limit) {
  if (!limit) return source;
  return std::make_unique<ConcurrencyLimit>(std::move(source), *limit);
}

}  // namespace

std::optional<double> foreseen_requests(const WorkloadSpec& spec) {
  const auto* const synthetic = std::get_if<SyntheticSpec>(&spec.kind);
  if (synthetic == nullptr) return std::nullopt;
  if (synthetic->num_requests) return static_cast<double>(*synthetic->num_requests);
  return requests_in(*synthetic, synthetic->duration_s.value_or(0));
}

std::unique_ptr<WorkloadSource> open_workload(const WorkloadSpec& spec, TraceStore* store) {
  if (const auto* trace = std::get_if<TraceSpec>(&spec.kind)) {
    return limited(open_trace_source(*trace, spec.seed, store), trace->max_concurrency);
  }
  const auto& synthetic = std::get<SyntheticSpec>(spec.kind);
  return limited(open_synthetic_source(synthetic, spec.seed), synthetic.max_concurrency);
}

}  // namespace blis
