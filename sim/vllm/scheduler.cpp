// Requests' way in and out, and the lists they are on. See scheduler_schedule.cpp,
// scheduler_update.cpp and scheduler_cruise.cpp for the rest of the class.
#include "sim/vllm/scheduler.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace blis {

void Decision::clear() {
  step = 0;
  tokens = cruising = steady = 0;
  cruise_context = cruise_cut_context = 0;
  next_drafts = 0;
  after = 0;
  resumed = 0;
  short_of_blocks = false;
  grants.clear();
  admitted.clear();
  preempted.clear();
  hits.clear();
}

void StepOutput::clear() {
  first_tokens.clear();
  finished.clear();
  broken.clear();
  steady = 0;
  tokens = 0;
}

Scheduler::Scheduler(const SchedulerConfig& config, Options options, std::unique_ptr<SchedulingPolicy> policy)
    : config_(config),
      options_(options),
      policy_(std::move(policy)),
      connector_(options.connector),
      has_ranks_(policy_->has_ranks()),
      may_cruise_(policy_->may_cruise()),
      kv_(kv_config(config), options.track_ids),
      encoder_(config.encoder),
      adapters_(config.max_loras),
      cuts_contexts_(0 < options.attention_window && options.attention_window < config.max_model_len),
      cruise_(config.block_size, cuts_contexts_ ? options.attention_window : 0),
      cruise_allowed_(cruise_allowed()),
      visits_members_(cruise_allowed_ && !kv_.uniform()),
      visits_(config.block_size,
              visits_members_ ? kv_.places_of_change(steps_in_flight()) : std::vector<int>{}),
      runs_drafts_(runs_drafts()),
      aligned_states_(has_aligned_states(config.kv_groups)),
      waiting_(has_ranks_),
      skipped_(has_ranks_) {}

RequestSlot Scheduler::create(RequestIndex index, const RequestSpec& spec, std::uint32_t id_order) {
  recycle();
  if (unused_.empty()) {
    unused_.push_back(static_cast<RequestSlot>(requests_.size()));
    requests_.emplace_back();
  }
  const RequestSlot slot = unused_.back();
  unused_.pop_back();
  Request& r = requests_[slot];
  std::vector<ContentRun> prompt = std::move(r.prompt);  // keeps its memory
  prompt.assign(spec.prompt.begin(), spec.prompt.end());
  std::vector<MultimodalItem> items = std::move(r.items);
  items.clear();
  if (!spec.items.empty()) items.assign(spec.items.begin(), spec.items.end());
  r = Request{};
  r.prompt = std::move(prompt);
  r.items = std::move(items);
  r.index = index;
  r.id_order = id_order;
  r.priority = spec.priority;
  r.prompt_tokens = r.num_tokens = spec.prompt_tokens;
  r.max_tokens = spec.max_tokens > 0 ? spec.max_tokens : spec.output_tokens;
  r.output_tokens = std::min(spec.output_tokens, r.max_tokens);
  r.skip_cache_read = spec.skip_cache_read;
  r.output_content = spec.output_content;
  r.cache_salt = content_salt(spec);
  r.adapter = spec.adapter;
  r.waits_for_grammar = spec.structured_output;
  r.arrival = spec.arrival;
  if (has_ranks_) r.rank = policy_->rank(known(r));
  return slot;
}

void Scheduler::finish(RequestSlot slot, RequestStatus status) {
  recycle();
  if (requests_[slot].status == RequestStatus::running) land();  // one that waits is nobody's business
  const RequestStatus before = std::exchange(requests_[slot].status, status);
  retire(slot, before);
}

void Scheduler::preempt(RequestSlot slot) {
  land();
  remove_running(slot);
  put_back(slot);
}

bool Scheduler::reset_prefix_cache(bool preempt_running) {
  land();
  while (preempt_running && running_tail_ != kNoSlot) {
    const RequestSlot last = running_tail_;
    remove_running(last);
    put_back(last, config_.behaviour.stale_gate);
  }
  return kv_.reset();
}

void Scheduler::forget_steps_in_flight() {
  assert(idle() && cruise_.empty());
  in_flight_.clear();
  scheduled_ = left_until_ = updated_;
}

void Scheduler::restart() {
  [[maybe_unused]] const bool forgotten = reset_prefix_cache(/*preempt_running=*/false);
  assert(forgotten && "blocks are in use by requests only");
  encoder_ = EncoderCache(config_.encoder);
}

// ---------------------------------------------------------------- the policy

KnownRequest Scheduler::known(const Request& r) {
  return {.priority = r.priority,
          .prompt_tokens = r.prompt_tokens,
          .outputs = r.outputs(),
          .computed = r.computed,
          .preemptions = r.preemptions,
          .arrival = r.arrival,
          .rank = r.rank};
}

