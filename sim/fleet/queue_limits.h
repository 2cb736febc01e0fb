// How much may be queued behind one API server before it refuses more, with 503: vLLM's admission control
// (vllm#49445, first release 0.29).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/large_vector.h"
#include "sim/request.h"

namespace blis {

struct QueueLimits {
  std::optional<std::int64_t> requests;  // max_num_queued_reqs: unanswered ones, running or waiting
  std::optional<std::int64_t> tokens;    // max_num_queued_tokens: of prompts without a first token

  bool any() const { return requests || tokens; }
};

// What is queued behind the server. As vLLM counts: the request at hand must fit among the requests, but may
// be the one that exceeds the tokens.
class QueuedRequests {
 public:
  explicit QueuedRequests(const QueueLimits& limits) : limits_(limits) {}

  // Whether a request that comes at `at` is refused. Instances have run up to `at`; `records` are theirs.
  bool refuses(Time at, const LargeVector<RequestRecord>& records) {
    if (limits_.requests && requests_ >= *limits_.requests) return true;
    return limits_.tokens && prompt_tokens(at, records) >= *limits_.tokens;
  }

  void enter(RequestIndex index) {
    ++requests_;
    if (limits_.tokens) without_token_.push_back(index);
  }
  // Answered, or given up by its client.
  void leave() { --requests_; }

 private:
  std::int64_t prompt_tokens(Time at, const LargeVector<RequestRecord>& records) {
    std::erase_if(without_token_, [&](RequestIndex index) {
      const RequestRecord& r = records[index];
      const bool has_token = r.first_token != kUnset && r.first_token <= at;
      return has_token || r.ended != kUnset;
    });
    std::int64_t tokens = 0;
    for (const RequestIndex index : without_token_) tokens += records[index].input_tokens;
    return tokens;
  }

  QueueLimits limits_;
  std::int64_t requests_ = 0;
  std::vector<RequestIndex> without_token_;  // those that had none when last looked at, and newer ones
};

}  // namespace blis
