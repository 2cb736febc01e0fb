// What a run leaves behind: a row a request, a record a step, and counters. Everything that is
// reported follows from these.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/large_vector.h"
#include "sim/request.h"
#include "sim/step_log.h"

namespace blis {

// A gap between two tokens of one request that no step record accounts for: around a preemption,
// or where a request was passed over.
struct OddGap {
  Duration gap{};
  RequestIndex request = 0;
};

struct TimeSpan {
  Time from{}, to{};
};

struct PrefixStats {
  std::int64_t requests = 0, queries = 0, hits = 0;  // first admissions: lookups, tokens, hit tokens
  std::int64_t preempted_requests = 0, preempted_queries = 0, preempted_hits = 0;  // re-admissions
  friend bool operator==(const PrefixStats&, const PrefixStats&) = default;
  PrefixStats& operator+=(const PrefixStats& b) {
    requests += b.requests, queries += b.queries, hits += b.hits;
    preempted_requests += b.preempted_requests;
    preempted_queries += b.preempted_queries;
    preempted_hits += b.preempted_hits;
    return *this;
  }
};

// One engine's (replica's) side of the run.
struct EngineResult {
  StepLog steps;                         // in order of execution; see Folding
  std::vector<TokenInterval> intervals;  // earlier intervals of preempted or passed-over requests
  std::vector<OddGap> odd_gaps;
  std::vector<TimeSpan> short_of_blocks;  // requests waited, and KV blocks were the reason; in order
  PrefixStats prefix;
  PrefixStats external;         // of what was not there: asked of a store of KV blocks
  std::int64_t num_blocks = 0;  // usable KV blocks
  std::int32_t endpoints = 1;   // that requests are sent to
  std::int32_t ranks = 1;       // data-parallel: in blocks, so many at each endpoint
  std::int32_t ranks_per_endpoint() const { return ranks / endpoints; }
  std::int64_t preemptions = 0;
  std::int64_t draft_run_steps = 0;  // of the steps, those taken as draft runs (sim/vllm/draft_run.h)
  std::int64_t resets = 0,
               failed_resets = 0;     // of the prefix cache: asked for, and refused as blocks were in use
  std::int32_t regular_distance = 1;  // most steps between two tokens of an undisturbed request: fewer
                                      // batches than a pipeline has room for may be in flight
};

// How the KV blocks of a first leg got to the instance that goes on with them.
struct Handoff {
  Time pull_begin = kUnset, pull_end = kUnset;  // kUnset: they never did
  std::int32_t tokens = 0;                      // that were pulled: not those cached there
};

// Legs of requests beside the one that a request's tokens come from: a prefill elsewhere. No figure counts
// them as requests. Most runs have none.
struct FurtherLegs {
  LargeVector<RequestRecord> records;  // in the order in which they were sent
  std::vector<RequestIndex> requests;  // whose they are, in the same order
  std::vector<Handoff> handoffs;       // likewise
};

// Replicas of a pool from `at` on.
struct ReplicaCount {
  Time at{};
  std::int32_t starting = 0, ready = 0;
  std::int32_t draining = 0;  // they get no more requests, and stop when they have answered those they have
  std::int32_t with_gpus() const { return starting + ready + draining; }
};

// How the number of a pool's replicas changed.
struct PoolScaling {
  std::size_t pool = 0;                // by the order of the pools
  std::int32_t places = 0;             // replicas at most
  std::vector<ReplicaCount> counts{};  // after each change, by time; the first one is of the start
  std::int32_t ups = 0, downs = 0;     // decisions
};

// How long a request waited at the router until an instance was chosen.
struct RouterWait {
  RequestIndex request = 0;
  Duration wait{};
};

// A replica that was dead.
struct Downtime {
  EngineIndex replica = 0;
  Time from{}, to = kNever;  // kNever: nobody started another one in its place
  std::int64_t lost = 0;     // requests that it had, and that failed
};

struct RunResult {
  LargeVector<RequestRecord> requests;  // by RequestIndex
  std::vector<EngineResult> engines;    // by EngineIndex
  FurtherLegs legs;
  std::vector<Downtime> downtimes;   // by their beginning
  std::vector<PoolScaling> scaling;  // of pools whose number of replicas may change
  // What lay before the choice of an instance, of every request and for each token of its prompt.
  Duration gateway{0}, gateway_per_token{0};
  std::vector<RouterWait> waits;  // of those that waited there, and were sent on
  bool interrupted = false;
};

// Whether the number of replicas changed.
inline bool changes_size(const RunResult& run) {
  if (!run.downtimes.empty()) return true;
  for (const PoolScaling& pool : run.scaling) {
    if (pool.counts.size() > 1) return true;
  }
  return false;
}

// Calls `f(first, last)` for each interval of steps in which the request got tokens, the last one first.
template <class F>
void for_each_token_interval(const EngineResult& engine, const RequestRecord& request, F f) {
  if (request.tokens.first == kNoStep) return;
  for (TokenInterval run = request.tokens;; run = engine.intervals[run.previous]) {
    f(run.first, run.last);
    if (run.previous == ~0u) return;
  }
}

}  // namespace blis
