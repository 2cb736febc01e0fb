// From what a workload is (a value) to where its requests come from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/request_source.h"
#include "workloads/workload_spec.h"

namespace blis {

class TraceStore;

// A request source that can tell what the user should know about the traffic.
class WorkloadSource : public RequestSource {
 public:
  // Sentences without a full stop, for stderr and the result. Complete once `next` has returned
  // false for good.
  virtual std::vector<std::string> warnings() const { return {}; }
};

// Opens files and checks values; throws InputError: io for a file, usage for a value out of range,
// its place then being the path of the key, as in `workload.clients[1].arrival.request_rate`. A `store`,
// which must outlive the source, shares the rows of traces with other runs.
std::unique_ptr<WorkloadSource> open_workload(const WorkloadSpec& spec, TraceStore* store = nullptr);

// How many requests a workload has at least, as far as it says: of a generator's sessions their first turns.
std::optional<double> foreseen_requests(const WorkloadSpec& spec);

}  // namespace blis
