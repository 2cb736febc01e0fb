// The answered requests of a result folder, as they are explained.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/attribution.h"
#include "sim/metrics.h"

namespace blis {

// One row that was answered in full; the others have no latency to explain.
struct ResultRequest {
  std::int64_t id = 0;
  std::int64_t replica = 0;
  Duration arrival{0};  // since the start of the simulation
  Duration ttft{0}, e2el{0};
  std::int64_t input_tokens = 0, output_tokens = 0, hit_tokens = 0, preemptions = 0;
  Attribution parts;
  bool warmup = false;  // in no statistic

  // Between tokens, per token; 0 of a single token.
  Duration tpot() const { return output_tokens > 1 ? blis::tpot(e2el - ttft, output_tokens) : Duration{0}; }
};

// In the order of the file. `warmup` is that of the scenario. Throws InputError (io) like
// read_requests_csv().
std::vector<ResultRequest> read_result_requests(const std::string& folder, const MetricsOptions& warmup);

}  // namespace blis
