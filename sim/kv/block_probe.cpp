#include "sim/kv/block_probe.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

namespace blis {

// ---------------------------------------------------------------- the pool

std::vector<BlockId> PoolProbe::free_order() const {
  std::vector<BlockId> order;
  for (ExtentIndex e = pool_.head_; e != kNoExtent; e = pool_.extents_[e].behind) {
    const std::vector<BlockId>& mine = pool_.ids_[e];
    if (pool_.extents_[e].blank()) {
      order.insert(order.end(), mine.begin(), mine.end());
    } else {
      order.insert(order.end(), mine.rbegin(), mine.rend());
    }
  }
  return order;
}

ExtentIndex PoolProbe::find(BlockId id) const {
  for (ExtentIndex e = 0; e < pool_.ids_.size(); ++e) {
    if (std::ranges::find(pool_.ids_[e], id) != pool_.ids_[e].end()) return e;
  }
  return kNoExtent;
}

bool PoolProbe::hashed(BlockId id) const {
  const ExtentIndex e = find(id);
  return e != kNoExtent && !pool_.extents_[e].blank();
}

int PoolProbe::refs(BlockId id) const {
  const ExtentIndex e = find(id);
  return e == kNoExtent ? 0 : pool_.extents_[e].refs;
}

int PoolProbe::distinct_hashes() const {
  std::set<std::pair<std::uint32_t, std::pair<NodeIndex, std::int32_t>>> keys;
  for (ExtentIndex e = 0; e < pool_.ids_.size(); ++e) {
    if (pool_.ids_[e].empty() || pool_.extents_[e].blank()) continue;
    for (std::int32_t i = pool_.extents_[e].lo; i < pool_.extents_[e].hi; ++i) {
      keys.insert({pool_.extents_[e].group, {pool_.extents_[e].node, i}});
    }
  }
  return static_cast<int>(keys.size());
}

ExtentIndex PoolProbe::isolate(BlockId id) {
  ExtentIndex e = find(id);
  assert(e != kNoExtent);
  // Blank extents number their blocks from the head of the queue, and split() puts the upper part
  // ahead: turn them round for the cut.
  const bool blank = pool_.extents_[e].blank();
  if (blank) std::reverse(pool_.ids_[e].begin(), pool_.ids_[e].end());
  const auto at = static_cast<std::int32_t>(std::ranges::find(pool_.ids_[e], id) - pool_.ids_[e].begin()) +
                  pool_.extents_[e].lo;
  ExtentIndex above = kNoExtent;
  if (at + 1 < pool_.extents_[e].hi) above = pool_.split(e, at + 1);
  const ExtentIndex below = at > pool_.extents_[e].lo ? e : kNoExtent;
  if (below != kNoExtent) e = pool_.split(e, at);
  if (blank) {
    for (ExtentIndex part : {above, below}) {
      if (part == kNoExtent) continue;
      std::reverse(pool_.ids_[part].begin(), pool_.ids_[part].end());
      pool_.extents_[part].hi -= std::exchange(pool_.extents_[part].lo, 0);
    }
    pool_.extents_[e].hi -= std::exchange(pool_.extents_[e].lo, 0);
  }
  return e;
}

void PoolProbe::drop_hash(BlockId id) {
  if (!hashed(id)) return;
  pool_.hashes_were_dropped_ = true;
  const ExtentIndex e = isolate(id);
  pool_.unlink_from_node(e);
  Extent& extent = pool_.extents_[e];
  extent.node = kNoNode;
  extent.older = extent.newer = kNoExtent;
}

void PoolProbe::remove_from_queue(BlockId id) {
  const ExtentIndex e = isolate(id);
  pool_.unlink_from_queue(e);
  pool_.discard(e);
  --pool_.free_;
}

// ---------------------------------------------------------------- the cache

std::vector<BlockId> CacheProbe::blocks(SequenceIndex s, int group) const {
  const KvCache::Holding& holding = kv_.sequences_[s].groups[static_cast<std::size_t>(group)];
  if (!holding.states.empty()) {
    std::vector<BlockId> ids(static_cast<std::size_t>(holding.held), 0);
    for (const KvCache::StateBlock& state : holding.states)
      ids[static_cast<std::size_t>(state.index)] =
          state.extent == kNoExtent ? state.id : kv_.pool_.ids_[state.extent].front();
    return ids;
  }
  std::vector<BlockId> ids(static_cast<std::size_t>(holding.first), 0);
  auto blank = holding.blank_ids.begin();
  for (const KvCache::Piece& piece : holding.pieces) {
    if (piece.extent == kNoExtent) {
      const auto end = blank + (piece.hi - static_cast<std::int32_t>(ids.size()));
      ids.insert(ids.end(), blank, end);
      blank = end;
      continue;
    }
    for (ExtentIndex e = piece.extent;; e = kv_.pool_[e].upper) {
      ids.insert(ids.end(), kv_.pool_.ids_[e].begin(), kv_.pool_.ids_[e].end());
      if (kv_.pool_[e].hi >= piece.hi) break;
    }
  }
  ids.insert(ids.end(), blank, holding.blank_ids.end());
  return ids;
}

std::vector<BlockId> CacheProbe::hit_blocks() const {
  std::vector<BlockId> ids(static_cast<std::size_t>(kv_.skipped_blocks(0, kv_.hit_tokens_)), 0);
  for (const KvCache::HitPiece& piece : kv_.groups_[0]) {
    const std::span<const BlockId> all = kv_.pool_.ids_[piece.extent];
    const int lo = kv_.pool_[piece.extent].lo;
    ids.insert(ids.end(), all.begin() + (piece.lo - lo), all.begin() + (piece.hi - lo));
  }
  return ids;
}

void CacheProbe::continue_with(SequenceIndex s, int start, ContentId content) {
  if (!kv_.caching_) return;
  KvCache::Sequence& sequence = kv_.sequences_[s];
  KvCache::Segment& last = sequence.chain.back();
  const std::int32_t before = sequence.chain.size() < 2 ? 0 : sequence.chain[sequence.chain.size() - 2].end;
  if (start == before) {  // the open-ended segment has not begun: replace it
    kv_.tree_.release(last.node);
    sequence.chain.pop_back();
  } else {
    if (kv_.tree_.is_private(last.node)) return;
    last.end = start;
  }
  const NodeIndex parent = sequence.chain.empty() ? kNoNode : sequence.chain.back().node;
  sequence.chain.push_back({kv_.tree_.use_shared(parent, start, content, 0), KvCache::kOpenEnd});
  sequence.findable = true;
}

void CacheProbe::drop_hash(BlockId id) {
  pool().drop_hash(id);
  ++kv_.epoch_;
}

}  // namespace blis
