// Where sequences that grow by one token a step change what they hold.
#include <algorithm>

#include "sim/kv/cache.h"

namespace blis {

bool KvCache::periodic() const {
  if (pool_.tracks_ids()) return false;
  for (std::uint32_t g = 0; g < specs_.size(); ++g) {
    if (!is(g, KvKind::state)) {
      if (size(g) != block_size_) return false;
    } else if (specs_[g].mode != StateMode::none) {
      if (specs_[g].mode == StateMode::all || keeps_generated_) return false;
    }
  }
  return true;
}

// A block is begun at its start; which were left behind, leave_behind() says.
std::vector<int> KvCache::places_of_change(int in_flight) const {
  const int late = window_frees_settled_ ? in_flight : 0;
  std::vector<int> places{0};
  for (std::uint32_t g = 0; g < specs_.size(); ++g) {
    const KvGroup& spec = specs_[g];
    if (spec.kind == KvKind::window) places.push_back((spec.reach - 1 + late) % block_size_);
    if (spec.kind == KvKind::chunk) places.push_back(late % block_size_);
    if (aligned(g)) places.push_back((1 + late) % block_size_);
  }
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

// Of what is not kept findable it makes no difference whether it is published before it is left behind; what
// is looked up is published before, by settle().
void KvCache::go_on(SequenceIndex s, int computed, int in_flight) {
  Sequence& sequence = sequences_[s];
  const int settled = std::max(0, computed - (window_frees_settled_ ? in_flight : 0));
  if (go_on_blank(sequence, computed, settled)) return;
  if (keeps_generated_) publish(s, computed - in_flight);
  leave_behind(sequence, settled);
  for (std::uint32_t g = 0; g < groups_.size(); ++g)
    take_up_to(g, sequence.groups[g], blocks_for(g, computed + 1));
  if (keeps_generated_) publish(s, computed + 1 - in_flight);
}

// Blank blocks that are left behind go to the head of the free queue, and are the first to be taken: so they
// change hands at once. False if others are left behind, or go elsewhere.
bool KvCache::go_on_blank(Sequence& s, int computed, int settled) {
  if (keeps_generated_ || !blank_to_head_) return false;
  int more = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const Holding& holding = s.groups[g];
    const int skipped = std::min(skipped_blocks(g, settled), holding.held);
    if (aligned(g) || (skipped > holding.first && !holding.pieces.empty())) return false;
    more += std::max(blocks_for(g, computed + 1) - holding.held, 0) - std::max(skipped - holding.first, 0);
  }
  if (more < 0) return false;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    Holding& holding = s.groups[g];
    holding.first = std::max(holding.first, std::min(skipped_blocks(g, settled), holding.held));
    holding.held = std::max(holding.held, blocks_for(g, computed + 1));
  }
  take_on_account(more);
  return true;
}

}  // namespace blis
