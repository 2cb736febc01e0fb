#include "tests/oracle/kv_cache.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace blis::oracle {

KvCache::KvCache(const SchedulerConfig& config)
    : config_(config), windows_(config.group_windows), pool_(config), groups_(windows_.size()) {}

std::vector<int> KvCache::blocks(const std::string& id) const {
  std::vector<int> all;
  for (const Group& group : groups_) {
    const auto held = group.find(id);
    if (held != group.end()) all.insert(all.end(), held->second.blocks.begin(), held->second.blocks.end());
  }
  return all;
}

// ---------------------------------------------------------------- lookup

std::vector<std::vector<std::size_t>> KvCache::kinds() const {
  std::map<int, std::vector<std::size_t>> by_window;  // full attention is window 0, so it comes first
  std::vector<int> order;
  for (std::size_t g = 0; g < windows_.size(); ++g) {
    if (by_window[windows_[g]].empty()) order.push_back(windows_[g]);
    by_window[windows_[g]].push_back(g);
  }
  std::stable_partition(order.begin(), order.end(), [](int window) { return window == 0; });
  std::vector<std::vector<std::size_t>> result;
  for (int window : order) result.push_back(by_window[window]);
  return result;
}

bool KvCache::cached(const Request& r, const std::vector<std::size_t>& kind, int block) const {
  return std::all_of(kind.begin(), kind.end(), [&](std::size_t g) {
    return pool_.find({static_cast<int>(g), r.keys[static_cast<std::size_t>(block)]}).has_value();
  });
}

int KvCache::find_full(const Request& r, const std::vector<std::size_t>& kind, int limit, bool drop_last,
                       Hit& hit) const {
  int found = 0;
  while (found < limit && cached(r, kind, found)) ++found;
  if (drop_last && found > 0) --found;
  for (std::size_t g : kind) {
    hit.blocks[g].clear();
    for (int i = 0; i < found; ++i) {
      hit.blocks[g].push_back(*pool_.find({static_cast<int>(g), r.keys[static_cast<std::size_t>(i)]}));
    }
  }
  return found;
}

// A hit needs as many contiguous cached blocks as the window is wide; the rightmost such place
// counts. Otherwise whatever is cached from the very start.
int KvCache::find_window(const Request& r, const std::vector<std::size_t>& kind, int limit, bool drop_last,
                         Hit& hit) const {
  const int need = blocks_for(windows_[kind[0]] - 1) + (drop_last ? 1 : 0);
  int run = 0, first = 0;
  for (int i = limit - 1; i >= 0; --i) {
    run = cached(r, kind, i) ? run + 1 : 0;
    if (run > 0 && run >= need) {
      first = i;
      break;
    }
  }
  int found = first + run;
  if (drop_last && found > 0) --found;
  for (std::size_t g : kind) {
    hit.blocks[g].assign(static_cast<std::size_t>(found), kNullBlock);
    for (int i = first; i < found; ++i) {
      const BlockKey key{static_cast<int>(g), r.keys[static_cast<std::size_t>(i)]};
      hit.blocks[g][static_cast<std::size_t>(i)] = *pool_.find(key);
    }
  }
  return found;
}

// Each kind of group accepts the length found so far or shortens it, until all agree. Full
// attention is looked up once: its hits are closed downwards. Where a draft model needs the last
// matched block recomputed (EAGLE, MTP), each kind matches one block more and drops it, once for
// each candidate length (vllm#33524, vllm#40860).
Hit KvCache::lookup(const Request& r) const {
  Hit hit = empty_hit();
  if (!caching() || r.skip_cache_read) return hit;
  const int limit = (r.num_tokens() - 1) / config_.block_size;
  const auto all_kinds = kinds();
  const bool full_and_one_other = all_kinds.size() == 2 && windows_[all_kinds[0][0]] == 0;
  std::set<std::size_t> dropped;  // kinds whose drop the candidate length includes
  std::optional<int> full_length;
  int length = limit;
  while (true) {
    int candidate = length;
    for (std::size_t k = 0; k < all_kinds.size(); ++k) {
      const bool full = windows_[all_kinds[k][0]] == 0;
      if (full && full_length) {
        candidate = std::min(candidate, *full_length);
        continue;
      }
      const bool drop = config_.use_eagle && !dropped.contains(k);
      const int most = drop ? std::min(candidate + 1, limit) : candidate;
      const int found =
          full ? find_full(r, all_kinds[k], most, drop, hit) : find_window(r, all_kinds[k], most, drop, hit);
      if (drop) {
        dropped.insert(k);
      } else if (found < candidate) {
        dropped.clear();
      }
      candidate = found;
      if (full) full_length = found;
    }
    const bool agreed = candidate >= length;
    if (!agreed) length = candidate;
    if (agreed || full_and_one_other) break;
  }
  for (auto& blocks : hit.blocks) blocks.resize(static_cast<std::size_t>(length));
  hit.tokens = length * config_.block_size;
  return hit;
}

// ---------------------------------------------------------------- allocation

// Whole blocks that no later token attends to.
int KvCache::skipped_blocks(int window, int computed) const {
  return window == 0 ? 0 : std::max(0, computed - window + 1) / config_.block_size;
}

