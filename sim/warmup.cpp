#include "sim/warmup.h"

#include <algorithm>
#include <vector>

#include "sim/population.h"

namespace blis {
namespace {

constexpr std::size_t kBatch = 5;
constexpr std::size_t kLeastRequests = 200;
constexpr double kRounding = 1e-9;  // of sums of squares

// Mean number of requests in the system found by the arrivals of each batch of five.
std::vector<double> mean_population(const RunResult& run) {
  Population population(run.requests);
  std::vector<double> batches(run.requests.size() / kBatch);
  for (std::size_t i = 0; i < batches.size() * kBatch; ++i) {
    batches[i / kBatch] += static_cast<double>(population.found_by(i)) / kBatch;
  }
  return batches;
}

}  // namespace

Warmup detect_warmup(const RunResult& run) {
  if (run.requests.size() < kLeastRequests) return {};
  const std::vector<double> batches = mean_population(run);
  const std::size_t half = batches.size() / 2;
  double sum = 0, squares = 0;
  double least = 0;
  std::size_t cut = batches.size();
  for (std::size_t d = batches.size(); d-- > 0;) {  // the tail from d on
    sum += batches[d];
    squares += batches[d] * batches[d];
    if (d > half) continue;
    const auto n = static_cast<double>(batches.size() - d);
    const double error = (squares - sum * sum / n) / (n * n);
    if (cut == batches.size() || error <= least * (1 + kRounding)) {  // of equal ones the earliest
      least = error;
      cut = d;
    }
  }
  if (cut == half) return {.requests = 0, .settled = false};
  return {.requests = static_cast<std::uint32_t>(cut * kBatch), .settled = true};
}

}  // namespace blis
