// Every setting that changes a scheduling decision: vLLM's engine flags under vLLM's names, and
// the switches by which vLLM's versions differ.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kv/config.h"
#include "sim/vllm/encoder_cache.h"

namespace blis {

// Where freed blocks that were never hashed go in the free queue (caching on).
enum class FreeOrder : std::uint8_t { split, legacy };  // to the head | to the tail, like the rest
// Where freed blocks go with caching off: block ids differ, decisions do not.
enum class UncachedFree : std::uint8_t { head, tail };
// First-decode padding with drafts: an admission of one token is widened to 1 + k.
enum class PadRule : std::uint8_t { none, strict, later };

// What differs between vLLM versions (scheduler spec, section 0). The defaults are the newest
// verified behaviour, 2026-08-17.
struct SchedulerBehaviour {
  bool reserve_full_isl = true;  // admission checks that the whole known prompt would fit
  double watermark = 0.0;        // share of all blocks an admission must leave free, beside others
  FreeOrder free_order = FreeOrder::split;
  UncachedFree nocache_free = UncachedFree::head;
  bool priority_cursor_fix = true;
  PadRule pad_rule = PadRule::strict;
  bool admit_lookahead = true;  // admissions reserve the draft lookahead slots
  bool async_drop_unscheduled_drafts = false;
  bool stats_on_lookup = false;  // prefix statistics count every lookup, not admissions only
  bool stale_gate = true;        // a preempted request waits until its output in flight has drained
  // Blocks leave the attention window when the steps that read them have ended (vllm#47728, July
  // 2026), not when their successors are scheduled; admissions allow for what is in flight.
  bool window_frees_settled = true;
  // A decision without tokens takes a slot of the batch queue like any other (vllm#42187, 2026-06-02), so
  // that the oldest batch is waited for earlier; no difference below three slots.
  bool queue_holds_empty_batches = true;
  // Where windows and states stay findable: nothing, everywhere; 0, only before a prompt's last token and
  // before the place where prompts part; n, at every n-th token, too (vllm#43447, vllm#45845, vllm#47782; 0
  // is the default since vllm#52216, 2026-08-17, first release 0.29).
  std::optional<int> prefix_cache_retention_interval = 0;

  friend bool operator==(const SchedulerBehaviour&, const SchedulerBehaviour&) = default;
};

// A version of vLLM whose decisions are known: `date` is a mainline date, ISO form.
struct BehaviourPreset {
  std::string_view date;
  SchedulerBehaviour behaviour;
};
// Oldest first.
std::span<const BehaviourPreset> behaviour_presets();

// Counts are plain int: inside the scheduler they are compared and subtracted in every line.
struct SchedulerConfig {
  int max_num_seqs = 128;
  int max_num_batched_tokens = 2048;
  int max_num_scheduled_tokens = 0;  // 0: max_num_batched_tokens
  int max_model_len = 8192;
  int block_size = 16;
  int num_blocks = 10000;  // includes the null block: num_blocks - 1 are usable
  bool enable_prefix_caching = true;
  bool enable_chunked_prefill = true;
  int long_prefill_token_threshold = 0;  // 0: off
  std::string_view policy = "fcfs";      // a row of kSchedulingPolicies
  bool async_scheduling = false;
  int batch_queue_size = 1;  // batches in flight: 1 synchronous, 2 asynchronous, p or p + 1 pipeline stages
  // Asynchronous, with runner V2 and p pipeline stages: a request that decodes in one schedule() call does so
  // again p calls later at the earliest. Otherwise 1.
  int decode_interval = 1;

  int num_spec_tokens = 0;  // drafts per sequence and step
  int spec_lookahead = 0;   // extra slots: num_spec_tokens for EAGLE, MTP, draft model; 0 for n-gram
  bool use_eagle = false;   // a lookup drops its last matched block
  // Rows of max_num_batched_tokens that each scheduled request takes beside its tokens: the draft model's.
  int max_num_new_slots_for_drafting = 0;
  // Its modules draft from known tokens: no chunk ends within num_spec_tokens of the prompt's end.
  bool multi_module_mtp = false;
  // Drafts by the number of requests in the step, from none on; more have the last number. Empty: always
  // num_spec_tokens.
  std::vector<int> drafts_by_batch_size = {};

  int max_loras = 0;  // adapters that one step may run; 0: requests name none

  EncoderLimits encoder = {};

  std::vector<KvGroup> kv_groups = {{}};  // at least one

  SchedulerBehaviour behaviour;

  int token_budget() const {
    return max_num_scheduled_tokens > 0 ? max_num_scheduled_tokens : max_num_batched_tokens;
  }
};

// Most steps between two tokens of a request that nothing disturbs.
constexpr int regular_distance(const SchedulerConfig& s) {
  return s.async_scheduling ? s.decode_interval : s.batch_queue_size;
}

// What of it the KV cache needs.
KvConfig kv_config(const SchedulerConfig& scheduler);

}  // namespace blis
