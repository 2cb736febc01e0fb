// Drives a scheduler through a scenario, with a model that never surprises: what a `run` vector
// prescribes, and what two schedulers are compared on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/conform/scheduler_under_test.h"
#include "tools/conform/vectors.h"

namespace blis::conform {

struct StepTrace {
  int step = 0;
  NamedDecision decision;
  // After schedule(), before update():
  int free_blocks = 0;
  std::int64_t evicted_total = 0;
  std::vector<std::string> running_queue, waiting_queue, skipped_queue;
  std::map<std::string, std::vector<int>> blocks;  // of running requests; only if asked for
  std::vector<int> free_order;                     // only if asked for
  // By the update() of this step, of the oldest step in flight:
  std::vector<std::string> finished;

  bool did_anything() const {
    return !decision.tokens.empty() || !decision.preempted.empty() || !finished.empty();
  }
  friend bool operator==(const StepTrace&, const StepTrace&) = default;
};

struct RequestOutcome {
  int num_out = 0;
  int preemptions = 0;
  int cached_tokens = 0;
  friend bool operator==(const RequestOutcome&, const RequestOutcome&) = default;
};

struct RunTrace {
  std::vector<StepTrace> steps;
  std::map<std::string, int> finish_step;
  CacheStats stats;
  std::map<std::string, RequestOutcome> requests;  // those that arrived
  std::string broke_off;  // why the run ended before its requests did; empty if they all ended
};

struct RunOptions {
  bool with_blocks = false;  // follow block ids and the order of eviction
  int max_steps = 3000;      // then the run is given up: requests may preempt each other for ever
};

// Step k: requests with arrival_step <= k arrive, those with abort_step <= k leave, schedule() is called
// once, and the oldest step in flight is updated if the batch queue is full or nothing was scheduled. Steps
// in which nobody is there are skipped. Exceptions of the scheduler end up in `broke_off`.
RunTrace run_scenario(const VectorScenario& scenario, SchedulerUnderTest& scheduler,
                      const RunOptions& options = {});

// Where `got` first departs from `expected`, in words; nothing if it does not.
std::optional<std::string> first_difference(const RunTrace& expected, const RunTrace& got);

// A trace in the words of a `run` vector's `expect`, complete.
Json to_json(const RunTrace& trace);

// The step's entry, without what is empty.
Json to_json(const StepTrace& step);
Json to_json(const CacheStats& stats);
Json to_json(const RequestOutcome& outcome);

}  // namespace blis::conform
