// Scheduler's side of KV that comes from elsewhere (kv_connector.h).
#include <algorithm>

#include "sim/vllm/scheduler.h"

namespace blis {

void Scheduler::load_ended(RequestSlot slot, RequestIndex index, int tokens) {
  Request& r = requests_[slot];
  if (r.index == index && r.status == RequestStatus::waiting_for_remote_kv) {
    r.loaded = tokens;
  } else {
    blocks_sent(index);  // it is gone, and only its blocks were left
  }
}

void Scheduler::blocks_sent(RequestIndex index) {
  std::erase_if(kept_blocks_, [&](const KeptBlocks& kept) {
    if (kept.request != index) return false;
    kv_.release(kept.sequence);
    kv_.close(kept.sequence);
    return true;
  });
}

bool Scheduler::waits_for_others() const {
  return !kept_blocks_.empty() || std::ranges::any_of(prefills_, [this](RequestSlot slot) {
    return requests_[slot].status == RequestStatus::waiting_for_remote_kv && requests_[slot].loaded < 0;
  });
}

// What a load has brought becomes findable, and its request waits like others. False: it is still on its way.
bool Scheduler::promote_loaded(Request& r) {
  if (r.loaded < 0) return false;
  const bool whole = r.loaded == r.computed;
  r.computed = r.loaded;
  if (r.computed > 0) {
    kv_.publish(r.sequence, r.computed);
  } else {
    kv_.release(r.sequence);
  }
  // The last token is computed again: something must come out.
  if (whole && r.computed == r.num_tokens) --r.computed;
  r.status = r.preemptions > 0 ? RequestStatus::preempted : RequestStatus::waiting;
  return true;
}

void Scheduler::begin_load(RequestSlot slot, int computed) {
  Request& r = requests_[slot];
  r.status = RequestStatus::waiting_for_remote_kv;
  r.computed = computed;
  r.loaded = -1;
  const bool again = std::ranges::find(prefills_, slot) != prefills_.end();  // after a load that failed
  if (!again) prefills_.push_back(slot);
}

// Blocks that prefills and loads begun still need to reach their last known token. A load cannot be
// preempted, so it only takes what they leave.
int Scheduler::reserved_for_prefills() const {
  int blocks = 0;
  for (const RequestSlot slot : prefills_)
    blocks += kv_.blocks_needed_to_finish(requests_[slot].sequence, requests_[slot].num_tokens);
  return blocks;
}

// With a connector, blocks are not free before the steps have ended that were in flight when they were given
// up: they may not be handed to a load while a step still writes to them.
void Scheduler::give_up_blocks(const Request& r) {
  if (r.in_flight == 0) return kv_.release(r.sequence);
  given_up_.push_back({scheduled_, kv_.set_aside(r.sequence)});
}

void Scheduler::free_given_up(StepIndex processed) {
  for (; !given_up_.empty() && given_up_.front().free_after <= processed; given_up_.pop_front()) {
    kv_.release_as_one(given_up_.front().sequence);
    kv_.close(given_up_.front().sequence);
  }
}

// Whether somebody elsewhere still writes to or reads from the blocks of a request that is gone.
bool Scheduler::keep_blocks(const Request& r, RequestStatus before) {
  const bool loading = before == RequestStatus::waiting_for_remote_kv && r.loaded < 0;
  if (!loading && !connector_->keeps_blocks(r)) return false;
  kept_blocks_.push_back({r.index, r.sequence});
  return true;
}

}  // namespace blis
