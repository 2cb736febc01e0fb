// Where a sequence leaves blocks behind as it grows, what it holds does not follow from its length alone, and
// the KV cache must hear of it. That is only at certain places within a block, so members of the cruise are
// kept by the step, modulo the block, in which they begin one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/vllm/cruise.h"

namespace blis {

class CruiseVisits {
 public:
  struct Visit {
    std::uint64_t admission;  // members are visited in this order
    RequestSlot slot;
  };

  // `places`: tokens into a block, before a step, at which that step's token changes something.
  CruiseVisits(int block_size, std::vector<int> places)
      : places_(std::move(places)), members_(static_cast<std::size_t>(block_size)) {}

  void join(Visit visit, const CruiseState& state) {
    std::vector<Visit>& list = members_[begins(state)];
    list.insert(std::ranges::upper_bound(list, visit.admission, {}, &Visit::admission), visit);
  }
  void leave(std::uint64_t admission, const CruiseState& state) {
    std::vector<Visit>& list = members_[begins(state)];
    list.erase(std::ranges::lower_bound(list, admission, {}, &Visit::admission));
  }
  void clear() {
    for (std::vector<Visit>& list : members_) list.clear();
  }

  // Those to visit in step `now`, in order. Valid until somebody joins or leaves.
  std::span<const Visit> due(StepIndex now) {
    if (places_.size() == 1) return beginning(now, places_.front());
    due_.clear();
    for (const int place : places_) {
      const std::vector<Visit>& list = beginning(now, place);
      due_.insert(due_.end(), list.begin(), list.end());
    }
    std::ranges::sort(due_, {}, &Visit::admission);
    return due_;
  }

 private:
  std::size_t begins(const CruiseState& state) const {
    const auto into_block = static_cast<StepIndex>(state.computed) % members_.size();
    return (state.since + members_.size() - into_block) % members_.size();
  }

  // Who began a block so many steps ago.
  const std::vector<Visit>& beginning(StepIndex now, int place) const {
    return members_[(now + members_.size() - static_cast<std::size_t>(place)) % members_.size()];
  }

  std::vector<int> places_;
  std::vector<std::vector<Visit>> members_;  // by step modulo block size
  std::vector<Visit> due_;
};

}  // namespace blis
