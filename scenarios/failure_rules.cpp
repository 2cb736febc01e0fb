#include "scenarios/failure_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace blis {

void check_failures(const ScenarioSettings& scenario, int replicas, Complaints& complaints) {
  const std::vector<FailureSettings>& failures = scenario.failures;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    const FailureSettings& failure = failures[i];
    if (failure.replica >= replicas) {
      complaints.add(fmt::format("failures.{}.replica", i),
                     {.message = "there is no such replica to die",
                      .expected = fmt::format("from 0 to {}, in the order of the pools", replicas - 1),
                      .got = fmt::format("{}", failure.replica)});
    }
    for (const FailureSettings& other : failures) {
      const double back =
          other.at_s + other.restart_after_s.value_or(std::numeric_limits<double>::infinity());
      const bool before = other.at_s < failure.at_s || (other.at_s == failure.at_s && &other < &failure);
      if (other.replica != failure.replica || !before || failure.at_s > back) continue;
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
    failure.at = Time{} + to_duration(Seconds(said.at_s));
    if (said.restart_after_s) failure.restart_after = to_duration(Seconds(*said.restart_after_s));
  }
  std::ranges::stable_sort(failures, {}, &ReplicaFailure::at);
  return failures;
}

}  // namespace blis
