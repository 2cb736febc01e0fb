#include "scenarios/failure_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace blis {
namespace {

Time time_of(const FailureSettings& failure) {
  return Time{} + to_duration(Seconds(failure.at_s));
}

}  // namespace

void check_failures(const ScenarioSettings& scenario, int replicas, Complaints& complaints) {
  const std::vector<FailureSettings>& failures = scenario.failures;
  // Which no engine is sent away from. Ranks of one server are refused as such.
  if (!failures.empty() && scenario.router.policy == "vllm_balance" &&
      scenario.engine.data_parallel_size == 1) {
    complaints.add("router.policy", {.message = "the engines of one vLLM do not die one by one",
                                     .expected = "another router, in front of servers"});
  }
  for (std::size_t i = 0; i < failures.size(); ++i) {
    const FailureSettings& failure = failures[i];
    if (failure.replica >= replicas) {
      complaints.add(fmt::format("failures.{}.replica", i),
                     {.message = "there is no such replica to die",
                      .expected = fmt::format("from 0 to {}, in the order of the pools", replicas - 1),
                      .got = fmt::format("{}", failure.replica)});
    }
    const Time at = time_of(failure);
    for (const FailureSettings& other : failures) {
      const Time died = time_of(other);
      const bool before = died < at || (died == at && &other < &failure);
      if (other.replica != failure.replica || !before) continue;
      if (other.restart_after_s && at > died + to_duration(Seconds(*other.restart_after_s))) continue;
      complaints.add(fmt::format("failures.{}.at_s", i),
                     {.message = fmt::format("the replica {} is dead then", failure.replica),
                      .expected = "a time after its restart: at_s and restart_after_s of its last failure",
                      .got = fmt::format("{}", failure.at_s)});
      break;
    }
  }
}

std::vector<ReplicaFailure> failures_of(const ScenarioSettings& scenario) {
  std::vector<ReplicaFailure> failures;
  for (const FailureSettings& said : scenario.failures) {
    ReplicaFailure& failure = failures.emplace_back();
    failure.replica = static_cast<EngineIndex>(said.replica);
    failure.at = time_of(said);
    if (said.restart_after_s) failure.restart_after = to_duration(Seconds(*said.restart_after_s));
  }
  std::ranges::stable_sort(failures, {}, &ReplicaFailure::at);
  return failures;
}

}  // namespace blis
