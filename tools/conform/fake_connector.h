// A source of KV elsewhere that never surprises: the one that vectors were recorded with.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "sim/vllm/scheduler.h"
#include "tools/conform/scheduler_under_test.h"

namespace blis::conform {

// Tokens that are found elsewhere beyond `local` ones. At once: whole blocks, and never the last known token.
// By a load: any number of the prompt's, but not again after a preemption.
inline int tokens_elsewhere(const NewRequest& r, int block_size, int known, int local, bool preempted) {
  const int all = r.remote_async ? std::min(r.remote_tokens, preempted ? 0 : r.prompt_tokens())
                                 : std::min(r.remote_tokens, known - 1) / block_size * block_size;
  return std::max(all - local, 0);
}

class FakeConnector final : public KvConnector {
 public:
  explicit FakeConnector(int block_size) : block_size_(block_size) {}

  void know(const NewRequest& request) { requests_[request.order] = request; }

  std::optional<Match> match(const Request& r, std::int32_t local) override {
    const NewRequest& known = requests_.at(r.index);
    const int tokens = tokens_elsewhere(known, block_size_, r.num_tokens, local, r.preemptions > 0);
    return Match{tokens, known.remote_async && tokens > 0};
  }
  void allocated(const Request& r, const Match& match) override {
    if (match.async) loads_.push_back({r.index, step_ + requests_.at(r.index).remote_load_steps});
  }
  bool keeps_blocks(const Request&) override { return false; }

  // The requests whose loads have ended before the schedule() call of this step.
  std::vector<RequestIndex> at_step(int step) {
    step_ = step;
    std::vector<RequestIndex> ended;
    std::erase_if(loads_, [&](const Load& load) {
      if (load.ends > step_) return false;
      ended.push_back(load.request);
      return true;
    });
    return ended;
  }

 private:
  struct Load {
    RequestIndex request;
    int ends;
  };
  int block_size_;
  int step_ = 0;
  std::map<RequestIndex, NewRequest> requests_;
  std::vector<Load> loads_;
};

}  // namespace blis::conform
