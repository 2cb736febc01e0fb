#include "tests/oracle/kv_cache.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <set>

namespace blis::oracle {

KvCache::KvCache(const SchedulerConfig& config)
    : config_(config), specs_(config.kv_groups), pool_(config), groups_(specs_.size()) {}

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
  std::vector<std::vector<std::size_t>> result;
  for (std::size_t g = 0; g < specs_.size(); ++g) {
    const auto same = std::find_if(result.begin(), result.end(),
                                   [&](const auto& kind) { return specs_[kind[0]] == specs_[g]; });
    if (same == result.end()) {
      result.push_back({g});
    } else {
      same->push_back(g);
    }
  }
  std::stable_partition(result.begin(), result.end(),
                        [&](const auto& kind) { return is(kind[0], KvKind::full); });
  return result;
}

// Keys are of config_.block_size tokens, and each stands for all before it, too.
BlockKey KvCache::key(const Request& r, std::size_t g, int block) const {
  const int last = (block + 1) * (block_size(g) / config_.block_size) - 1;
  return {static_cast<int>(g), r.keys[static_cast<std::size_t>(last)]};
}

// Tokens that a hit is a multiple of: whole blocks of every group.
int KvCache::match_size() const {
  int tokens = config_.block_size;
  for (std::size_t g = 0; g < specs_.size(); ++g) {
    if (!is(g, KvKind::state)) tokens = std::lcm(tokens, block_size(g));
  }
  return tokens;
}

bool KvCache::cached(const Request& r, const std::vector<std::size_t>& kind, int block) const {
  return std::all_of(kind.begin(), kind.end(),
                     [&](std::size_t g) { return pool_.find(key(r, g, block)).has_value(); });
}

// The hit of these groups is [0, end): blocks before `first` are not needed for it.
void KvCache::keep(const Request& r, const std::vector<std::size_t>& kind, int first, int end,
                   Hit& hit) const {
  for (std::size_t g : kind) {
    hit.blocks[g].assign(static_cast<std::size_t>(end), kNullBlock);
    for (int i = first; i < end; ++i) {
      hit.blocks[g][static_cast<std::size_t>(i)] = *pool_.find(key(r, g, i));
    }
  }
}

int KvCache::find(const Request& r, const std::vector<std::size_t>& kind, int limit, bool drop_last,
                  Hit& hit) const {
  const KvGroup& spec = specs_[kind[0]];
  const int step = match_size() / block_size(kind[0]);  // blocks that end where a hit may end
  limit *= step;
  int first = 0, end = 0;
  switch (spec.kind) {
    case KvKind::full:  // from the start, without a gap
      while (end < limit && cached(r, kind, end)) ++end;
      while (end % step != 0) --end;
      if (drop_last && end > 0) --end;
      break;
    case KvKind::window: {  // as many blocks as the window is wide, the rightmost; or else from the start
      const int need = blocks_for(kind[0], spec.reach - 1) + (drop_last ? 1 : 0);
      int run = 0;
      for (int i = limit - 1; i >= 0; --i) {
        const bool begins = run > 0 || (i + 1) % step == 0;
        run = begins && cached(r, kind, i) ? run + 1 : 0;
        if (run > 0 && run >= need) {
          first = i;
          break;
        }
      }
      end = first + run;
      if (drop_last && end > 0) --end;
      break;
    }
    case KvKind::chunk:  // what lies before the chunk that the limit is in is not needed
      first = end = limit * config_.block_size / spec.reach * spec.reach / config_.block_size;
      while (end < limit && cached(r, kind, end)) ++end;
      break;
    case KvKind::state:  // the latest state; drafts know no states, so none is dropped for them
      for (int i = limit - 1; i >= 0 && end == 0; --i) {
        if (cached(r, kind, i)) first = i, end = i + 1;
      }
      break;
  }
  keep(r, kind, first, end, hit);
  return end / step;
}

