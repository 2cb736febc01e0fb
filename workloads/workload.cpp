#include "workloads/workload.h"

#include "workloads/concurrency_limit.h"
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

std::unique_ptr<WorkloadSource> open_workload(const WorkloadSpec& spec, TraceStore* store) {
  if (const auto* trace = std::get_if<TraceSpec>(&spec.kind)) {
    return limited(open_trace_source(*trace, spec.seed, store), trace->max_concurrency);
  }
  const auto& synthetic = std::get<SyntheticSpec>(spec.kind);
  return limited(open_synthetic_source(synthetic, spec.seed), synthetic.max_concurrency);
}

}  // namespace blis
