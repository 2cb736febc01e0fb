// What becomes of the steps of a long run: they are read by all who sum them up, and forgotten.
#include <algorithm>
#include <string>

#include "blis/error.hpp"
#include "sim/vllm/engine.h"

namespace blis {
namespace {

// Steps that can be numbered, less what one look at the log lets pass.
constexpr std::size_t kMaxSteps = std::size_t{kNoStep} - (std::size_t{1} << 24);

}  // namespace

void Engine::fold() {
  if (result_.steps.size() > kMaxSteps) {
    throw InputError(ErrorKind::infeasible,
                     Problem{.message = "an engine takes more steps than can be counted",
                             .expected = "at most " + std::to_string(kMaxSteps) + " steps",
                             .hint = "replay the workload in parts"});
  }
  const StepIndex until = first_step_needed();
  if (!folding_.readers.empty() && until > folded_) {
    const StepPiece piece{.number = index_,
                          .engine = result_,
                          .first = folded_,
                          .end = until,
                          .requests = records_,
                          .with_tokens = with_tokens_};
    for (StepReader* const reader : folding_.readers) reader->read(piece);
    folded_ = until;
    std::erase_if(with_tokens_, [&](RequestIndex i) { return records_[i].tokens.last < until; });
    // The next gap between tokens begins so many steps earlier.
    const auto distance = static_cast<StepIndex>(result_.regular_distance);
    result_.steps.forget_before(std::min(until - std::min(until, distance), first_step_scraped()));
  }
  // What is needed still is not looked at again before there is much more.
  fold_at_ = std::max(folding_.keep, result_.steps.kept() + folding_.keep / 2);
}

// The first in which a request that has not ended got a token.
StepIndex Engine::first_step_needed() const {
  auto needed = static_cast<StepIndex>(result_.steps.size());
  for (const Scheduler& rank : ranks_) {
    for (const auto& list : {rank.running_list(), rank.waiting_list(), rank.skipped_list()}) {
      for (const RequestSlot slot : list) {
        needed = std::min(needed, rank[slot].tokens.first);
        for_each_token_interval(result_, records_[rank[slot].index],
                                [&](StepIndex first, StepIndex) { needed = std::min(needed, first); });
      }
    }
  }
  return needed;
}

// The last that ended before all that a scraper may ask about, or the first that is kept.
StepIndex Engine::first_step_scraped() const {
  std::size_t step = result_.steps.size();
  while (step > result_.steps.first_kept() && result_.steps[step - 1].end + kScraped > now_) --step;
  return static_cast<StepIndex>(std::max(step, result_.steps.first_kept() + 1) - 1);
}

}  // namespace blis
