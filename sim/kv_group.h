// What a group of layers keeps of a sequence: vLLM's KVCacheSpec, as far as blocks are concerned. Whoever
// knows the layers says it, the KV cache acts on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace blis {

enum class KvKind : std::uint8_t {
  full,    // every token, until the sequence is gone (MLA, too)
  window,  // the last `reach` tokens, the current one included (sliding window)
  chunk,   // tokens of the same aligned chunk of `reach` (chunked local attention)
  state,   // one state, of the last token (Mamba, linear attention)
};

// vLLM's mamba_cache_mode: at which tokens states are kept, so that a prompt can go on from them.
enum class StateMode : std::uint8_t {
  none,   // nowhere: the one block of a sequence is `block_size` tokens long, which is max_model_len or more
  align,  // where steps end, and prefills end at block boundaries for it
  all,    // at every block boundary
};

constexpr int kWholeSequence = 1 << 30;  // a block of so many tokens holds all of any sequence

// Blocks of all groups have one size in bytes and come from one pool.
struct KvGroup {
  KvKind kind = KvKind::full;
  int reach = 0;  // tokens; of a window or a chunk
  StateMode mode = StateMode::none;
  int block_size = 0;  // tokens; 0: that of the cache

  friend bool operator==(const KvGroup&, const KvGroup&) = default;
};

// A layer's attention window in tokens, 0: none.
constexpr KvGroup attention_group(int window) {
  return window == 0 ? KvGroup{} : KvGroup{.kind = KvKind::window, .reach = window};
}

inline bool has_aligned_states(const std::vector<KvGroup>& groups) {
  return std::ranges::any_of(groups, [](const KvGroup& group) {
    return group.kind == KvKind::state && group.mode == StateMode::align;
  });
}

inline std::vector<KvGroup> attention_groups(const std::vector<int>& windows) {
  std::vector<KvGroup> groups;
  groups.reserve(windows.size());
  for (const int window : windows) groups.push_back(attention_group(window));
  return groups;
}

// Most blocks that one request holds in the group at once, of `tokens` tokens, when at most `in_flight` are
// computed by steps that have not ended. A window begins anywhere in a block, a chunk at its start.
constexpr std::int64_t blocks_of_request(const KvGroup& group, std::int64_t tokens, std::int64_t in_flight,
                                         int block_size) {
  if (group.block_size > 0) block_size = group.block_size;
  const auto blocks = [&](std::int64_t n) { return (n + block_size - 1) / block_size; };
  switch (group.kind) {
    case KvKind::full:
      break;
    case KvKind::window:
      return std::min(blocks(tokens), blocks(std::min(group.reach - 1 + in_flight, tokens)) + 1);
    case KvKind::chunk:
      return blocks(std::min(group.reach + in_flight, tokens));
    case KvKind::state:
      if (group.mode == StateMode::align) return std::min<std::int64_t>(blocks(tokens), 2);
      break;
  }
  return blocks(tokens);
}

}  // namespace blis
