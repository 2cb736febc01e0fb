// What llm-d's picker is told of admission and flow control, as a value. Source: llm-d-router,
// apix/config/v1alpha1/endpointpickerconfig_types.go, pkg/epp/flowcontrol/{controller,registry}/config.go.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/units.h"

namespace blis {

// Which endpoints are full, as a saturation detector tells.
struct SaturationRule {
  enum class Kind : std::uint8_t {
    utilization,  // by scraped metrics: queue or KV cache, whichever is fuller; the mean of all endpoints
    concurrency,  // by requests that were sent and not answered, of all endpoints together
  };
  Kind kind = Kind::utilization;
  double queue_depth = 5, kv_usage = 0.8;  // of an endpoint that is full
  Duration stale_after =
      std::chrono::milliseconds{200};  // metrics older than this are those of one that is full
  double concurrency = 100;            // requests of an endpoint that is full
};

// Which flow of a band is next: the one whose first request comes first in the band's order, or each in turn.
enum class Fairness : std::uint8_t { global_strict, round_robin };
// Which request of a flow is first. Earliest deadlines first is the same as first come here: the picker gives
// all requests the same time.
enum class FlowOrder : std::uint8_t { fcfs, slo_deadline };

struct PriorityBand {
  int priority = 0;  // larger is served first
  std::int64_t max_requests = 5000;
  std::int64_t max_bytes = 1'000'000'000;
  Fairness fairness = Fairness::global_strict;
  FlowOrder order = FlowOrder::fcfs;
};

// From which saturation on a band waits: `highest` of the highest band, `lowest` of the lowest.
struct UsageLimit {
  double highest = 1, lowest = 1;
  bool by_rank = true;  // between them by rank; or else by the value of the priorities
};

// How requests wait at the picker.
struct QueueingConfig {
  std::int64_t max_requests = 0, max_bytes = 0;    // of all bands together; 0: no limit
  Duration ttl = std::chrono::seconds{60};         // that a request waits at most; 0: as long as it takes
  std::vector<PriorityBand> bands;                 // that are said; there is always one of priority 0
  PriorityBand other_band{};                       // of priorities that none of them has
  std::optional<PriorityBand> negative_band = {};  // of those below 0
  UsageLimit limit{};
};

struct FlowControlConfig {
  SaturationRule saturated{};
  // Unset: requests do not wait; those with a negative priority are refused while endpoints are saturated.
  std::optional<QueueingConfig> queueing = {};
};

// What a client's requests carry for it: llm-d's InferenceObjective and headers.
struct FlowOfClient {
  int priority = 0;
  std::string fairness_id = "default-flow";
  std::optional<Duration> ttft_slo = {};  // from its arrival at the picker
};

}  // namespace blis
