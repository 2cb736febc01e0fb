// What one vLLM engine is: its scheduler's settings, and how its steps run on its GPUs. A value,
// complete before the run.
#pragma once

#include <vector>

#include "sim/rank_balance.h"
#include "sim/sustained_clock.h"
#include "sim/vllm/adapter_slots.h"
#include "sim/vllm/external_store_config.h"
#include "sim/vllm/scheduler_config.h"

namespace blis {

struct EngineConfig {
  SchedulerConfig scheduler;
  SustainedClockConfig clock;         // of the GPUs
  std::vector<int> cuda_graph_sizes;  // ascending; empty: steps run without graphs
  int attention_window = 0;           // for StepShape::window_context; 0: none
  int data_parallel_ranks = 1;        // in lockstep; each has the blocks of `scheduler`
  // Of ranks in lockstep: every so many steps they begin and go on with prefills, together (vllm#44558).
  int prefill_schedule_interval = 1;
  // That requests are sent to, each with an API server and equally many of the ranks: one, or one for each
  // rank (data_parallel_external_lb) or for each node (data_parallel_hybrid_lb).
  int endpoints = 1;
  RankBalanceRule rank_balance;    // which of the ranks of its endpoint a request goes to
  int pipeline_stages = 1;         // a batch passes so many, one step's cost each; batches overlap
  std::vector<double> acceptance;  // share of steps that accept the draft at each position; falling
  std::vector<double> drafted;     // share of steps that find so many drafts, from one on; empty: all of them
  ExternalStoreConfig store;       // of KV blocks; with one rank
  AdapterCosts adapters;           // as many slots as scheduler.max_loras
  Duration grammar_compile{0};     // until a request with structured output can be admitted
  double failing_loads = 0;        // share of the loads that requests wait for which brings nothing
  bool recompute_failed_loads = false;    // what they did not bring; otherwise their requests fail
  std::vector<Time> prefix_cache_resets;  // when the prefix cache is to be forgotten, ascending
  bool reset_running_requests =
      false;               // who runs then is preempted; otherwise a reset fails while anyone does
  bool shares_kv = false;  // other engines compute prompts for it, or go on with those it computed
  bool run_ahead = true;   // false: every step takes the plain path (same decisions; for checking)
};

}  // namespace blis
