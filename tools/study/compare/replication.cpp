#include "tools/study/compare/replication.h"

#include <algorithm>
#include <limits>

#include "scenarios/build.h"
#include "sim/saturation.h"
#include "sim/step_summary.h"
#include "sim/warmup.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/model_error.h"

namespace blis {
namespace {

// The share of measured requests that would keep the SLO if all were slower, or faster, than simulated.
double attainment(const RunResult& run, const MetricsOptions& options, const Accuracy& accuracy,
                  bool slower) {
  GoodputSlo slo = options.goodput;
  const auto stretch = [&](std::optional<double>& limit, std::string_view figure) {
    const auto error = model_error(accuracy, figure);
    // A latency that is off by `e` of the truth is in truth 1 / (1 -+ e) times as long.
    if (limit && error) *limit *= slower ? 1 - *error : 1 + *error;
  };
  stretch(slo.ttft_ms, "mean_ttft_ms");
  stretch(slo.tpot_ms, "mean_tpot_ms");
  stretch(slo.e2el_ms, "mean_e2el_ms");
  const auto measured = std::span(run.requests).subspan(first_measured(run, options));
  if (!slo.any() || measured.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto good = std::ranges::count_if(
      measured, [&](const RequestRecord& r) { return has_full_answer(r) && meets(slo, r); });
  return static_cast<double>(good) / static_cast<double>(measured.size());
}

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
  MetricsOptions metrics_of = metrics_options(resolved.scenario);
  const bool given = metrics_of.warmup_requests > 0 || metrics_of.warmup > Duration{0};
  const bool detect = options.detect_warmup && !given;

  BuiltSimulation built;
  RunResult run;
  StepSummary steps;
  const auto simulate_once = [&] {
    built = build(resolved, &traces);
    steps = StepSummary(metrics_of);
    try {
      run = simulate(
          built.config, *built.source, [&](const Progress&) { return going_on(); },
          Folding{.readers = {&steps}, .keep = options.keep_steps});
    } catch (const InputError& error) {
      if (error.kind() == ErrorKind::io) throw;
      throw CannotGoOn(error);
    }
  };
  simulate_once();
  Warmup warmup;
  if (detect && !run.interrupted) {
    warmup = detect_warmup(run);
    const bool too_late = std::ranges::any_of(
        run.engines, [](const EngineResult& engine) { return engine.steps.first_kept() > 0; });
    metrics_of.warmup_requests = warmup.requests;
    if (warmup.requests > 0 && too_late) {
      simulate_once();  // steps were folded with the gaps of requests that are not to count
    } else if (warmup.requests > 0) {
      steps = StepSummary(metrics_of);
    }
  }
  if (run.interrupted) return std::nullopt;
  steps.finish(run);

  Replication result;
  result.seed = seed;
  if (detect) result.settled = warmup.settled;
  result.warmup_requests = first_measured(run, metrics_of);
  const Metrics metrics = summarize(run, steps);
  const Saturation saturation = assess_saturation(run, metrics_of);
  const double load = serving_load(*built.latency, metrics);
  result.figures = figures_of({metrics, saturation, total_gpus(built.config.pools),
                               built.resolved.usd_per_hour(), load, gave_up_share(run, metrics_of)});
  result.overloaded = saturation.kind == Saturation::Kind::growing;
  result.saturation = to_sentence(saturation);
  Accuracy accuracy;
  if (options.bands != nullptr) {
    accuracy = find_accuracy(*options.bands, deployment_kind(built.resolved), load, result.overloaded);
  }
  result.attainment_if_slower = attainment(run, metrics_of, accuracy, true);
  result.attainment_if_faster = attainment(run, metrics_of, accuracy, false);
  result.warnings = std::move(built.warnings);
  for (std::string& warning : built.source->warnings()) result.warnings.push_back(std::move(warning));
  return result;
}

}  // namespace blis