void Scheduler::rank_waiting() {
  for (WaitingQueue* const queue : {&waiting_, &skipped_}) {
    queue->rank_anew([this](RequestSlot slot) {
      Request& r = requests_[slot];
      return r.rank = policy_->rank(known(r));
    });
  }
}

// ---------------------------------------------------------------- lists

WaitingQueue::Entry Scheduler::entry_of(RequestSlot slot) const {
  const Request& r = requests_[slot];
  return {r.rank, r.id_order, slot};
}

WaitingQueue& Scheduler::next_queue() {
  if (!has_ranks_) return skipped_.empty() ? waiting_ : skipped_;
  if (waiting_.empty()) return skipped_;
  if (skipped_.empty()) return waiting_;
  return waiting_.front() < skipped_.front() ? waiting_ : skipped_;
}

void Scheduler::append_running(RequestSlot slot) {
  Request& r = requests_[slot];
  r.admission = ++admissions_;
  r.before = running_tail_;
  r.after = kNoSlot;
  (running_tail_ == kNoSlot ? running_head_ : requests_[running_tail_].after) = slot;
  running_tail_ = slot;
  ++running_count_;
  listed_.push_back(slot);
}

void Scheduler::remove_running(RequestSlot slot) {
  Request& r = requests_[slot];
  (r.before == kNoSlot ? running_head_ : requests_[r.before].after) = r.after;
  (r.after == kNoSlot ? running_tail_ : requests_[r.after].before) = r.before;
  --running_count_;
  if (r.cruise.member) {
    r.cruise.member = false;
    return;
  }
  // Ordered by admission, so that this is a search for a number.
  const auto found = std::ranges::lower_bound(listed_, r.admission, {},
                                              [this](RequestSlot s) { return requests_[s].admission; });
  assert(found != listed_.end() && *found == slot);
  listed_.erase(found);
}

// To the waiting queue, with nothing computed. The caller has taken it off the running list.
void Scheduler::put_back(RequestSlot victim, bool drop_stale) {
  Request& r = requests_[victim];
  assert(r.status == RequestStatus::running);
  connector_ == nullptr ? kv_.release(r.sequence) : give_up_blocks(r);
  if (!r.items.empty()) encoder_.release(r.index, r.items);
  r.status = RequestStatus::preempted;
  r.computed = r.drafts = r.placeholders = 0;
  r.sampled_until = 0;
  r.loaded = -1;
  if (connector_ != nullptr) std::erase(prefills_, victim);
  r.drop_stale = drop_stale || (r.drop_stale && r.stale > 0);
  r.stale = r.in_flight;
  ++r.preemptions;
  waiting_.push_front(entry_of(victim));
}

void Scheduler::retire(RequestSlot slot, RequestStatus before) {
  Request& r = requests_[slot];
  if (before == RequestStatus::running) {
    remove_running(slot);
  } else if (!waiting_.remove(slot)) {
    skipped_.remove(slot);
  }
  if (connector_ != nullptr) std::erase(prefills_, slot);
  if (r.has_sequence && (connector_ == nullptr || !keep_blocks(r, before))) {
    connector_ == nullptr ? kv_.release(r.sequence) : give_up_blocks(r);
    kv_.close(r.sequence);
  }
  r.has_sequence = false;
  if (!r.items.empty()) encoder_.release(r.index, r.items);
  leaving_.push_back(slot);
}

void Scheduler::recycle() {
  for (RequestSlot slot : leaving_) {
    requests_[slot].index = ~RequestIndex{0};
    unused_.push_back(slot);
  }
  leaving_.clear();
}

SequenceIndex Scheduler::sequence_of(Request& r) {
  if (!r.has_sequence) {
    r.sequence = kv_.open(r.prompt, r.prompt_tokens, r.output_content, r.cache_salt);
    r.has_sequence = true;
  }
  return r.sequence;
}

bool Scheduler::alive(const Grant& grant) const {
  const Request& r = requests_[grant.slot];
  return r.index == grant.request && r.status <= RequestStatus::preempted;
}

void Scheduler::adapters_of(const Decision& decision, std::vector<AdapterIndex>& adapters) const {
  adapters_.list_in_all_steps(adapters);
  for (const Grant& grant : decision.grants) {
    const AdapterIndex adapter = requests_[grant.slot].adapter;
    if (adapter != 0 && std::ranges::find(adapters, adapter) == adapters.end()) adapters.push_back(adapter);
  }
}

std::vector<RequestSlot> Scheduler::running_list() const {
  std::vector<RequestSlot> slots;
  for (RequestSlot s = running_head_; s != kNoSlot; s = requests_[s].after) slots.push_back(s);
  return slots;
}

}  // namespace blis
