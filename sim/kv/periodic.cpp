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
      const bool only_of_prompts = !retention_[g].everywhere && retention_[g].segment == 0;
      if (specs_[g].mode == StateMode::all || (caching_ && !only_of_prompts)) return false;
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
  const auto repeated = std::ranges::unique(places);
  places.erase(repeated.begin(), repeated.end());
  return places;
}

}  // namespace blis
