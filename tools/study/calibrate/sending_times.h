// When the requests of a benchmark were sent whose file does not say it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace blis {

struct SendingPlan {
  std::optional<double> request_rate;  // requests a second; nothing: all at once
  double burstiness = 1;               // shape of the gaps, as vLLM's flag
  std::optional<std::int64_t> max_concurrency;
};

// Seconds from the first, one for each of `latency_s`, which is how long each request took, in the order of
// sending. Arrivals are drawn with a fixed seed, as the tool drew them from one of its own; with a limit of
// concurrency a request waits until one before it has ended, which the latencies tell exactly.
std::vector<double> sending_times(const SendingPlan& plan, const std::vector<double>& latency_s);

}  // namespace blis
