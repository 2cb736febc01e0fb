// One simulation of one point with one seed, and what is kept of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "blis/error.hpp"
#include "scenarios/resolved_scenario.h"
#include "sim/attribution.h"
#include "sim/step_reader.h"
#include "sim/warmup.h"
#include "tools/simulate/error_band.h"
#include "workloads/trace_store.h"

namespace blis {

struct Replication {
  std::uint64_t seed = 0;
  std::vector<double> figures;  // by figure index
  std::vector<double>
      slo_values;  // by target of the scenario: what its limit is held against, see slo_value()
  // Shares of requests that meet slo.goodput if every latency were in truth as much above, or below, as the
  // measured error of the latency model allows. Equal to goodput_attainment where that is not known; NaN
  // without an SLO.
  double attainment_if_slower, attainment_if_faster;
  bool overloaded = false;            // the backlog still grew at the last arrival
  std::string saturation;             // one sentence, if it was saturated for all or part of the run
  AttributionSummary attribution;     // its tail: from this run's p99 of E2E on
  std::uint32_t warmup_requests = 0;  // left out of the figures, as the scenario says
  Warmup fills_up;                    // what detection would leave out
  std::vector<std::string> warnings;
};

// A run that began and could not go on, and why, in one line.
struct FailedRun {
  std::uint64_t seed = 0;
  std::string reason;
};

struct ReplicationOptions {
  // Steps that a run keeps, see Folding.
  std::size_t keep_steps = Folding{}.keep;
  // Of the latency model; nullptr: nobody measured it.
  const ErrorBands* bands = nullptr;
};

// A run that began and cannot go on: a matter of this point, where a mistake in what is built is one of
// the whole comparison.
class CannotGoOn : public InputError {
 public:
  explicit CannotGoOn(const InputError& error) : InputError(error) {}
};

// Builds and runs. Nothing if `going_on`, asked every few milliseconds, answered false. Throws InputError,
// CannotGoOn among them.
std::optional<Replication> replicate(const ResolvedScenario& scenario, std::uint64_t seed,
                                     const ReplicationOptions& options, TraceStore& traces,
                                     const std::function<bool()>& going_on);

// That of all requests of several runs; its tail begins at the mean of where theirs do.
AttributionSummary pooled_attribution(std::span<const Replication> runs);

// Multiplies the rates of all arrivals by `to / from`: a trace is replayed faster, a generator sends the same
// requests in less time. A rate of `from` becomes `to` to the last bit. Throws InputError (usage) for traffic
// that has no rate: closed loops, all at once, ServeGen.
void scale_rates(WorkloadSpec& workload, double from, double to, const Origins& origins);

// The requests per second that the workload names: nothing for a trace, or for several streams.
std::optional<double> nominal_rate(const WorkloadSpec& workload);

}  // namespace blis