// Each kind of group accepts the length found so far or shortens it, until all agree. Full
// attention is looked up once: its hits are closed downwards. Where a draft model needs the last
// matched block recomputed (EAGLE, MTP), each kind matches one block more and drops it, once for
// each candidate length (vllm#33524, vllm#40860).
Hit KvCache::lookup(const Request& r) const {
  Hit hit = empty_hit();
  if (!caching() || r.skip_cache_read) return hit;
  const int limit = (r.num_tokens() - 1) / match_size();  // in units of it, as all lengths here
  const auto all_kinds = kinds();
  const bool full_and_one_other = all_kinds.size() == 2 && is(all_kinds[0][0], KvKind::full);
  std::set<std::size_t> dropped;  // kinds whose drop the candidate length includes
  std::optional<int> full_length;
  int length = limit, longest = 0;
  while (true) {
    int candidate = length;
    for (std::size_t k = 0; k < all_kinds.size(); ++k) {
      const bool full = is(all_kinds[k][0], KvKind::full);
      if (full && full_length) {
        candidate = std::min(candidate, *full_length);
        continue;
      }
      const bool drop = config_.use_eagle && !dropped.contains(k);
      const bool one_more = drop && !is(all_kinds[k][0], KvKind::state);
      const int most = one_more ? std::min(candidate + 1, limit) : candidate;
      const int found = find(r, all_kinds[k], most, drop, hit);
      if (drop) {
        dropped.insert(k);
      } else if (found < candidate) {
        dropped.clear();
      }
      candidate = found;
      longest = std::max(longest, candidate);
      if (full) full_length = found;
    }
    const bool agreed = candidate >= length;
    if (!agreed) length = candidate;
    if (agreed || full_and_one_other) break;
  }
  hit.tokens = length * match_size();
  for (std::size_t g = 0; g < specs_.size(); ++g)
    hit.blocks[g].resize(static_cast<std::size_t>(hit.tokens / block_size(g)));
  if (specs_.size() > 1 && longest > length) hit.shared_prefix_boundary = longest * match_size();
  return hit;
}

// ---------------------------------------------------------------- allocation

// Whole blocks that no later token looks back to.
int KvCache::skipped_blocks(std::size_t g, int computed) const {
  const KvGroup& spec = specs_[g];
  switch (spec.kind) {
    case KvKind::full:
      return 0;
    case KvKind::window:
      return std::max(0, computed - spec.reach + 1) / block_size(g);
    case KvKind::chunk:
      return computed / spec.reach * spec.reach / block_size(g);
    case KvKind::state:
      return std::max(0, computed - 1) / block_size(g);
  }
  return 0;
}

// Of `computed` tokens, those whose steps have ended.
int KvCache::settled(const Request& r, int computed) const {
  return config_.behaviour.window_frees_settled ? std::max(0, computed - r.in_flight) : computed;
}

// What a request can hold at once of a window or a chunk, and what is being computed; a block more if it
// begins anywhere.
std::optional<int> KvCache::admission_cap(std::size_t g) const {
  if (!is(g, KvKind::window) && !is(g, KvKind::chunk)) return std::nullopt;
  const int batches = config_.behaviour.window_frees_settled ? config_.batch_queue_size : 1;
  const int in_flight = config_.max_num_batched_tokens * batches;
  const int reach = is(g, KvKind::window) ? specs_[g].reach - 1 : specs_[g].reach;
  return blocks_for(g, std::min(reach + in_flight, config_.max_model_len)) + (is(g, KvKind::window) ? 1 : 0);
}

int KvCache::blocks_needed(std::size_t g, const Request& r, const Need& need, const Hit& hit) const {
  const auto held = groups_[g].find(r.id);
  const int have = held == groups_[g].end() ? 0 : static_cast<int>(held->second.blocks.size());
  const int hits = static_cast<int>(hit.blocks[g].size());
  const auto free_hits = [&](int from) {  // they leave the free queue when they are adopted
    int count = 0;
    for (int i = from; i < hits; ++i) {
      const int id = hit.blocks[g][static_cast<std::size_t>(i)];
      if (id != kNullBlock && pool_[id].ref == 0) ++count;
    }
    return count;
  };
  if (aligned_state(g)) {  // one block for the running state, however many it passes over
    const bool another = blocks_for(g, need.main_tokens) > hits + have;
    return (another ? 1 : 0) + free_hits(0);
  }
  int required = blocks_for(g, need.tokens);
  if (need.capped) required = std::min(required, admission_cap(g).value_or(required));
  if (held != groups_[g].end() && held->second.published) return std::max(required - have, 0);
  const int skipped = skipped_blocks(g, need.computed);
  return std::max(required - std::max(skipped, have + hits), 0) + free_hits(std::max(0, skipped - have));
}

