// Scheduler::schedule(): the scheduler specification's section 3, in its order.
#include <algorithm>
#include <cassert>

#include "sim/vllm/scheduler.h"

namespace blis {

void Scheduler::schedule(Decision& decision, bool throttle) {
  recycle();
  decision.clear();
  decision.step = scheduled_;
  ++calls_;
  kv_.new_step();
  leave_due();
  if (!may_cruise_ && has_ranks_) rank_waiting();

  StepBudget budget(config_);
  encoder_budget_ = config_.encoder.compute_budget;
  const bool cruising = static_cast<std::size_t>(running_count_) > listed_.size();
  if (cruising && !cruise_fits()) land();
  const auto decodes = [this](RequestSlot s) { return !requests_[s].is_chunk; };
  const bool anyone_decodes =
      static_cast<std::size_t>(running_count_) > listed_.size() || std::ranges::any_of(listed_, decodes);
  const bool defer = throttle && !capacity_bound_ && anyone_decodes;

  schedule_running(decision, budget, defer);
  if (decision.preempted.empty()) admit_waiting(decision, budget, defer);
  advance(decision);
}

// How many positions a running request could use; 0 if it must sit this step out.
int Scheduler::tokens_wanted(const Request& r) const {
  if (calls_ < r.decodes_from) return 0;
  // The step in flight already produces its last token.
  if (r.placeholders > 0 && r.computed + 2 - r.placeholders >= r.prompt_tokens + r.max_tokens) return 0;
  int wanted = r.num_tokens + r.drafts + r.placeholders - r.computed;
  if (config_.long_prefill_token_threshold > 0)
    wanted = std::min(wanted, config_.long_prefill_token_threshold);
  return std::max(0, std::min(wanted, config_.max_model_len - 1 - r.computed));
}

// What of a chunk from `computed` on the encoder and a multi-module drafter allow. Leaves the encoder's part
// in encoder_plan_.
int Scheduler::fitted(const Request& r, int computed, int tokens) {
  const int reads_ahead = config_.multi_module_mtp ? config_.num_spec_tokens : config_.use_eagle ? 1 : 0;
  if (!r.items.empty()) {
    encoder_.plan(r.index, r.items, computed, tokens, reads_ahead, encoder_budget_, encoder_plan_);
    tokens = encoder_plan_.tokens;
  }
  const int rest = r.num_tokens - computed - tokens;
  return rest > 0 && rest < reads_ahead ? std::max(0, tokens - (reads_ahead - rest)) : tokens;
}

// The items that were planned are encoded in this step.
void Scheduler::encode(Request& r, Grant& grant) {
  r.holds_items = true;
  encoder_.allocate(r.index, r.items, encoder_plan_);
  grant.embeds = encoder_plan_.embeds;
  grant.embed_pairs = encoder_plan_.pairs;
  encoder_budget_ -= grant.embeds;
}

// The running requests as a policy sees them. Nobody cruises when it is asked about them: the listed are all.
class Scheduler::Running final : public RunningRequests {
 public:
  explicit Running(const Scheduler& scheduler) : scheduler_(scheduler) {}
  std::size_t size() const override { return scheduler_.listed_.size(); }
  KnownRequest operator[](std::size_t i) const override {
    return known(scheduler_.requests_[scheduler_.listed_[i]]);
  }

