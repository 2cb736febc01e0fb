// vLLM's Scheduler._try_schedule_encoder_inputs and EncoderCacheManager (vllm/v1/core, 2026-08-20).
#include "sim/vllm/encoder_cache.h"

#include <algorithm>

namespace blis {

void EncoderCache::plan(RequestIndex request, std::span<const MultimodalItem> items, int computed, int tokens,
                        int shift, int budget, EncoderPlan& plan) {
  plan.items.clear();
  plan.tokens = tokens;
  plan.embeds = 0;
  plan.pairs = 0;
  const auto planned = [&](std::uint64_t hash) {
    return std::ranges::any_of(plan.items, [&](std::uint32_t i) { return items[i].hash == hash; });
  };
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const MultimodalItem& item = items[i];
    const int chunk_end = computed + plan.tokens;
    if (item.offset >= chunk_end + shift) return;
    if (item.offset + item.tokens <= computed) continue;  // in the KV cache
    if (planned(item.hash) || hold_cached(request, item.hash)) continue;
    const int before_item = std::max(0, item.offset - computed - shift);
    const bool cuts_it = computed < item.offset && chunk_end < item.offset + item.tokens;
    if (limits_.disable_chunked_mm_input && cuts_it) {
      plan.tokens = before_item;
      return;
    }
    if (item.tokens > budget - plan.embeds || !make_room(plan.embeds + item.tokens)) {
      plan.tokens = before_item;  // behind its start, the prefix cache has computed a part: nothing goes on
      return;
    }
    if (item.offset >= chunk_end) continue;  // the drafter alone reads so far ahead
    plan.items.push_back(i);
    plan.embeds += item.tokens;
    plan.pairs += static_cast<double>(item.tokens) * item.tokens;
  }
}

void EncoderCache::allocate(RequestIndex request, std::span<const MultimodalItem> items,
                            const EncoderPlan& plan) {
  for (const std::uint32_t i : plan.items) {
    entries_[items[i].hash] = {.embeds = items[i].tokens, .holders = {request}, .unheld = {}};
    free_ -= items[i].tokens;
    reclaimable_ -= items[i].tokens;
  }
}

bool EncoderCache::hold_cached(RequestIndex request, std::uint64_t hash) {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return false;
  Entry& entry = found->second;
  if (entry.holders.empty()) {
    unheld_.erase(entry.unheld);
    reclaimable_ -= entry.embeds;
  }
  if (std::ranges::find(entry.holders, request) == entry.holders.end()) entry.holders.push_back(request);
  return true;
}

// So many embeddings are free then, at the cost of entries that nobody holds; or nothing changes.
bool EncoderCache::make_room(int embeds) {
  if (embeds > free_ && embeds > reclaimable_) return false;
  while (embeds > free_) {
    const auto oldest = entries_.find(unheld_.front());
    free_ += oldest->second.embeds;
    entries_.erase(oldest);
    unheld_.pop_front();
  }
  return true;
}

void EncoderCache::release_item(RequestIndex request, const MultimodalItem& item) {
  const auto found = entries_.find(item.hash);
  if (found == entries_.end() || std::erase(found->second.holders, request) == 0) return;
  Entry& entry = found->second;
  if (!entry.holders.empty()) return;
  entry.unheld = unheld_.insert(unheld_.end(), item.hash);
  reclaimable_ += entry.embeds;
}

void EncoderCache::release_until(RequestIndex request, std::span<const MultimodalItem> items, int settled) {
  for (const MultimodalItem& item : items) {
    if (item.offset + item.tokens <= settled) release_item(request, item);
  }
}

void EncoderCache::release(RequestIndex request, std::span<const MultimodalItem> items) {
  for (const MultimodalItem& item : items) release_item(request, item);
}

}  // namespace blis