// Of `computed` tokens, those whose steps have ended.
int KvCache::settled(const Request& r, int computed) const {
  return config_.behaviour.window_frees_settled ? std::max(0, computed - r.in_flight) : computed;
}

// What a request can hold at once in a group with a window: the window, what is being computed, and
// a block more since the window begins anywhere.
int KvCache::admission_cap(int window) const {
  const int batches = config_.behaviour.window_frees_settled ? config_.batch_queue_size : 1;
  return blocks_for(std::min(window - 1 + config_.max_num_batched_tokens * batches, config_.max_model_len)) +
         1;
}

int KvCache::blocks_needed(const Request& r, int tokens, int computed, const Hit& hit, bool capped) const {
  int needed = 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto held = groups_[g].find(r.id);
    const int have = held == groups_[g].end() ? 0 : static_cast<int>(held->second.blocks.size());
    int required = blocks_for(tokens);
    if (capped && windows_[g] > 0) required = std::min(required, admission_cap(windows_[g]));
    if (held != groups_[g].end() && held->second.published) {
      needed += std::max(required - have, 0);
      continue;
    }
    const int hits = static_cast<int>(hit.blocks[g].size());
    const int skipped = skipped_blocks(windows_[g], computed);
    needed += std::max(required - std::max(skipped, have + hits), 0);
    for (int i = std::max(0, skipped - have); i < hits; ++i) {
      const int id = hit.blocks[g][static_cast<std::size_t>(i)];
      if (id != kNullBlock && pool_[id].ref == 0) ++needed;  // it leaves the free queue when adopted
    }
  }
  return needed;
}

void KvCache::leave_windows(const Request& r, int computed) {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto held = groups_[g].find(r.id);
    if (held == groups_[g].end()) continue;
    std::vector<int>& blocks = held->second.blocks;
    std::vector<int> left;
    for (int i = std::min(skipped_blocks(windows_[g], computed), static_cast<int>(blocks.size())) - 1; i >= 0;
         --i) {
      int& id = blocks[static_cast<std::size_t>(i)];
      if (id == kNullBlock) break;
      left.push_back(id);
      id = kNullBlock;
    }
    pool_.free(left);
  }
}

std::optional<std::vector<int>> KvCache::allocate(const Request& r, const Wanted& wanted, const Hit& hit) {
  assert(wanted.tokens > 0);
  const int longest = config_.max_model_len;
  const bool admission = r.status == Status::waiting || r.status == Status::preempted;
  const int watermark = wanted.has_running && admission
                            ? static_cast<int>(config_.behaviour.watermark * config_.num_blocks)
                            : 0;
  const int computed = std::min(r.computed + hit.tokens, longest);
  if (wanted.full_fit) {
    const int all = blocks_needed(r, std::min(r.num_tokens(), longest), computed, hit, true);
    if (all + watermark > pool_.num_free()) return std::nullopt;
  }
  leave_windows(r, settled(r, computed));
  const int slots = std::min(computed + wanted.tokens + wanted.lookahead, longest);
  if (blocks_needed(r, slots, computed, hit, false) + watermark > pool_.num_free()) return std::nullopt;

  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Held& held = groups_[g][r.id];
    if (hit.tokens == 0) continue;
    const auto skipped = static_cast<std::size_t>(skipped_blocks(windows_[g], computed));
    for (std::size_t i = 0; i < hit.blocks[g].size(); ++i) {
      const int id = i < skipped ? kNullBlock : hit.blocks[g][i];
      if (id != kNullBlock) pool_.touch(id);
      held.blocks.push_back(id);
    }
    held.published = static_cast<int>(held.blocks.size());
  }
  std::vector<int> fresh;
  for (Group& group : groups_) {
    std::vector<int>& blocks = group[r.id].blocks;
    const std::vector<int> taken =
        pool_.take(std::max(blocks_for(slots) - static_cast<int>(blocks.size()), 0));
    blocks.insert(blocks.end(), taken.begin(), taken.end());
    fresh.insert(fresh.end(), taken.begin(), taken.end());
  }
  publish(r, std::min(computed + wanted.tokens, r.num_tokens()));
  return fresh;
}

void KvCache::publish(const Request& r, int num_tokens) {
  if (!caching()) return;
  // A drafter of several modules computes the last tokens again.
  const int again = config_.multi_module_mtp ? std::max(0, config_.num_spec_tokens - 1) : 0;
  const int end = std::max(0, num_tokens - again) / config_.block_size;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Held& held = groups_[g][r.id];
    const int begin = held.published.value_or(0);
    for (int i = begin; i < end; ++i) {
      const int id = held.blocks[static_cast<std::size_t>(i)];
      if (id != kNullBlock) pool_.publish(id, {static_cast<int>(g), r.keys[static_cast<std::size_t>(i)]});
    }
    if (end > begin) held.published = end;
  }
}

void KvCache::free(const Request& r) {
  for (Group& group : groups_) {
    std::vector<int> blocks = group[r.id].blocks;
    std::reverse(blocks.begin(), blocks.end());
    group.erase(r.id);
    pool_.free(blocks);
  }
}

}  // namespace blis::oracle
