#include "sim/vllm/scheduler_config.h"

#include <algorithm>
#include <array>

namespace blis {
namespace {

// Each date's settings as differences from the next later one: that is how they were found, by
// running vLLM's own scheduler of that day beside the reference. Not constexpr: clang 14 cannot copy an empty
// optional in a constant expression.
const SchedulerBehaviour kAugust17{};

const SchedulerBehaviour kAugust16 = [] {  // before vllm#52216
  SchedulerBehaviour b = kAugust17;
  b.prefix_cache_retention_interval = std::nullopt;
  return b;
}();

const SchedulerBehaviour kAugust1 = [] {
  SchedulerBehaviour b = kAugust16;
  b.priority_cursor_fix = false;
  b.nocache_free = UncachedFree::tail;
  return b;
}();

// Not run: before vllm#48017 (2026-07-25) and vllm#48245 (2026-07-29), after vllm#47728 (2026-07-08) and
// vllm#48860 (2026-07-21).
const SchedulerBehaviour kJuly24 = [] {
  SchedulerBehaviour b = kAugust1;
  b.nocache_free = UncachedFree::head;
  b.stale_gate = false;
  return b;
}();

const SchedulerBehaviour kJuly5 = [] {
  SchedulerBehaviour b = kJuly24;
  b.stats_on_lookup = true;
  b.window_frees_settled = false;
  return b;
}();

const SchedulerBehaviour kJune24 = [] {
  SchedulerBehaviour b = kJuly5;
  b.pad_rule = PadRule::none;
  return b;
}();

const SchedulerBehaviour kJune13 = [] {
  SchedulerBehaviour b = kJune24;
  b.free_order = FreeOrder::legacy;
  b.nocache_free = UncachedFree::tail;
  return b;
}();

const SchedulerBehaviour kMay10 = [] {
  SchedulerBehaviour b = kJune13;
  b.queue_holds_empty_batches = false;
  b.admit_lookahead = false;
  return b;
}();

const SchedulerBehaviour kMarch1 = [] {
  SchedulerBehaviour b = kMay10;
  b.reserve_full_isl = false;
  return b;
}();

const std::array kPresets{
    BehaviourPreset{"2025-12-15", kMarch1},   BehaviourPreset{"2026-01-28", kMarch1},
    BehaviourPreset{"2026-03-01", kMarch1},   BehaviourPreset{"2026-04-01", kMay10},
    BehaviourPreset{"2026-05-10", kMay10},    BehaviourPreset{"2026-06-13", kJune13},
    BehaviourPreset{"2026-06-24", kJune24},   BehaviourPreset{"2026-07-05", kJuly5},
    BehaviourPreset{"2026-07-24", kJuly24},   BehaviourPreset{"2026-08-01", kAugust1},
    BehaviourPreset{"2026-08-16", kAugust16}, BehaviourPreset{"2026-08-17", kAugust17},
};

}  // namespace

std::span<const BehaviourPreset> behaviour_presets() {
  return kPresets;
}

KvConfig kv_config(const SchedulerConfig& s) {
  const SchedulerBehaviour& b = s.behaviour;
  KvConfig kv{.block_size = s.block_size,
              .num_blocks = s.num_blocks,
              .watermark_blocks = static_cast<int>(b.watermark * s.num_blocks),
              .enable_prefix_caching = s.enable_prefix_caching,
              .groups = s.kv_groups,
              .max_model_len = s.max_model_len,
              .max_tokens_in_flight = s.max_num_batched_tokens,
              .retention_interval = b.prefix_cache_retention_interval,
              .drop_last_match = s.use_eagle,
              .unpublished_tail = s.multi_module_mtp ? std::max(0, s.num_spec_tokens - 1) : 0,
              .window_frees_settled = b.window_frees_settled,
              .whole_prompt_must_fit = b.reserve_full_isl && s.spec_lookahead == 0};
  if (b.window_frees_settled) kv.max_tokens_in_flight *= s.batch_queue_size;
  kv.blank_to_head =
      s.enable_prefix_caching ? b.free_order == FreeOrder::split : b.nocache_free == UncachedFree::head;
  return kv;
}

}  // namespace blis
