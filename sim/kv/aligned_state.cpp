// Groups of states in mode `align`: a sequence holds the block that its running state is in, the one that it
// was copied from until the step that copied it has ended, and passes over all blocks between.
#include <algorithm>
#include <cassert>

#include "sim/kv/cache.h"

namespace blis {

void KvCache::adopt_state(Holding& holding, std::span<const HitPiece> hit) {
  for (const HitPiece& piece : hit) {
    assert(piece.hi * block_size_ == hit_tokens_ && piece.lo == piece.hi - 1);
    holding.states.push_back({piece.lo, hold_range(piece), {}});
  }
}

void KvCache::extend_state(Holding& holding, int blocks) {
  if (blocks <= holding.held) return;
  if (holding.held > 0) holding.copied_from = holding.held - 1;
  scratch_ids_.clear();
  pool_.take(1, scratch_ids_);
  holding.states.push_back({blocks - 1, kNoExtent, pool_.tracks_ids() ? scratch_ids_.front() : BlockId{}});
  holding.held = blocks;
}

void KvCache::publish_state(Sequence& s, std::uint32_t group, int blocks) {
  Holding& holding = s.groups[group];
  if (blocks <= holding.published) return;
  if (s.findable) ++epoch_;
  for (StateBlock& state : holding.states) {
    if (state.index < holding.published || state.index >= blocks || state.extent != kNoExtent) continue;
    if (next_kept(s, group, state.index).lo != state.index) continue;
    const auto segment = std::ranges::find_if(
        s.chain, [&](const Segment& part) { return part.end / block_size_ > state.index; });
    const std::span<const BlockId> ids{&state.id, pool_.tracks_ids() ? 1u : 0u};
    state.extent = pool_.publish(group, segment->node, state.index, state.index + 1, kNoExtent, ids);
    fresh_states_.push_back({group, segment->node, state.index, state.index + 1});
  }
  holding.published = blocks;
}

void KvCache::leave_state(Holding& holding, int skipped, int settled_blocks) {
  // As long as blocks lie side by side, from the first one that nobody looks back to; and the one copied
  // from.
  const auto held = [&](int index) { return std::ranges::find(holding.states, index, &StateBlock::index); };
  int from = std::min(skipped, holding.held);
  const int upto = from;
  while (from > 0 && held(from - 1) != holding.states.end()) --from;
  give_back_states(holding, from, upto);
  const int source = holding.copied_from;
  if (source >= 0 && source < settled_blocks - 1) give_back_states(holding, source, source + 1);
}

void KvCache::give_back_states(Holding& holding, int from, int upto) {
  scratch_runs_.clear();
  scratch_ids_.clear();
  for (const StateBlock& state : holding.states) {
    if (state.index < from || state.index >= upto) continue;
    scratch_runs_.push_back({state.extent, 1});
    if (state.extent == kNoExtent && pool_.tracks_ids()) scratch_ids_.push_back(state.id);
  }
  if (scratch_runs_.empty()) return;
  ++epoch_;
  std::erase_if(holding.states,
                [&](const StateBlock& state) { return from <= state.index && state.index < upto; });
  give_back(scratch_ids_);
}

// In mode `all`: blocks from `from` on that were just published.
void KvCache::note_fresh_states(const Sequence& s, std::uint32_t group, int from) {
  const Holding& holding = s.groups[group];
  int lo = holding.first;
  for (const Piece& piece : holding.pieces) {
    if (piece.extent != kNoExtent && piece.hi > from)
      fresh_states_.push_back({group, pool_[piece.extent].node, std::max(lo, from), piece.hi});
    lo = piece.hi;
  }
}

// The last lookup ended in a state that this step computes: it cannot be copied before the step has ended.
bool KvCache::hit_is_computed_now() const {
  for (const FreshState& fresh : fresh_states_) {
    for (const HitPiece& piece : groups_[fresh.group]) {
      const int end = hit_blocks(fresh.group);
      const bool last = fresh.lo < end && end <= fresh.hi && piece.hi == end;
      if (last && pool_[piece.extent].node == fresh.node) return true;
    }
  }
  return false;
}

}  // namespace blis
