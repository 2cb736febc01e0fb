// The HTTP server in front of an instance: what lies between a client's send and the engine's input queue.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/fleet/queue_limits.h"
#include "sim/units.h"

namespace blis {

struct ApiServerConfig {
  Duration latency{0};       // of every request: HTTP
  Duration per_token{0};     // more for each token of its prompt: tokenizer
  Duration per_sequence{0};  // more for each request that the server is streaming tokens to then
  QueueLimits limits{};
};

// A single thread: it streams to the requests in the batch before it gets to a new one, and what is sent
// later is never seen earlier.
class ApiServer {
 public:
  ApiServer(const ApiServerConfig& config, std::int64_t max_streams)
      : config_(config), max_streams_(max_streams) {}

  // When the engine sees a request of `prompt_tokens` that is sent at `sent`, while `others` are unanswered.
  Time pass(Time sent, std::int64_t prompt_tokens, std::int64_t others) {
    const std::int64_t streams = std::min(others, max_streams_);
    last_ = std::max(
        last_, sent + config_.latency + config_.per_token * prompt_tokens + config_.per_sequence * streams);
    return last_;
  }

 private:
  ApiServerConfig config_;
  std::int64_t max_streams_;  // as many sequences as the engine's batch holds
  Time last_{};
};

}  // namespace blis
