#include "tools/study/compare/shard.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

#include "workloads/workload.h"

namespace blis {
namespace {

// Rough, and alike for all hardware: they only have to tell long points from short ones.
constexpr double kRequests = 1000;       // of a trace that nobody has read yet
constexpr double kOutputTokens = 200;    // of an answer whose length only a file tells
constexpr double kTokenSeconds = 0.015;  // between two tokens of an answer
// Measured: a request costs about as much as seven steps.
constexpr double kStepsPerRequest = 7;

double mean_of(const Distribution& length) {
  using enum Distribution::Kind;
  switch (length.kind) {
    case constant:
      return length.value;
    case uniform:
      return (length.min.value_or(0) + length.max.value_or(0)) / 2;
    case normal:
    case lognormal:
    case exponential:
      return length.mean;
    case zipf:
      return length.min.value_or(1);
    case empirical:
    case quantiles:
      break;
  }
  return kOutputTokens;
}

double output_tokens(const WorkloadSpec& workload) {
  const auto* const synthetic = std::get_if<SyntheticSpec>(&workload.kind);
  if (synthetic == nullptr || synthetic->clients.empty()) return kOutputTokens;
  return std::max(1.0, mean_of(synthetic->clients.front().output_tokens));
}

}  // namespace

double predicted_cost(const ResolvedScenario& scenario) {
  const WorkloadSpec& workload = scenario.scenario.workload.spec;
  const double requests = foreseen_requests(workload).value_or(kRequests);
  const double tokens = output_tokens(workload);
  // By Little's law, so many answer at once, and share their steps.
  const double rate = nominal_rate(workload).value_or(1);
  const double at_once = std::clamp(rate * tokens * kTokenSeconds / scenario.replicas, 1.0, 256.0);
  return requests * (kStepsPerRequest + tokens / at_once);
}

std::vector<std::size_t> deal(const std::vector<PointResult>& points, std::size_t shards) {
  std::vector<double> costs;
  for (const PointResult& point : points) {
    costs.push_back(point.feasible() ? predicted_cost(*point.resolved) : 0);
  }
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return costs[i]; });
  using Load = std::pair<double, std::size_t>;  // and whose
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::size_t s = 0; s < shards; ++s) loads.emplace(0, s);
  std::vector<std::size_t> shard_of(points.size());
  for (const std::size_t i : order) {
    const auto [load, shard] = loads.top();
    loads.pop();
    shard_of[i] = shard;
    loads.emplace(load + costs[i], shard);
  }
  return shard_of;
}

}  // namespace blis
