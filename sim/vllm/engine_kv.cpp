// What becomes of KV blocks that come from another engine, or are kept for one.
#include <algorithm>

#include "sim/vllm/engine.h"

namespace blis {

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

void Engine::receive(const KvNews& news) {
  const auto after = std::ranges::upper_bound(kv_news_, news.at, {}, &KvNews::at);
  kv_news_.insert(after, news);
  if (flying_ == 0) next_ = std::min(next_, heard_if_idle(news.at));
}

void Engine::hear_of_kv(std::vector<RequestIndex>& ended) {
  for (; !kv_news_.empty() && kv_news_.front().at <= heard_; kv_news_.pop_front()) {
    const KvNews news = kv_news_.front();
    if (!news.arrived) {
      for (Scheduler& rank : ranks_) rank.blocks_sent(news.request);
    } else if (auto taking = taking_.extract(news.request); !taking.empty()) {
      end_load(taking.mapped(), news.request, ended);
    }
  }
}

// What it was to bring is there, or nothing of it: then the rest is computed here, or the request fails, as
// vLLM's kv_load_failure_policy says.
void Engine::end_load(Place place, RequestIndex index, std::vector<RequestIndex>& ended) {
  Scheduler& scheduler = ranks_[place.rank];
  const std::int32_t lost = failures_ ? failures_->take_lost(index) : 0;
  scheduler.load_ended(place.slot, index, scheduler[place.slot].computed - lost);
  if (lost == 0 || config_.recompute_failed_loads || scheduler[place.slot].index != index) return;
  scheduler.finish(place.slot, RequestStatus::finished_error);
  close(scheduler[place.slot], ended);
}

// When something from outside is seen that is known by now, if nothing is computed until then.
Time Engine::next_news() const {
  Time next = inbox_.empty() ? kNever : seen_if_idle(inbox_.front().visible);
  if (!kv_news_.empty()) next = std::min(next, heard_if_idle(kv_news_.front().at));
  return next;
}

void Engine::take_pulls(std::vector<KvPull>& pulls) {
  pulls.insert(pulls.end(), pulls_.begin(), pulls_.end());
  pulls_.clear();
}

}  // namespace blis
