// Groups of a KV cache whose layers have blocks of their own sizes (DeepSeek-V4): a block of any group is a
// piece of memory of one size, in which the pages of the group's layers lie one behind the other.
#pragma once

#include <vector>

#include "roofline/layers.h"
#include "sim/kv_group.h"

namespace blis {

struct PackedBlocks {
  std::vector<KvGroup> groups;  // what keeps all tokens first, each with its block's tokens
  double bytes = 0;             // of a block on every rank
};

bool has_own_blocks(const LayerList& layers);
// Of layers of which some keep all tokens. Source: group_and_unify_kv_cache_specs, _approximate_gcd and
// _get_kv_cache_groups_uniform_groups of vllm/v1/core/kv_cache_utils.py, 2026-08-17.
PackedBlocks packed_blocks(const LayerList& layers);

}  // namespace blis
