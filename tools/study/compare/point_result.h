// What is known of a point: whether it can exist, and its replications.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/simulate/slo.h"
#include "tools/study/compare/replication.h"
#include "tools/study/compare/sweep.h"

namespace blis {

// One rate that a search tried.
struct RateTrial {
  double rate = 0;      // requests per second
  bool met = false;     // by the means over the seeds
  bool surely = false;  // even at the bad end of the confidence interval and the error band
  std::string failed;   // what was not met: "p99_ttft_ms 812 > 800", "overloaded"
  double request_throughput = 0, output_throughput = 0;  // served at that rate, means over the seeds
  std::vector<LimitVerdict> limits{};
};

// What a run of so many requests said.
struct RateAtLength {
  std::int64_t requests = 0;
  std::optional<double> met;  // as RateSearch::met
};

// The highest rate up to which all that were tried keep the SLO.
struct RateSearch {
  std::optional<double> met;    // the highest rate found that keeps it; unset: none did
  std::optional<double> fails;  // the lowest above that does not; unset: none did not
  std::optional<double> surely_met;
  std::vector<RateTrial> trials;  // by rate
  bool complete = false;          // nothing was left to try
  // The answers by the length of the run, the shortest first, and whether the last two agree; see
  // find_steady_rate(). Without lengths the traffic is as long as it is.
  std::vector<RateAtLength> lengths{};
  bool steady = false;
};

struct PointResult {
  Point point;
  // What the point's scenario resolves to; empty for a point that cannot exist, for the `reason`.
  std::shared_ptr<const ResolvedScenario> resolved;
  std::string reason;
  std::vector<SloTarget> targets;
  // Errors of measured runs; empty for a latency model that was not scored.
  std::shared_ptr<const ErrorBands> bands;
  std::vector<Replication> runs;  // of the first seeds, in their order
  std::optional<std::size_t>
      stopped_by;                    // a point that was better in every objective; later seeds did not run
  std::optional<RateSearch> search;  // `runs` are then those at its rate

  bool feasible() const { return resolved != nullptr; }
  int gpus() const { return resolved ? resolved->gpus() : 0; }
};

// A mistake in one line, for the notes of a table: with its arithmetic, without its place.
std::string reason_of(const InputError& error);

// Reads the scenarios with each point's settings, looks models and GPUs up and applies the user's prices. A
// model that does not fit, or that vLLM would refuse to start so, makes an infeasible point; any other
// mistake is thrown (InputError: usage, io), each once. In parallel on `threads`.
std::vector<PointResult> prepare_points(const Sweep& sweep, const std::vector<Point>& points,
                                        const Catalog& catalog, int threads);

}  // namespace blis