int KvCache::blocks_needed(const Request& r, const Need& need, const Hit& hit) const {
  int needed = 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) needed += blocks_needed(g, r, need, hit);
  return needed;
}

int KvCache::remaining_blocks(const Request& r) const {
  const int known = std::min(r.num_tokens(), config_.max_model_len);
  return blocks_needed(r, {.tokens = known, .main_tokens = known, .computed = r.computed, .capped = true},
                       empty_hit());
}

// The hit ends in a state that this very step computes: it cannot be copied yet.
bool KvCache::waits_for_state(const Hit& hit) const {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (!is(g, KvKind::state) || hit.blocks[g].empty()) continue;
    const std::optional<BlockKey> key = pool_[hit.blocks[g].back()].key;
    if (key && states_of_this_step_.contains(*key)) return true;
  }
  return false;
}

void KvCache::leave_behind(const Request& r, int computed) {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto held = groups_[g].find(r.id);
    if (held == groups_[g].end()) continue;
    std::vector<int>& blocks = held->second.blocks;
    std::vector<int> left;
    for (int i = std::min(skipped_blocks(g, computed), static_cast<int>(blocks.size())) - 1; i >= 0; --i) {
      int& id = blocks[static_cast<std::size_t>(i)];
      if (id == kNullBlock) break;
      left.push_back(id);
      id = kNullBlock;
    }
    pool_.free(left);
    // Of aligned states, blocks lie apart from each other: the one copied from is left by itself.
    const std::optional<int> last = held->second.last_state;
    if (!last || *last >= blocks_for(g, computed) - 1) continue;
    int& id = blocks[static_cast<std::size_t>(*last)];
    pool_.free(std::vector{id});
    id = kNullBlock;
  }
}

// New blocks for one group. An aligned state takes one, and passes over all before it.
std::vector<int> KvCache::extend(std::size_t g, Held& held, const Need& need) {
  const int have = static_cast<int>(held.blocks.size());
  const int required = blocks_for(g, aligned_state(g) ? need.main_tokens : need.tokens);
  if (required <= have) return {};
  if (aligned_state(g)) {
    if (have > 0) held.last_state = have - 1;
    held.blocks.resize(static_cast<std::size_t>(required) - 1, kNullBlock);
  }
  const std::vector<int> taken = pool_.take(required - static_cast<int>(held.blocks.size()));
  held.blocks.insert(held.blocks.end(), taken.begin(), taken.end());
  return taken;
}

