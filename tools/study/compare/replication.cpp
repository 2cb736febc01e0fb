#include "tools/study/compare/replication.h"

#include <algorithm>
#include <limits>

#include "scenarios/build.h"
#include "sim/saturation.h"
#include "sim/step_summary.h"
#include "tools/simulate/fleet_use.h"
#include "tools/simulate/slo.h"
#include "tools/simulate/slo_value.h"
#include "tools/study/compare/figures.h"

namespace blis {
namespace {

// The share of measured requests whose clients did not wait for the answer; NaN of none.
double gave_up_share(const RunResult& run, const MetricsOptions& options) {
  const auto measured = std::span(run.requests).subspan(first_measured(run, options));
  const auto aborted = std::ranges::count(measured, Outcome::aborted, &RequestRecord::outcome);
  return static_cast<double>(aborted) / static_cast<double>(measured.size());
}

}  // namespace

std::optional<Replication> replicate(const ResolvedScenario& scenario, std::uint64_t seed,
                                     const ReplicationOptions& options, TraceStore& traces,
                                     const std::function<bool()>& going_on) {
  ResolvedScenario resolved = scenario;
  resolved.scenario.seed = seed;
  const MetricsOptions metrics_of = metrics_options(resolved.scenario);
  BuiltSimulation built = build(resolved, &traces);
  StepSummary steps(metrics_of);
  RunResult run;
  try {
    run = simulate(
        built.config, *built.source, [&](const Progress&) { return going_on(); },
        Folding{.readers = {&steps}, .keep = options.keep_steps});
  } catch (const InputError& error) {
    if (error.kind() == ErrorKind::io) throw;
    throw CannotGoOn(error);
  }
  if (run.interrupted) return std::nullopt;
  steps.finish(run);

  Replication result;
  result.seed = seed;
  result.warmup_requests = first_measured(run, metrics_of);
  result.fills_up = detect_warmup(run);
  const Metrics metrics = summarize(run, steps);
  const Saturation saturation = assess_saturation(run, metrics_of);
  const double load = serving_load(*built.latency, metrics);
  const FleetUse use = fleet_use(built, run, metrics, metrics_of);
  result.figures =
      figures_of({metrics, saturation, use.gpus, use.usd_per_hour, load, gave_up_share(run, metrics_of)});
  result.overloaded = saturation.kind == Saturation::Kind::growing;
  result.saturation = to_sentence(saturation);
  result.attribution = summarize_attribution(run, metrics_of, metrics.e2el.p99);
  Accuracy accuracy;
  if (options.bands != nullptr) {
    accuracy = find_accuracy(*options.bands, deployment_kind(built.resolved), load,
                             saturation.kind != Saturation::Kind::none);
  }
  const JudgedRun judged{run, steps, metrics};
  for (const SloTarget& target : slo_targets(resolved.scenario.slo)) {
    result.slo_values.push_back(slo_value(target, judged));
  }
  result.attainment_if_slower = attainment_if(judged, accuracy, true);
  result.attainment_if_faster = attainment_if(judged, accuracy, false);
  result.warnings = std::move(built.warnings);
  for (std::string& warning : built.source->warnings()) result.warnings.push_back(std::move(warning));
  if (changes_size(run)) result.warnings.emplace_back(kSizeChanged);
  return result;
}

AttributionSummary pooled_attribution(std::span<const Replication> runs) {
  if (runs.size() == 1) return runs.front().attribution;
  AttributionSummary pooled;
  const auto add = [](const AttributionSummary::Mean& mean, AttributionSummary::Mean& sum) {
    sum.requests += mean.requests;
    for (std::size_t i = 0; i < kParts; ++i) sum.ms[i] += mean.ms[i] * static_cast<double>(mean.requests);
  };
  const auto divide = [](AttributionSummary::Mean& sum) {
    if (sum.requests == 0) return;
    for (double& ms : sum.ms) ms /= static_cast<double>(sum.requests);
  };
  for (const Replication& run : runs) {
    add(run.attribution.all, pooled.all);
    add(run.attribution.tail, pooled.tail);
    pooled.tail_from_ms += run.attribution.tail_from_ms / static_cast<double>(runs.size());
  }
  divide(pooled.all);
  divide(pooled.tail);
  return pooled;
}

}  // namespace blis
