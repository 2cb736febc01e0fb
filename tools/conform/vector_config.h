// The mapping from the configuration names of vector files to the engine's own settings.
#pragma once

#include <vector>

#include "sim/vllm/scheduler_config.h"
#include "tools/conform/json_fields.h"

namespace blis::conform {

// A scheduler's configuration, and what belongs to whoever drives it and plays the model.
struct VectorConfig {
  SchedulerConfig scheduler;
  bool external_kv = false;           // some request's KV lies elsewhere: there is a connector. No key
  int spec_accept = 0;                // drafts accepted in each verification
  int prefill_schedule_interval = 1;  // data parallelism: prefills are deferred in other steps than
                                      // every so many
  std::vector<int> reset_steps = {};  // of a run: before these are scheduled, the prefix cache is reset
  bool reset_running_requests = false;
  bool auto_draft = true;  // synchronous speculation: every sequence that sampled gets new drafts
};

// What a vector means that says nothing: the defaults of ref_sched.py, which are those of copies of
// vLLM newer than 2026-08-17, not those of SchedulerConfig.
VectorConfig reference_defaults();

// `config` over the defaults. Keys are those of ref_sched.py, and: sliding_window (one group with
// an attention window, in tokens), group_windows (a list, one entry a group, 0 for full attention),
// auto_draft, window_frees_settled, prefill_schedule_interval.
VectorConfig read_config(VectorFields config);

// The keys that `changes` has, over `config`; batch_queue_size stays what it was.
void apply_changes(VectorFields changes, VectorConfig& config);

// Such an object; what equals the defaults is left out.
Json to_json(const VectorConfig& config);

}  // namespace blis::conform
