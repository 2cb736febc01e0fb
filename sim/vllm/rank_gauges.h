// What each data-parallel rank of an engine had in its steps, where ranks are scraped one by one: the step
// log has the sums of all.
#pragma once

#include <cstddef>
#include <deque>

#include "sim/instance.h"
#include "sim/request.h"

namespace blis {

class RankGauges {
 public:
  // To be called for every rank in turn, step by step, as the step is scheduled.
  void add(const Gauges& of_rank) { rows_.push_back(of_rank); }

  // Steps before `first`, of `ranks` ranks, will not be asked for again.
  void forget_before(StepIndex first, std::size_t ranks) {
    for (; first_ < first && !rows_.empty(); ++first_) {
      rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(ranks));
    }
  }

  StepIndex first() const { return first_; }
  const Gauges& of(StepIndex step, std::size_t rank, std::size_t ranks) const {
    return rows_[std::size_t{step - first_} * ranks + rank];
  }

 private:
  std::deque<Gauges> rows_;  // of all ranks, step after step
  StepIndex first_ = 0;      // step whose rows are the first
};

}  // namespace blis
