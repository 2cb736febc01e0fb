#include "roofline/packed_blocks.h"

#include <algorithm>
#include <map>

namespace blis {
namespace {

// Caches with blocks of as many tokens, of which they keep as many.
struct Kind {
  std::int64_t window = 0;
  int block = 0;
  std::map<double, int> layers_by_page{};

  int most_layers() const {
    return std::ranges::max_element(layers_by_page, {}, [](const auto& page) { return page.second; })->second;
  }
  KvGroup group() const {
    KvGroup group = attention_group(static_cast<int>(window));
    group.block_size = block;
    return group;
  }
};

std::vector<Kind> kinds_of(const LayerList& layers) {
  std::vector<Kind> kinds;
  for (const auto& [half, count] : layers.halves()) {
    for (const LayerCache& cache : half->part({}).caches) {
      auto kind = std::ranges::find_if(
          kinds, [&](const Kind& k) { return k.window == cache.window && k.block == cache.own_block; });
      if (kind == kinds.end())
        kind = kinds.insert(cache.window == 0 ? kinds.begin() : kinds.end(), {cache.window, cache.own_block});
      kind->layers_by_page[cache.own_page_bytes] += count;
    }
  }
  return kinds;
}

// How many layers groups have: the number, `least` or more, that fills groups up with the fewest; of equals
// the largest.
int layers_a_group(const std::vector<Kind>& kinds) {
  const int least = kinds.front().most_layers();
  int most = least, best = least, fewest = -1;
  for (const Kind& kind : kinds) most = std::max(most, kind.most_layers());
  for (int size = least; size <= most; ++size) {
    int filled = 0;
    for (const Kind& kind : kinds) filled += (size - kind.most_layers() % size) % size;
    if (fewest < 0 || filled <= fewest) best = size, fewest = filled;
  }
  return best;
}

}  // namespace

bool has_own_blocks(const LayerList& layers) {
  return std::ranges::any_of(layers.halves(), [](const LayersWith& with) {
    return std::ranges::any_of(with.half->part({}).caches,
                               [](const LayerCache& cache) { return cache.own_block > 0; });
  });
}

PackedBlocks packed_blocks(const LayerList& layers) {
  PackedBlocks packed;
  const std::vector<Kind> kinds = kinds_of(layers);
  if (kinds.empty()) return packed;
  const int size = layers_a_group(kinds);
  for (const Kind& kind : kinds) {
    // What keeps all is one group, however many layers it has.
    const int groups = kind.window == 0 ? 1 : (kind.most_layers() + size - 1) / size;
    packed.groups.insert(packed.groups.end(), static_cast<std::size_t>(groups), kind.group());
    double bytes = 0;  // of the first, which has the most layers
    for (const auto& [page, count] : kind.layers_by_page) bytes += page * ((count + groups - 1) / groups);
    packed.bytes = std::max(packed.bytes, bytes);
  }
  return packed;
}

}  // namespace blis
