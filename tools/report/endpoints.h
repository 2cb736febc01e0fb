// What each endpoint of a run was sent, where data-parallel ranks are, or the nodes that they lie on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/output/json_writer.h"
#include "tools/simulate/report.h"

namespace blis {

// Of requests past the warm-up.
struct EndpointFigures {
  std::string pool;                      // empty: there is but one
  EngineIndex replica = 0;               // whose endpoint it is
  RankIndex rank = 0;                    // which of its data-parallel ranks, or the first of several
  std::int32_t ranks = 1;                // so many
  std::int64_t requests = 0;             // that were sent there
  std::int64_t completed = 0;            // of them, those with a full answer
  std::int64_t total_input_tokens = 0;   // of those
  std::int64_t total_output_tokens = 0;  // likewise
  std::int64_t total_hit_tokens = 0;     // likewise: of their prompts, found in the prefix cache
};

// Whether some replica has several endpoints.
bool has_endpoints(const RunResult& run);

// By replica and rank, of replicas with several endpoints; empty where there are none.
std::vector<EndpointFigures> endpoint_figures(const RunReport& report);

// Member `endpoints`; nothing where there are none.
void write_endpoints(JsonWriter& json, const RunReport& report);

}  // namespace blis
