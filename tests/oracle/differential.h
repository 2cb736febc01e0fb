// Compares two schedulers on random scenarios, step by step, and reduces a disagreement to the
// smallest scenario that still shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tools/conform/run_driver.h"
#include "tools/conform/scheduler_under_test.h"

namespace blis::oracle {

// Where the second departs from the first, in words; nothing if they agree in every decision, queue
// and count (and with `with_blocks`, in block ids and the order of eviction).
std::optional<std::string> compare(const conform::VectorScenario& scenario,
                                   const conform::SchedulerFactory& expected,
                                   const conform::SchedulerFactory& got, bool with_blocks);

// A scenario for which `fails` still holds, and from which it would not if any more were taken away:
// requests, tokens, waiting, settings. Calls `fails` at most `attempts` times.
conform::VectorScenario shrink(conform::VectorScenario scenario,
                               const std::function<bool(const conform::VectorScenario&)>& fails,
                               int attempts = 2000);

struct Disagreement {
  std::string scenario;    // "profile:seed"
  std::string difference;  // in that scenario
  std::string minimal_difference;
  std::string vector;  // the smallest one, as a complete `run` vector: paste it into a vector file
};
std::string to_string(const Disagreement& disagreement);

struct DifferentialOptions {
  std::uint64_t first_seed = 0;
  int scenarios = 300;  // taken from the profiles in turn
  bool with_blocks = true;
  std::function<bool(const conform::VectorScenario&)> suits;  // others are passed over; empty: all do
};

// The first disagreement with the oracle among that many scenarios, if there is one.
std::optional<Disagreement> find_disagreement(const conform::SchedulerFactory& subject,
                                              const DifferentialOptions& options);

}  // namespace blis::oracle
