// What a KV cache must know of the engine whose blocks it keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/kv_group.h"

namespace blis {

struct KvConfig {
  int block_size = 16;
  int num_blocks = 10000;    // includes the null block: num_blocks - 1 are usable
  int watermark_blocks = 0;  // an admission beside running requests leaves so many free
  bool enable_prefix_caching = true;
  std::vector<KvGroup> groups = {{}};  // at least one
  int max_model_len = 8192;
  std::int64_t max_tokens_in_flight = 2048;  // that admissions to window groups allow for
  // Tokens between the places where windows and states stay findable, a multiple of block_size. Nothing:
  // everywhere; 0: only at a prompt's end and where prompts part.
  std::optional<int> retention_interval;
  bool drop_last_match = false;      // a lookup gives up its last block, which drafts need recomputed (EAGLE)
  int unpublished_tail = 0;          // known tokens whose blocks a drafter of several modules computes again
  bool blank_to_head = true;         // freed blocks that were never hashed go to the head of the free queue
  bool window_frees_settled = true;  // blocks leave the attention window when the steps that read them ended
  bool whole_prompt_must_fit = true;  // every admission checks all known tokens, and no draft slots
};

}  // namespace blis
