// Where a sequence leaves blocks behind as it grows, what it holds does not follow from its length alone, and
// the KV cache must hear of it. That is only at certain places within a block, so members of the cruise are
// kept by the step, modulo the block, in which they begin one.
#pragma once

#include <algorithm>
#include <cstdint>
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

  // `places`: tokens into a block, before a step, at which that step's token changes something. None: nobody
  // is visited.
  CruiseVisits(int block_size, std::vector<int> places)
      : places_(std::move(places)), members_(static_cast<std::size_t>(block_size)) {}

  bool none() const { return places_.empty(); }

  void join(Visit visit, const CruiseState& state) {
    if (none()) return;
    std::vector<Visit>& list = members_[begins(state)];
    list.insert(std::ranges::upper_bound(list, visit.admission, {}, &Visit::admission), visit);
  }
  void leave(std::uint64_t admission, const CruiseState& state) {
    if (none()) return;
    std::vector<Visit>& list = members_[begins(state)];
    list.erase(std::ranges::lower_bound(list, admission, {}, &Visit::admission));
  }
  void clear() {
    if (none()) return;
    for (std::vector<Visit>& list : members_) list.clear();
  }

  // Those to visit in step `now`, in order.
  void list_due(StepIndex now, std::vector<Visit>& due) const {
    due.clear();
    for (const int place : places_) {
      const std::vector<Visit>& list =
          members_[(now + members_.size() - static_cast<StepIndex>(place)) % members_.size()];
      due.insert(due.end(), list.begin(), list.end());
    }
    if (places_.size() > 1) std::ranges::sort(due, {}, &Visit::admission);
  }

 private:
  std::size_t begins(const CruiseState& state) const {
    const auto into_block = static_cast<StepIndex>(state.computed) % members_.size();
    return (state.since + members_.size() - into_block) % members_.size();
  }

  std::vector<int> places_;
  std::vector<std::vector<Visit>> members_;  // by step modulo block size
};

}  // namespace blis
