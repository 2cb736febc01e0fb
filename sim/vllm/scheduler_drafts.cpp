// Scheduler's side of steps in which all that runs verifies drafts (draft_run.h).
#include <algorithm>

#include "sim/vllm/scheduler.h"

namespace blis {

// What a sequence needs must follow from its length alone, and each of its steps must go on from the last
// one.
bool Scheduler::runs_drafts() const {
  return options_.run_ahead && may_cruise_ && config_.num_spec_tokens > 0 && kv_.uniform() &&
         config_.batch_queue_size == 1 + steps_in_flight() && config_.decode_interval == 1 &&
         connector_ == nullptr && !adapters_.limited();
}

// Whether a sequence does in each step what the others do, the one in flight included.
bool Scheduler::only_verifies(const Request& r, int drafts) const {
  const int flying = config_.async_scheduling ? 1 + drafts : 0;
  return r.stale == 0 && r.items.empty() && r.drafts == drafts && r.in_flight == flying &&
         r.placeholders == flying && r.computed == r.num_tokens - 1 + flying && r.tokens.first != kNoStep &&
         r.tokens.last + 1 == updated_;
}

bool Scheduler::begin_draft_run(Decision* flying, bool short_of_blocks) {
  if (!runs_drafts_ || listed_.empty() ||
      scheduled_ - updated_ != static_cast<StepIndex>(steps_in_flight())) {
    return false;
  }
  recycle();
  const auto count = static_cast<int>(listed_.size());
  const int drafts = drafts_after(listed_.size());
  const int limit = config_.long_prefill_token_threshold;
  StepBudget budget(config_);
  budget.take_of_each(count, 1 + drafts);
  if (!budget.holds() || (limit > 0 && limit <= drafts)) return false;

  // As admit_waiting() would see it: nobody can come, or the one refused stays so.
  refuses_head_ = waiting() > 0 && running_count_ < config_.max_num_seqs && budget.left() > 0;
  if (refuses_head_ != short_of_blocks) return false;
  if (refuses_head_) {
    const Request& head = requests_[next_queue().front().slot];
    const auto is_findable = [this](RequestSlot s) { return requests_[s].output_content != kPrivateContent; };
    if (head.index != refusal_.request || head.stale > 0 || kv_.epoch() != refusal_.epoch ||
        budget.left() < refusal_.budget || std::ranges::any_of(listed_, is_findable)) {
      return false;
    }
  }

  if (flying != nullptr) {
    std::erase_if(flying->grants, [this](const Grant& g) { return !alive(g); });
    if (flying->grants.size() != listed_.size()) return false;
  }
  draft_run_.begin(drafts, flying != nullptr, config_.spec_lookahead, config_.block_size);
  // Where the model's longest sequence cuts steps short, they are taken one by one.
  const int longest = config_.max_model_len - 2 * (1 + drafts) - config_.spec_lookahead;
  for (std::size_t i = 0; i < listed_.size(); ++i) {
    const Request& r = requests_[listed_[i]];
    const Grant* const grant = flying != nullptr ? &flying->grants[i] : nullptr;
    if (!only_verifies(r, drafts) || (grant != nullptr && (grant->slot != listed_[i] || !grant->samples))) {
      return false;
    }
    draft_run_.add({.known = r.num_tokens,
                    .end = std::min(r.prompt_tokens + r.output_tokens, longest),
                    .accepted = grant != nullptr ? grant->accepted : 0,
                    .held = kv_.held_blocks(r.sequence)});
  }
  return draft_step_fits();
}

bool Scheduler::draft_step_fits() const {
  return !draft_run_.may_end() && draft_run_.blocks_needed() <= kv_.free_blocks() &&
         (!refuses_head_ || kv_.epoch() == refusal_.epoch);
}

void Scheduler::end_draft_run(Decision* flying) {
  const bool async = flying != nullptr;
  const std::vector<DraftRun::Member>& members = draft_run_.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const DraftRun::Member& m = members[i];
    Request& r = requests_[listed_[i]];
    r.computed += m.known - r.num_tokens;
    r.num_tokens = m.known;
    r.tokens.last = updated_ - 1;
    kv_.settle(r.sequence, m.held, async ? m.known - 1 : m.planned);
    if (!async) continue;
    r.sampled_until = scheduled_;
    flying->grants[i].context = draft_run_.context_of(m.planned);
    flying->grants[i].accepted = m.accepted;
  }
  if (!async) return;
  flying->step = flying->after = scheduled_ - 1;
  flying->admitted.clear();
  flying->preempted.clear();
  flying->hits.clear();
  flying->resumed = 0;
}

}  // namespace blis