std::optional<std::vector<int>> KvCache::allocate(const Request& r, const Wanted& wanted, const Hit& hit) {
  assert(wanted.tokens + wanted.external > 0);
  const int longest = config_.max_model_len;
  const bool admission = r.status == Status::waiting || r.status == Status::preempted;
  const int watermark = wanted.has_running && admission
                            ? static_cast<int>(config_.behaviour.watermark * config_.num_blocks)
                            : 0;
  const int computed = std::min(r.computed + hit.tokens + wanted.external, longest);
  if (waits_for_state(hit)) return std::nullopt;
  if (wanted.full_fit) {
    const int known = std::min(r.num_tokens(), longest);
    const Need all{.tokens = known, .main_tokens = known, .computed = computed, .capped = true};
    if (blocks_needed(r, all, hit) + watermark > pool_.num_free()) return std::nullopt;
  }
  leave_behind(r, settled(r, computed));
  const Need need{.tokens = std::min(computed + wanted.tokens + wanted.lookahead, longest),
                  .main_tokens = computed + wanted.tokens,
                  .computed = computed};
  if (blocks_needed(r, need, hit) + watermark > pool_.num_free() - wanted.reserved) return std::nullopt;

  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Held& held = groups_[g][r.id];
    if (hit.tokens + wanted.external == 0) continue;
    const auto skipped = static_cast<std::size_t>(skipped_blocks(g, computed));
    for (std::size_t i = 0; i < hit.blocks[g].size(); ++i) {
      const int id = i < skipped ? kNullBlock : hit.blocks[g][i];
      if (id != kNullBlock) pool_.touch(id);
      held.blocks.push_back(id);
    }
    if (held.blocks.size() < skipped) held.blocks.resize(skipped, kNullBlock);
    held.published = static_cast<int>(held.blocks.size());
  }
  std::vector<int> fresh;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const std::vector<int> taken = extend(g, groups_[g][r.id], need);
    fresh.insert(fresh.end(), taken.begin(), taken.end());
  }
  if (!wanted.delay_publication) publish(r, std::min(computed + wanted.tokens, r.num_tokens()));
  return fresh;
}

// ---------------------------------------------------------------- publication

// Which of blocks [begin, end) get a key. Of windows and states, what no prompt is expected to go on from
// gets none (prefix retention): expected are the prompt's end, the place where prompts part, and every n-th
// token.
std::vector<bool> KvCache::kept(std::size_t g, const Request& r, int begin, int end) const {
  const std::optional<int> interval = config_.behaviour.prefix_cache_retention_interval;
  const bool window = is(g, KvKind::window), sparse = interval && (window || is(g, KvKind::state));
  std::vector<bool> keys(static_cast<std::size_t>(end - begin), !sparse);
  if (!sparse) return keys;
  // To go on after `boundary` takes so many blocks before it. A draft model's lookup wants one block beyond.
  const int beyond = window && config_.use_eagle ? 1 : 0;
  const int need = window ? blocks_for(g, specs_[g].reach - 1) + beyond : 1;
  if (*interval > 0 && need >= *interval / block_size(g)) {
    keys.assign(keys.size(), true);  // places lie so close that every block is before one
    return keys;
  }
  const auto keep_before = [&](int boundary) {
    const int last = boundary / block_size(g) + beyond;
    for (int i = std::max(begin, last - need); i < std::min(end, last); ++i)
      keys[static_cast<std::size_t>(i - begin)] = true;
  };
  keep_before((r.num_prompt - 1) / match_size() * match_size());
  if (r.shared_prefix_boundary > 0) keep_before(r.shared_prefix_boundary);
  if (*interval > 0) {
    for (int boundary = *interval; boundary / block_size(g) - need < end; boundary += *interval)
      keep_before(boundary);
  }
  return keys;
}

void KvCache::publish(const Request& r, int num_tokens) {
  if (!caching()) return;
  // A drafter of several modules computes the last tokens again.
  const int again = config_.multi_module_mtp ? std::max(0, config_.num_spec_tokens - 1) : 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const int end = std::max(0, num_tokens - again) / match_size() * match_size() / block_size(g);
    Held& held = groups_[g][r.id];
    const int begin = held.published.value_or(0);
    if (end <= begin) continue;
    const std::vector<bool> keys = kept(g, r, begin, end);
    for (int i = begin; i < end; ++i) {
      const int id = held.blocks[static_cast<std::size_t>(i)];
      if (id == kNullBlock || !keys[static_cast<std::size_t>(i - begin)]) continue;
      pool_.publish(id, key(r, g, i));
      if (is(g, KvKind::state)) states_of_this_step_.insert(key(r, g, i));
    }
    held.published = end;
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

std::vector<int> KvCache::take_away(const Request& r) {
  std::vector<int> blocks;
  for (Group& group : groups_) {
    const Held& held = group[r.id];
    blocks.insert(blocks.end(), held.blocks.begin(), held.blocks.end());
    group.erase(r.id);
  }
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}

}  // namespace blis::oracle
