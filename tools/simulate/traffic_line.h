// Traffic in one line for people: where it is from, how many, how fast, how long.
#pragma once

#include <cstdint>
#include <string>

#include "workloads/workload_spec.h"

namespace blis {

struct SentTraffic {
  std::int64_t requests = 0;
  double offered_rate = 0;    // requests a second; not above 0: not known
  std::int64_t answered = 0;  // in full; tokens are of these
  double input_tokens = 0, output_tokens = 0;
};

// "400 requests of chat.csv, offered at 8.13/s; mean 1,147 tokens in, 217 out"
std::string traffic_line(const WorkloadSpec& workload, const SentTraffic& sent);

}  // namespace blis
