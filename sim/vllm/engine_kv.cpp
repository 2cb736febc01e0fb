// What becomes of KV blocks that come from elsewhere, or are kept for somebody there.
#include <algorithm>

#include "sim/vllm/engine.h"

namespace blis {

KvConnector* Engine::connector() {
  if (remote_kv_) return &*remote_kv_;
  return host_tier_ ? &*host_tier_ : nullptr;
}

void Engine::expect_kv(RequestIndex index, const RequestSpec& spec, Place place) {
  if (spec.leaves_kv) remote_kv_->leaves(index);
  if (!spec.takes_kv) return;
  remote_kv_->takes(index);
  taking_.emplace(index, place);
}

void Engine::kv_arrived(RequestIndex index, Time at) {
  receive({at, index, /*arrived=*/true});
}

void Engine::kv_read(RequestIndex index, Time at) {
  receive({at, index, /*arrived=*/false});
}

void Engine::remember(const KvNews& news) {
  const auto after = std::ranges::upper_bound(kv_news_, news.at, {}, &KvNews::at);
  kv_news_.insert(after, news);
}

void Engine::receive(const KvNews& news) {
  remember(news);
  // An engine that has nothing to compute polls. One that computes looks when its step is done.
  if (flying_ == 0) next_ = std::min(next_, std::max(now_, news.at));
}

void Engine::hear_of_kv() {
  if (host_tier_) host_tier_->at(now_);
  for (; !kv_news_.empty() && kv_news_.front().at <= now_; kv_news_.pop_front()) {
    const KvNews news = kv_news_.front();
    const auto taking = taking_.find(news.request);
    if (news.arrived && taking != taking_.end()) {
      const auto [rank, slot] = taking->second;
      ranks_[rank].load_ended(slot, news.request, ranks_[rank][slot].computed);
    } else {  // the blocks of one that is gone
      for (Scheduler& rank : ranks_) rank.blocks_sent(news.request);
    }
  }
}

// What the step just planned has begun to load, or has to wait for.
void Engine::begin_loads() {
  if (remote_kv_) return remote_kv_->take_begun(now_, pulls_);
  loads_.clear();
  host_tier_->take_loads(loads_);
  for (const HostTier::Due& load : loads_) remember({load.at, load.request, /*arrived=*/true});
  const Time retry = host_tier_->take_retry();
  if (retry != kNever) remember({retry, ~RequestIndex{0}, /*arrived=*/false});
}

// Prompts' chunks of the step that is done.
void Engine::store_computed(const Decision& decision, const Scheduler& scheduler) {
  host_tier_->at(now_);
  for (const Grant& grant : decision.grants) {
    const Request& r = scheduler[grant.slot];
    if (grant.prefill && r.index == grant.request) host_tier_->computed(r, grant.context + grant.tokens);
  }
}

// When something from outside is seen that is known by now.
Time Engine::next_news() const {
  Time next = inbox_.empty() ? kNever : inbox_.front().visible;
  if (!kv_news_.empty()) next = std::min(next, kv_news_.front().at);
  return next;
}

void Engine::take_pulls(std::vector<KvPull>& pulls) {
  pulls.insert(pulls.end(), pulls_.begin(), pulls_.end());
  pulls_.clear();
}

}  // namespace blis