 private:
  const Scheduler& scheduler_;
};

// Asks a policy that may not cruise.
void Scheduler::share_budget(int budget) {
  shares_.clear();
  for (const RequestSlot slot : listed_) {
    const Request& r = requests_[slot];
    shares_.push_back({.request = known(r), .wanted = tokens_wanted(r)});
  }
  policy_->share(shares_, budget);
}

// Phase 1: running requests, in order of admission.
void Scheduler::schedule_running(Decision& decision, StepBudget& budget, bool defer) {
  decision.cruising = decision.steady = cruise_.size();
  decision.cruise_context = cruise_.context();
  decision.cruise_cut_context = cut_context();
  budget.take_of_each(cruise_.size(), 1);
  if (visits_members_) {
    list_visits();
  } else {
    kv_.take_on_account(cruise_.blocks_due(scheduled_));
  }
  cruise_.step(scheduled_);
  if (!listed_.empty()) schedule_listed(decision, budget, defer);
  if (visits_members_) visit_due(kNobody);
}

// Those that do not cruise.
void Scheduler::schedule_listed(Decision& decision, StepBudget& budget, bool defer) {
  if (!may_cruise_) share_budget(budget.left());
  for (std::size_t cursor = 0; cursor < listed_.size();) {
    const int left = budget.left();
    if (left <= 0) return;
    const RequestSlot slot = listed_[cursor];
    const Request& before = requests_[slot];
    int tokens = std::min(tokens_wanted(before), left);
    if (!may_cruise_) tokens = std::min(tokens, shares_[cursor].tokens);
    if (defer && before.is_chunk) tokens = 0;
    if (tokens > 0 && is_fitted(before)) tokens = fitted(before, before.computed, tokens);
    if (aligned_states_) tokens = to_cacheable_end(before, before.computed, tokens);
    if (tokens == 0) {
      ++cursor;
      continue;
    }
    if (visits_members_) visit_due(before.admission);
    if (!allocate(slot, tokens, decision, budget, cursor)) return;
    Request& r = requests_[slot];
    Grant grant{.slot = slot, .request = r.index, .tokens = tokens, .context = r.computed};
    if (r.drafts > 0) {
      const int verified = tokens + r.computed - r.num_tokens - r.placeholders;
      grant.drafts = std::clamp(verified, 0, r.drafts);
      r.drafts = 0;
    }
    if (!r.items.empty()) encode(r, grant);
    decision.grants.push_back(grant);
    budget.take(tokens);
    ++cursor;
  }
}

// Blocks for a running request, at the cost of others if need be. False if it had to go itself.
bool Scheduler::allocate(RequestSlot slot, int tokens, Decision& decision, StepBudget& budget,
                         std::size_t& cursor) {
  for (;;) {
    const Request& r = requests_[slot];
    const Growth growth{.computed = r.computed,
                        .in_flight = r.in_flight,
                        .new_tokens = tokens,
                        .lookahead = config_.spec_lookahead,
                        .known_tokens = r.num_tokens};
    if (kv_.grow(r.sequence, growth)) return true;
    const std::size_t place = policy_->victim(Running(*this));
    const RequestSlot victim = listed_[place];
    if (place < cursor) {  // it may have its tokens of this step already
      const auto granted = std::ranges::find(decision.grants, victim, &Grant::slot);
      const bool was_granted = granted != decision.grants.end();
      if (config_.behaviour.priority_cursor_fix || was_granted) --cursor;
      if (was_granted) {
        budget.give_back(granted->tokens);
        encoder_budget_ += granted->embeds;
        decision.grants.erase(granted);
      }
    }
    if (!may_cruise_) shares_.erase(shares_.begin() + static_cast<std::ptrdiff_t>(place));
    remove_running(victim);
    put_back(victim);
    decision.preempted.push_back(victim);
    decision.short_of_blocks = true;
    if (victim == slot) return false;
  }
}

// Phase 2: admissions, until one does not fit.
void Scheduler::admit_waiting(Decision& decision, StepBudget& budget, bool defer) {
  const bool prefill_in_batch =
      std::ranges::any_of(decision.grants, [this](const Grant& g) { return requests_[g.slot].is_chunk; });
  const SchedulerBehaviour& behaviour = config_.behaviour;
  held_.clear();
  if (adapters_.limited()) {
    adapters_.start_step();
    for (const Grant& grant : decision.grants) adapters_.add(requests_[grant.slot].adapter);
  }
  while (waiting() > 0 && budget.left() > 0 && running_count_ < config_.max_num_seqs) {
    WaitingQueue& queue = next_queue();
    const RequestSlot slot = queue.front().slot;
    Request& r = requests_[slot];
    if (r.status == RequestStatus::waiting_for_remote_kv && !promote_loaded(r)) {
      held_.push_back(queue.pop());
      continue;
    }
    if (set_aside(r)) {
      held_.push_back(queue.pop());
      continue;
    }
    if (r.index == refusal_.request && kv_.epoch() == refusal_.epoch && budget.left() >= refusal_.budget) {
      decision.short_of_blocks = true;
      break;
    }

    if (!shared_outputs_.empty()) publish_cruising(decision);
    const SequenceIndex sequence = sequence_of(r);
    const bool loaded = r.loaded > 0;  // by a load from elsewhere that has ended
    int hit = 0;
    KvConnector::Match external;
    if (!loaded) {
      if (r.skip_cache_read) {
        kv_.skip_lookup();
      } else {
        hit = kv_.lookup(sequence, r.num_tokens);
      }
      if (behaviour.stats_on_lookup) count_lookup(r, hit);
      if (connector_ != nullptr) {
        const std::optional<KvConnector::Match> match = connector_->match(r, hit);
        if (!match) {
          held_.push_back(queue.pop());
          continue;
        }
        external = *match;
      }
    }
    const int computed = r.computed + hit + external.tokens;
    if (defer && !external.async && computed < r.num_tokens - 1) break;

    int tokens = external.async ? 0 : r.num_tokens - computed;
    const Padding padding = first_decode_padding(tokens, computed, decision, budget.left(), prefill_in_batch);
    if (padding == Padding::wait) break;
    if (padding == Padding::pad) tokens = 1 + config_.num_spec_tokens;
    if (config_.long_prefill_token_threshold > 0) {
      tokens = std::min(tokens, config_.long_prefill_token_threshold);
    }
    if (!config_.enable_chunked_prefill && tokens > budget.left()) break;  // no skipping ahead
    tokens = std::min(tokens, budget.left());
    if (is_fitted(r) && !external.async) tokens = fitted(r, computed, tokens);
    if (aligned_states_) tokens = to_cacheable_end(r, computed, tokens);
    if (tokens == 0 && !external.async) break;
    const bool lookahead = behaviour.admit_lookahead && !external.async;
    const Admission admission{.known_tokens = r.num_tokens,
                              .new_tokens = tokens,
                              .external_tokens = external.tokens,
                              .lookahead = lookahead ? config_.spec_lookahead : 0,
                              .reserved_blocks = external.async ? reserved_for_prefills() : 0,
                              .reserve_full = behaviour.reserve_full_isl,
                              .anyone_running = running_count_ > 0,
                              .delay_publication = external.async};
    if (!(loaded ? kv_.admit_loaded(sequence, admission, computed) : kv_.admit(sequence, admission))) {
      decision.short_of_blocks = true;
      if (!r.items.empty()) encoder_.release(r.index, r.items);
      const bool will_stay = !behaviour.stats_on_lookup && shared_outputs_.empty() && connector_ == nullptr;
      if (will_stay && padding == Padding::none && r.items.empty()) {
        refusal_ = {r.index, kv_.epoch(), budget.left()};
      }
      break;
    }
    if (!loaded && !behaviour.stats_on_lookup) count_lookup(r, hit);
    if (connector_ != nullptr && !loaded) connector_->allocated(r, external);
    if (external.async) {
      held_.push_back(queue.pop());
      begin_load(slot, computed);
      continue;
    }
    queue.pop();
    append_running(slot);
    decision.admitted.push_back(slot);
    if (r.status == RequestStatus::preempted) ++decision.resumed;
    r.status = RequestStatus::running;
    r.computed = computed;
    r.loaded = -1;
    const int found = hit + external.tokens;
    if (r.hit_tokens < 0) r.hit_tokens = found;
    if (connector_ != nullptr) {
      std::erase(prefills_, slot);
      if (computed + tokens < r.num_tokens) prefills_.push_back(slot);
    }
    decision.hits.push_back({slot, found});
    decision.grants.push_back({.slot = slot,
                               .request = r.index,
                               .tokens = tokens,
                               .context = computed,
                               .drafts = padding == Padding::pad ? config_.num_spec_tokens : 0});
    if (!r.items.empty()) encode(r, decision.grants.back());
    if (adapters_.limited()) adapters_.add(r.adapter);
    budget.take(tokens);
  }
  if (!has_ranks_) std::ranges::reverse(held_);
  for (const WaitingQueue::Entry& entry : held_) skipped_.push_front(entry);
  if (!defer) capacity_bound_ = !waiting_.empty();
}

// Whether it must wait while others behind it need not.
bool Scheduler::set_aside(const Request& r) const {
  if (r.waits_for_grammar) return true;
  if (config_.behaviour.stale_gate && r.stale > 0 && !r.drop_stale) return true;  // old output is in flight
  return adapters_.limited() && !adapters_.admits(r.adapter);
}

// With drafts, an admission of one token among decodes is widened to a decode's width.
Scheduler::Padding Scheduler::first_decode_padding(int tokens, int hit, const Decision& decision, int budget,
                                                   bool prefill_in_batch) const {
  const int width = 1 + config_.num_spec_tokens;
  const bool by_batch_size = !config_.drafts_by_batch_size.empty();
  if (width == 1 || by_batch_size || tokens != 1 || prefill_in_batch) return Padding::none;
  const bool anyone_granted = decision.grants.size() > decision.admitted.size();
  switch (config_.behaviour.pad_rule) {
    case PadRule::none:
      return Padding::none;
    case PadRule::strict:
      if (!anyone_granted) return Padding::none;
      return width > budget || hit + width > config_.max_model_len ? Padding::wait : Padding::pad;
    case PadRule::later:
      if (!anyone_granted && hit == 0) return Padding::none;
      if (hit + width + 1 > config_.max_model_len) return Padding::none;
      return width > budget ? Padding::wait : Padding::pad;
  }
  return Padding::none;
}

// Moves every cursor, before the model has run.
void Scheduler::advance(Decision& decision) {
  decision.tokens = decision.cruising;
  decision.next_drafts = drafts_after(decision.grants.size());
  if (config_.async_scheduling && decision.cruising > 0) decision.after = scheduled_;
  for (Grant& grant : decision.grants) {
    Request& r = requests_[grant.slot];
    grant.prefill = r.computed < r.prompt_tokens || r.computed < r.num_tokens - 1;
    decision.tokens += grant.tokens;
    r.computed += grant.tokens;
    r.in_flight += grant.tokens;
    r.is_chunk = r.computed < r.num_tokens + r.placeholders;
    grant.samples = !r.is_chunk;
    if (connector_ != nullptr && !r.is_chunk) std::erase(prefills_, grant.slot);
    if (config_.async_scheduling && !r.is_chunk) {
      decision.after = std::max(decision.after, r.sampled_until);
      r.sampled_until = scheduled_ + 1;
      r.placeholders += 1 + grant.drafts;
      r.drafts = decision.next_drafts;
      if (config_.decode_interval > 1)
        r.decodes_from = calls_ + static_cast<unsigned>(config_.decode_interval);
    }
  }
  if (config_.async_scheduling && config_.behaviour.async_drop_unscheduled_drafts) {
    drop_unscheduled_drafts(decision);
  }
  if (decision.empty()) return;
  ++scheduled_;
  if (decision.cruising > 0) in_flight_.push_back(&decision);
  join_cruise(decision);
}

// Drafts for each sequence that samples in a step of so many requests.
int Scheduler::drafts_after(std::size_t requests) const {
  const std::vector<int>& table = config_.drafts_by_batch_size;
  if (table.empty()) return config_.num_spec_tokens;
  return table[std::min(requests, table.size() - 1)];
}

void Scheduler::drop_unscheduled_drafts(const Decision& decision) {
  for (RequestSlot slot : listed_) {
    if (requests_[slot].drafts == 0) continue;
    const bool granted =
        std::ranges::any_of(decision.grants, [slot](const Grant& g) { return g.slot == slot; });
    if (!granted) requests_[slot].drafts = 0;
  }
}

void Scheduler::count_lookup(const Request& r, int hit_tokens) {
  if (!kv_.caching() || r.skip_cache_read) return;
  const bool again = r.preemptions > 0;
  (again ? stats_.preempted_requests : stats_.requests) += 1;
  (again ? stats_.preempted_queries : stats_.queries) += r.num_tokens;
  (again ? stats_.preempted_hits : stats_.hits) += hit_tokens;
}

}  // namespace blis
