// Scheduler's side of the cruise: who joins, when it can go on, and how to leave it in order.
#include <algorithm>
#include <cassert>

#include "sim/vllm/scheduler.h"

namespace blis {

// Whether a sequence that only decodes can be left to the cruise at all: what it needs must follow
// from its length alone, and each of its steps must give one token.
bool Scheduler::cruise_allowed() const {
  const bool one_step_a_token =
      config_.async_scheduling ? config_.batch_queue_size == 2 : config_.batch_queue_size == 1;
  return options_.run_ahead && may_cruise_ && one_step_a_token && config_.decode_interval == 1 &&
         config_.num_spec_tokens == 0 && (kv_.uniform() || kv_.periodic());
}

// Under asynchronous scheduling, members leave when the step that generates their last token has been
// scheduled: the scheduler sees a length stop coming while that token is in flight.
void Scheduler::leave_due() {
  if (!config_.async_scheduling) return;
  for (; left_until_ < scheduled_; ++left_until_) {
    for (RequestSlot s = cruise_.first_due(left_until_); s != kNoSlot; s = requests_[s].cruise.next_due) {
      CruiseState& state = requests_[s].cruise;
      if (state.due != left_until_ || state.left || state.stops_unseen) continue;
      leave_cruise(requests_[s]);
      state.left = true;
    }
  }
}

void Scheduler::leave_cruise(Request& r) {
  cruise_.leave(r.cruise, scheduled_);
  if (visits_members_) visits_.leave(r.admission, r.cruise);
  if (adapters_.limited()) adapters_.leave_all_steps(r.adapter);
}

int Scheduler::quiet_steps() {
  recycle();
  leave_due();
  // A step is not quiet while a member that has left is in flight, or a step in flight still counts it.
  if (cruise_.empty() || cruise_.size() != running_count_ || !nobody_can_be_admitted()) return 0;
  if (in_flight_.size() != scheduled_ - updated_) return 0;
  for (const Decision* decision : in_flight_) {
    if (!decision->grants.empty() || decision->cruising != cruise_.size()) return 0;
  }
  const int steps = cruise_.steps_without_due(updated_) - static_cast<int>(scheduled_ - updated_);
  // What a window leaves behind in a step may be what somebody waits for, who is admitted in that very step.
  const bool may_unblock = visits_members_ && waiting() > 0 && running_count_ < config_.max_num_seqs;
  if (!may_unblock) return steps;
  return visits_.due(scheduled_).empty() ? std::min(steps, 1) : 0;
}

bool Scheduler::nobody_can_be_admitted() {
  if (waiting() == 0 || running_count_ >= config_.max_num_seqs) return true;
  const Request& head = requests_[next_queue().front().slot];
  return head.index == refusal_.request && head.stale == 0 && kv_.epoch() == refusal_.epoch &&
         config_.token_budget() - cruise_.size() >= refusal_.budget;
}

bool Scheduler::quiet_step(Decision* flying) {
  const std::int32_t beginning = cruise_.blocks_due(scheduled_);
  if (beginning * kv_.growing_groups() > kv_.free_blocks()) return false;
  if (visits_members_) {
    list_visits();
    visit_due(kNobody);
  } else {
    kv_.take_on_account(beginning);
  }
  if (flying != nullptr) {
    flying->step = scheduled_;
    flying->cruise_context = cruise_.context();
  }
  cruise_.step(scheduled_);
  ++scheduled_;
  ++updated_;
  return true;
}

// Members grow in turn with those that do not cruise: what windows leave behind lies in the free queue in the
// order of its leaving.
void Scheduler::visit_due(std::uint64_t before_admission) {
  for (; visited_ < due_.size() && due_[visited_].admission < before_admission; ++visited_) {
    const Request& r = requests_[due_[visited_].slot];
    kv_.go_on(r.sequence, Cruise::computed(r.cruise, scheduled_), steps_in_flight());
  }
}

// Whether this step gives every running request what it wants, or cuts only those that are behind
// the cruise anyway; and nobody needs to be preempted.
bool Scheduler::cruise_fits() const {
  StepBudget whole(config_);
  whole.take_of_each(cruise_.size(), 1);
  int budget = whole.left();
  if (budget < 0) return false;
  if (visits_members_ && scheduled_ - updated_ != static_cast<StepIndex>(steps_in_flight())) return false;
  std::int64_t blocks = std::int64_t{cruise_.blocks_due(scheduled_)} * kv_.growing_groups();
  for (RequestSlot slot : listed_) {
    const Request& r = requests_[slot];
    const int wanted = tokens_wanted(r);
    if (wanted > budget && r.admission < youngest_cruising_) return false;
    const int tokens = std::min(wanted, budget);
    budget -= tokens;
    if (tokens == 0) continue;
    blocks += kv_.blocks_needed_to_grow(
        r.sequence, std::min(r.computed + tokens + config_.spec_lookahead, config_.max_model_len));
  }
  return blocks <= kv_.free_blocks();
}

// Requests that this step brings to their next token have nothing left to do but decode.
void Scheduler::join_cruise(const Decision& decision) {
  if (!cruise_allowed_) return;
  // Who holds items lets go of them one by one, and might end beside members: then all go on one by one.
  const auto stays = [this](const Grant& g) { return g.samples && requests_[g.slot].holds_items; };
  if (config_.encoder.cache_size > 0 && std::ranges::any_of(decision.grants, stays)) return land();
  bool anyone = false;
  for (const Grant& grant : decision.grants) {
    Request& r = requests_[grant.slot];
    if (!grant.samples || r.stale > 0) continue;
    // Not before what the prompt leaves behind is gone: one token a step is in flight then.
    if (visits_members_ && (grant.tokens > 1 || r.in_flight > 1 + steps_in_flight())) continue;
    const int in_flight_before = config_.async_scheduling ? r.placeholders - 1 : 0;
    const int limit = std::min(r.max_tokens, config_.max_model_len - r.prompt_tokens);
    const int remaining = std::min(r.output_tokens, limit) - r.outputs() - in_flight_before;
    if (remaining < 1) continue;
    r.placeholders = in_flight_before;
    r.cruise.since = scheduled_;
    r.cruise.due = decision.step + static_cast<StepIndex>(remaining) - 1;
    r.cruise.computed = r.computed;
    r.cruise.stops_unseen = r.output_tokens < limit;
    cruise_.join(grant.slot, r.cruise);
    if (visits_members_) visits_.join({r.admission, grant.slot}, r.cruise);
    if (adapters_.limited()) adapters_.join_all_steps(r.adapter);
    youngest_cruising_ = std::max(youngest_cruising_, r.admission);
    if (r.output_content != kPrivateContent) shared_outputs_.push_back(grant.slot);
    anyone = true;
  }
  if (anyone) {
    std::erase_if(listed_, [this](RequestSlot s) { return requests_[s].cruise.member; });
  }
}

void Scheduler::land() {
  if (static_cast<std::size_t>(running_count_) == listed_.size()) return;
  for (Decision* decision : in_flight_) {
    list_cruising(*decision);
    decision->steady = decision->cruising = 0;
  }
  in_flight_.clear();
  listed_.clear();
  for (RequestSlot s = running_head_; s != kNoSlot; s = requests_[s].after) {
    Request& r = requests_[s];
    if (r.cruise.member) settle(r);
    r.cruise.member = false;
    listed_.push_back(s);
  }
  cruise_.clear();
  if (visits_members_) visits_.clear();
  adapters_.nobody_in_all_steps();
  shared_outputs_.clear();
  youngest_cruising_ = 0;
}

// Makes a member's state explicit, as if every step since it joined had named it.
void Scheduler::settle(Request& r) {
  const CruiseState& state = r.cruise;
  const StepIndex joined = state.since - 1;                       // the step that sampled, by which it joined
  const StepIndex end = state.left ? state.due + 1 : scheduled_;  // no token from this step on
  const auto sampled = static_cast<std::int32_t>(end - joined);
  const std::int32_t known = updated_ > joined ? static_cast<std::int32_t>(updated_ - joined) : 0;
  r.num_tokens += known;
  r.computed = Cruise::computed(state, scheduled_);
  if (config_.async_scheduling) r.placeholders += sampled - known;
  const StepIndex in_flight_from = std::max(state.since, updated_);
  if (end > in_flight_from) r.in_flight += static_cast<std::int32_t>(end - in_flight_from);
  if (known > 0) r.tokens.last = updated_ - 1;
  r.is_chunk = false;
  r.sampled_until = end;
  // Amid a step, what it computes of known tokens is published, too.
  const int published = std::min(r.num_tokens, r.computed - steps_in_flight());
  kv_.settle(r.sequence, blocks_for(r.computed), std::max(r.num_tokens - 1, published));
}

// Adds the cruising members' grants to those of a step that was decided and not yet updated.
void Scheduler::list_cruising(Decision& decision) const {
  for (RequestSlot s = running_head_; s != kNoSlot; s = requests_[s].after) {
    const Request& r = requests_[s];
    const CruiseState& state = r.cruise;
    if (!state.member || decision.step < state.since || (state.left && decision.step > state.due)) continue;
    decision.grants.push_back({.slot = s,
                               .request = r.index,
                               .tokens = 1,
                               .context = Cruise::computed(state, decision.step),
                               .samples = true});
  }
  std::ranges::stable_sort(decision.grants, {},
                           [this](const Grant& g) { return requests_[g.slot].admission; });
}

std::vector<Grant> Scheduler::all_grants(const Decision& decision) const {
  Decision copy = decision;
  if (copy.cruising > 0) list_cruising(copy);
  return copy.grants;
}

// Somebody may look up what members generate, so what they have generated so far must be there.
void Scheduler::publish_cruising(const Decision& decision) {
  const StepIndex now = scheduled_ + (decision.cruising > 0 ? 1 : 0);
  for (RequestSlot slot : shared_outputs_) {
    const Request& r = requests_[slot];
    const StepIndex joined = r.cruise.since - 1;
    const std::int32_t known = updated_ > joined ? static_cast<std::int32_t>(updated_ - joined) : 0;
    // When a member has left, its last token is known and never computed: no step comes after it.
    const std::int32_t published = r.num_tokens + known - (r.cruise.left ? 1 : 0);
    kv_.settle(r.sequence, blocks_for(Cruise::computed(r.cruise, now)), published);
  }
}

}  // namespace blis
