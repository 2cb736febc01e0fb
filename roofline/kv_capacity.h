// How many KV blocks vLLM would allocate: its memory rule, with what it measures on the GPU replaced by
// physical terms (scheduler specification, section 14). The same few constants for all models.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roofline/drafter.h"
#include "roofline/hardware.h"
#include "roofline/model_config.h"
#include "sim/kv_group.h"

namespace blis {

constexpr double kGiB = 1024.0 * 1024 * 1024;

// The engine settings that memory depends on.
struct MemorySettings {
  double gpu_memory_utilization = 0.92;  // (0, 1]
  int block_size = 16;                   // tokens
  int max_num_batched_tokens = 8192;
  int batches_in_flight = 1;  // of max_num_batched_tokens, that windows allow for (vllm#47728, 2026-07-08)
  // max_model_len must fit beside the null block (vllm#47272, 2026-08-20).
  bool null_block_in_length_check = false;
  int max_num_seqs = 256;
  std::int64_t max_model_len = 0;     // 0: not checked
  double kv_dtype_bytes = 0;          // 0: the model's own (kv_dtype_bytes(model))
  int captured_graphs = 0;            // CUDA graph sizes; 0: eager
  bool subtract_graph_memory = true;  // from 2026-04-21
  bool sort_to_sample = false;        // top-p/top-k sort the vocabulary: from vLLM 0.11.1 to 0.15
  double kv_cache_bytes = 0;          // for the KV cache on each GPU, whatever else there is; 0: what is left
  bool prefix_caching = true;         // a sequence keeps two states beside attention, not one
  int adapter_slots = 0;              // of LoRA adapters, of adapter_rank
  int adapter_rank = 0;
  Drafter drafter{};  // without layers: nothing makes drafts
};

// Layers whose blocks are handed out together. All groups have `KvLayout::layers_per_group` layers (the
// smallest kind's number; short groups are padded) and draw from one pool: a block of 16 tokens is one
// page in each layer of one group. Layers whose tokens take less have more of them in a block, as many as
// make its page equally large.
struct KvLayout {
  std::vector<KvGroup> groups;
  int layers_per_group = 0;
  int block_size = 16;    // tokens in a block of attention; enlarged until a page holds a layer's state
  double page_bytes = 0;  // of a block in one layer on one GPU, of the largest where they differ
  // Layers that all keep all of their context are one group, however much a token takes in each: the bytes of
  // a block are the sum of theirs.
  bool sums_pages = false;
  // A block of any group is one page of `page_bytes` for all of the group's layers (packed_blocks.h).
  bool packed = false;

  // Tokens in a block of `group`, whatever it keeps of them.
  int block_size_of(const KvGroup& group) const {
    return group.block_size > 0 ? group.block_size : block_size;
  }

  // Tokens of the smallest block of any group.
  int smallest_block() const;

  // Whole blocks in every group of attention: what is found again of a prompt is a multiple of it.
  int match_size() const;

  bool has_states() const;
  bool has_attention() const;
  // Whether attention's groups have blocks of different sizes.
  bool has_unequal_blocks() const;
};
// vLLM's grouping for models that mix full, sliding-window and recurrent layers, with blocks of at least
// `block_size` tokens; `kv_dtype_bytes` 0: the model's own. Source: vllm/v1/core/kv_cache_utils.py,
// vllm/platforms/interface.py (_align_hybrid_block_size) of 2026-08-20.
KvLayout kv_layout(const ModelConfig& model, const Parallelism& parallel = {}, int block_size = 16,
                   double kv_dtype_bytes = 0);

// One line of the arithmetic. Bytes on the GPU that bounds the result.
struct MemoryTerm {
  std::string name;
  double bytes = 0;
};

struct KvCapacity {
  std::int64_t num_blocks = 0;    // as vLLM logs it: includes the null block. 0 when nothing is left
  std::int64_t block_bytes = 0;   // one block on one GPU, all its layers
  double requested_bytes = 0;     // memory x utilization
  double available_bytes = 0;     // what is left for KV; negative when weights alone do not fit
  std::vector<MemoryTerm> taken;  // what was subtracted from requested, in order
  std::int64_t longest_request_blocks = 0;  // that max_model_len needs; 0 when it is not given
  KvLayout layout;
  int stage = 0;  // pipeline stage that bounds the result

  std::int64_t usable_blocks() const { return num_blocks > 0 ? num_blocks - 1 : 0; }
  bool feasible() const { return num_blocks > 1 && longest_request_blocks <= num_blocks; }
};

// Tokens in a block, as the kernels of vLLM want it: 64 or more with latent attention (FlashMLA).
int kv_block_size(const ModelConfig& model, int asked);

// Blocks that a request of `tokens` takes at most, while steps with `in_flight` new tokens are under way: a
// group with a window keeps that and what is in flight.
std::int64_t request_blocks(const KvLayout& layout, std::int64_t in_flight, std::int64_t tokens);

// Blocks that vLLM wants before it starts with a max_model_len of `tokens`.
std::int64_t required_blocks(const KvLayout& layout, const MemorySettings& settings, std::int64_t tokens);

// Blocks that fit, each a page in every one of `layers`; 0 when available_bytes is negative.
std::int64_t kv_blocks_in(double available_bytes, double page_bytes, int layers);

// The minimum over pipeline stages, as every stage gets the same number of blocks. A tensor-parallel
// group holds a shard of each block on every GPU, so its size does not multiply the result.
// Throws InputError (usage) if the hardware entry has no MemoryGiB, unless settings.kv_cache_bytes says what
// that was for, or if `parallel` is impossible.
KvCapacity kv_capacity(const ModelConfig& model, const Hardware& hardware, const Parallelism& parallel,
                       const MemorySettings& settings);

// Throws InputError (infeasible) that shows the arithmetic, unless capacity.feasible().
void require_fits(const KvCapacity& capacity, const ModelConfig& model, const Hardware& hardware,
                  const Parallelism& parallel, const MemorySettings& settings);

}  // namespace blis
