// Scheduler::update(): the scheduler specification's section 9, applying a step's output.
#include <algorithm>

#include "sim/vllm/scheduler.h"
#include "sim/vllm/stop_rule.h"

namespace blis {

void Scheduler::update(Decision& decision, StepOutput& output, StepIndex distance) {
  recycle();
  output.clear();
  if (!given_up_.empty()) free_given_up(decision.step + 1);
  output.steady = decision.steady;
  output.distance = decision.steady > 0 ? 1 : distance;
  output.tokens = decision.steady;
  std::erase(in_flight_, &decision);
  if (decision.step >= updated_) updated_ = decision.step + 1;
  const bool anyone_ends = list_ending(decision.step);
  for (Grant& grant : decision.grants) {
    if (anyone_ends && alive(grant)) finish_due(requests_[grant.slot].admission, output);
    apply(decision, grant, output);
  }
  if (anyone_ends) finish_due(kNobody, output);
  if (listed_.size() == static_cast<std::size_t>(running_count_)) youngest_cruising_ = 0;
}

void Scheduler::apply(const Decision& decision, const Grant& grant, StepOutput& output) {
  if (!alive(grant)) return;
  Request& r = requests_[grant.slot];
  r.in_flight -= grant.tokens;
  const bool stale = r.stale > 0;  // from before a preemption
  if (stale) r.stale -= grant.tokens;
  if (stale && r.drop_stale) return;

  const bool cruising = r.cruise.member;
  if (cruising && decision.step + 1 == r.cruise.since) {  // by this token it joined: counted from there
    note_token(r, decision.step, output);
    ++output.tokens;
    return;
  }
  int outputs = grant.samples ? 1 + std::min(grant.accepted, grant.drafts) : 0;
  if (grant.outputs >= 0) outputs = grant.outputs;
  if (grant.drafts > 0 && outputs > 0 && !stale) {
    const int rejected = grant.drafts - (outputs - 1);
    if (r.computed > 0) r.computed -= rejected;
    if (r.placeholders > 0) r.placeholders -= rejected;
  }
  if (r.holds_items) release_items(r);

  const RequestStatus before = r.status;
  // Most are not done by any of them.
  const int end = std::min(r.prompt_tokens + r.output_tokens, config_.max_model_len);
  int appended = r.num_tokens + outputs < end ? outputs : 0;
  r.num_tokens += appended;
  while (appended < outputs && r.status == before) {
    ++r.num_tokens;
    ++appended;
    const auto reason =
        stop_reason({.outputs = r.outputs(),
                     .num_tokens = r.num_tokens,
                     .max_tokens = r.max_tokens,
                     .max_model_len = config_.max_model_len,
                     .stop_token = r.outputs() >= r.output_tokens && r.output_tokens < r.max_tokens});
    if (reason)
      r.status =
          *reason == StopReason::stop ? RequestStatus::finished_stopped : RequestStatus::finished_length;
  }
  output.tokens += appended;
  if (appended > 0) note_token(r, decision.step, output);
  if (config_.async_scheduling && outputs > 0 && !stale) {
    r.placeholders -= appended;
    if (before == RequestStatus::running) {
      // Of a member of the cruise, the cursor runs on elsewhere.
      kv_.publish(r.sequence, cruising ? r.num_tokens - 1 : r.computed - r.placeholders);
    }
  }
  if (r.status != before) {
    retire(grant.slot, before);
    output.finished.push_back(grant.slot);
  } else if (config_.num_spec_tokens > 0 && !config_.async_scheduling) {
    // Reaches a preempted request whose step was in flight, too; never one in mid-prefill.
    const int found = grant.next_drafts < 0 ? decision.next_drafts : grant.next_drafts;
    r.drafts = outputs > 0 && !r.is_chunk ? std::min(found, decision.next_drafts) : 0;
  }
}

// Of what it holds in the encoder cache, that which is in the KV cache for good.
void Scheduler::release_items(Request& r) {
  const int settled = r.computed - r.placeholders;
  encoder_.release_until(r.index, r.items, settled);
  r.holds_items = r.items.back().offset + r.items.back().tokens > settled;
}

// Records that `r` produced output in `step`.
void Scheduler::note_token(Request& r, StepIndex step, StepOutput& output) {
  const StepIndex distance = step - r.tokens.last;
  if (r.tokens.first == kNoStep) {
    r.tokens.first = step;
    output.first_tokens.push_back(static_cast<RequestSlot>(&r - requests_.data()));
  } else if (distance <= static_cast<StepIndex>(regular_distance()) &&
             (output.distance == 0 || output.distance == distance)) {
    ++output.steady;
    output.distance = distance;
  } else {
    output.broken.push_back({r.index, r.tokens, step});
    r.tokens.first = step;
  }
  r.tokens.last = step;
}

// Members of the cruise whose last token this step generated.
bool Scheduler::list_ending(StepIndex step) {
  if (cruise_.first_due(step) == kNoSlot) return false;
  ended_ = 0;
  ending_.clear();
  cruise_.take_due(
      step, [this](RequestSlot s) -> CruiseState& { return requests_[s].cruise; }, ending_);
  if (ending_.size() > 1) {
    std::ranges::sort(ending_, {}, [this](RequestSlot s) { return requests_[s].admission; });
  }
  return !ending_.empty();
}

// They end in turn with those that do not cruise.
void Scheduler::finish_due(std::uint64_t before_admission, StepOutput& output) {
  for (; ended_ < ending_.size() && requests_[ending_[ended_]].admission < before_admission; ++ended_) {
    const RequestSlot slot = ending_[ended_];
    Request& r = requests_[slot];
    if (!r.cruise.left) {
      leave_cruise(r);
      // Nobody saw it stop, so a position in flight is wasted.
      if (r.cruise.stops_unseen) {
        for (Decision* later : in_flight_) --later->steady;
      }
    }
    settle(r);
    if (r.output_content != kPrivateContent) std::erase(shared_outputs_, slot);
    r.status = r.cruise.stops_unseen ? RequestStatus::finished_stopped : RequestStatus::finished_length;
    retire(slot, RequestStatus::running);
    output.finished.push_back(slot);
  }
}

}  // namespace blis
