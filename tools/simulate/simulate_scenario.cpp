#include "tools/simulate/simulate_scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "roofline/model_card.h"
#include "sim/fleet/own_router.h"
#include "sim/saturation.h"
#include "tools/simulate/memory.h"
#include "tools/simulate/plugged.h"

namespace blis {
namespace {

std::string interruption(const RunReport& report) {
  const std::int64_t unfinished = report.metrics.outcomes[static_cast<std::size_t>(Outcome::unfinished)];
  return fmt::format("interrupted: {} of {} requests had not ended, and no figure counts them", unfinished,
                     report.run.requests.size());
}

// Which requests have no full answer, if those are more than a few; or that none was measured at all.
std::string unanswered(const RunReport& report) {
  constexpr double kFew = 0.001;  // a tenth of what lies beyond the finest percentile, the 99th
  const Metrics& m = report.metrics;
  if (m.measured == 0 && !report.run.requests.empty()) {
    return fmt::format("all {} requests are within the warm-up: nothing was measured",
                       report.run.requests.size());
  }
  if (static_cast<double>(m.failed) <= kFew * static_cast<double>(m.measured)) return {};
  std::string ways;
  for (int i = 0; i < kOutcomes; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    const std::int64_t count = m.outcomes[static_cast<std::size_t>(i)];
    const bool answered = outcome == Outcome::completed || outcome == Outcome::length_capped;
    if (count > 0 && !answered)
      ways += fmt::format("{}{} {}", ways.empty() ? "" : ", ", count, to_string(outcome));
  }
  return fmt::format(
      "{} of {} requests have no full answer: latencies are of the others, and limits count them as slowest "
      "({})",
      m.failed, m.measured, ways);
}

// vLLM answers such a reset with `success: false`.
std::string failed_resets(const RunResult& run) {
  std::int64_t asked = 0, failed = 0;
  for (const EngineResult& engine : run.engines) asked += engine.resets, failed += engine.failed_resets;
  if (failed == 0) return {};
  return fmt::format(
      "{} of {} resets of prefix caches failed, as requests were running: "
      "`reset_running_requests: true` preempts them",
      failed, asked);
}

// How many clients the workload has, 0 if only one.
std::uint16_t clients_of(const ScenarioSettings& scenario) {
  const auto* const synthetic = std::get_if<SyntheticSpec>(&scenario.workload.spec.kind);
  return synthetic && synthetic->clients.size() > 1 ? static_cast<std::uint16_t>(synthetic->clients.size())
                                                    : 0;
}

// One sentence for each replica that died, and nothing of more than a page shows.
std::vector<std::string> deaths(const RunResult& run, std::span<const ReplicaFailure> failures) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> sentences;
  for (const Downtime& down : run.downtimes) {
    if (sentences.size() == kShown) {
      sentences.push_back(fmt::format("and {} deaths of replicas more", run.downtimes.size() - kShown));
      break;
    }
    sentences.push_back(fmt::format("replica {} died at {:.6g} s with {} request{}, counted as failed",
                                    down.replica, Seconds(since_start(down.from)).count(), down.lost,
                                    down.lost == 1 ? "" : "s"));
  }
  // By time, as the failures are.
  if (!run.interrupted && run.downtimes.size() < failures.size()) {
    const ReplicaFailure& next = failures[run.downtimes.size()];
    sentences.push_back(fmt::format("replica {} was to die at {:.6g} s, when all requests had ended",
                                    next.replica, Seconds(since_start(next.at)).count()));
  }
  return sentences;
}

std::string describe_pool(const ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  std::string text = d.model.name;
  if (engine.quantization && *engine.quantization != "none") text += " " + *engine.quantization;
  const std::pair<const char*, int> degrees[] = {
      {"TP", d.parallel.tensor}, {"PP", d.parallel.pipeline}, {"DP", d.parallel.data}};
  for (const auto& [name, degree] : degrees) {
    if (degree > 1) text += fmt::format(" {}{}", name, degree);
  }
  if (const auto& scaling = d.scenario.autoscaling) {
    text += fmt::format(", {} to {} replicas", scaling->min_replicas, scaling->max_replicas);
  } else if (d.replicas > 1) {
    text += fmt::format(", {} replicas", d.replicas);
  }
  return text + fmt::format(" on {}x {}", d.gpus(), d.hardware.name);
}

// One engine's, if all pools have it: pools that differ have a roofline each.
std::optional<WorkModel> work_model(const ResolvedScenario& d) {
  if (d.pools.size() > 1) return std::nullopt;
  return make_work_model(d.model, d.hardware, d.parallel, d.latency_inputs().options.kv_dtype_bytes);
}

// The pool of each instance; empty where there is but one pool.
std::vector<std::string> pools_by_replica(const std::vector<Pool>& pools) {
  std::vector<std::string> names;
  if (pools.size() < 2) return names;
  for (const Pool& pool : pools)
    names.insert(names.end(), static_cast<std::size_t>(pool.places()), pool.name);
  return names;
}

}  // namespace

std::string describe_engine(const ResolvedScenario& d) {
  std::string text;
  for (const ResolvedScenario& pool : pools_of(d)) {
    if (!text.empty()) text += " and ";
    text += describe_pool(pool);
  }
  return text;
}

RunReport simulate_scenario(const ScenarioSettings& scenario, const Catalog& catalog,
                            const ProgressFn& progress, StepsFor steps_for) {
  return simulate_plugged(scenario, catalog, progress, steps_for, {});
}

RunReport simulate_plugged(const ScenarioSettings& scenario, const Catalog& catalog,
                           const ProgressFn& progress, StepsFor steps_for, const Plugins& plugins) {
  BuiltSimulation built = build(scenario, catalog);
  const std::unique_ptr<LatencyModel> own_model =
      plugins.step_time ? plugged_model(plugins.step_time) : nullptr;
  if (own_model && !built.resolved.pools.empty()) {
    throw InputError(ErrorKind::usage, {.place = {"step_time"},
                                        .message = "one function cannot price the steps of several pools",
                                        .expected = "a scenario without `pools`"});
  }
  const auto scales = [](const Pool& pool) { return pool.scaling.has_value(); };
  if (plugins.choose_replica && std::ranges::any_of(built.config.pools, scales)) {
    throw InputError(ErrorKind::usage, {.place = {"choose_replica"},
                                        .message = "a function cannot choose among replicas that come and go",
                                        .expected = "a scenario without `autoscaling`"});
  }
  if (plugins.choose_replica && !built.config.failures.empty()) {
    throw InputError(ErrorKind::usage, {.place = {"choose_replica"},
                                        .message = "a function cannot choose among replicas that die",
                                        .expected = "a scenario without `failures`"});
  }
  if (own_model) built.config.pools = simulation_config(built.resolved, *own_model).pools;
  if (plugins.next_request) built.source = plugged_source(plugins.next_request);
  for (std::string& sentence : plugged_warnings(plugins)) built.warnings.push_back(std::move(sentence));
  require_memory(built.scenario().workload.spec, 1, available_memory());
  RunReport report{.scenario = built.scenario(),
                   .engine = describe_engine(built.resolved),
                   .model = card_line(model_card(built.resolved.model)),
                   .gpus = total_gpus(built.config.pools),
                   .pools = pools_by_replica(built.config.pools),
                   .run = {},
                   .steps = StepSummary(metrics_options(built.scenario())),
                   .metrics = {},
                   .clients = {},
                   .warnings = std::move(built.warnings),
                   .accuracy = {},
                   .work = work_model(built.resolved)};
  report.folded = FoldedSteps(report.work, total_instances(built.config.pools) > 1);
  Folding folding;
  if (steps_for != StepsFor::themselves) folding.readers.push_back(&report.steps);
  if (steps_for == StepsFor::pictures) folding.readers.push_back(&report.folded);
  report.run = plugins.choose_replica ? simulate_routed_by(plugged_router(plugins.choose_replica),
                                                           built.config, *built.source, progress, folding)
                                      : simulate(built.config, *built.source, progress, folding);
  report.steps.finish(report.run);
  report.metrics = summarize(report.run, report.steps);
  report.use = fleet_use(built, report.run, report.metrics, report.options());
  for (std::uint16_t i = 0; i < clients_of(report.scenario); ++i) {
    report.clients.push_back(summarize_client(report.run, report.options(), i));
  }
  report.saturation = assess_saturation(report.run, report.options());
  report.not_modelled = built.resolved.not_modelled;
  if (built.resolved.latency->scored && report.not_modelled.empty() && !own_model) {
    report.accuracy = find_accuracy(read_error_bands(catalog), deployment_kind(built.resolved),
                                    serving_load(*built.latency, report.metrics),
                                    report.saturation.kind != Saturation::Kind::none);
    report.accuracy->asked = limited_metrics(report.scenario.slo);
  }
  if (!report.run.interrupted) {
    for (std::string& warning : built.source->warnings()) report.warnings.push_back(std::move(warning));
  }
  if (std::string sentence = unanswered(report); !sentence.empty()) {
    report.warnings.push_back(std::move(sentence));
  }
  if (std::string sentence = to_sentence(report.saturation); !sentence.empty()) {
    report.warnings.push_back(std::move(sentence));
  }
  for (std::string& sentence : deaths(report.run, built.config.failures)) {
    report.warnings.push_back(std::move(sentence));
  }
  if (changes_size(report.run)) report.warnings.emplace_back(kSizeChanged);
  if (std::string sentence = failed_resets(report.run); !sentence.empty()) {
    report.warnings.push_back(std::move(sentence));
  }
  if (report.run.interrupted) report.warnings.push_back(interruption(report));
  return report;
}

}  // namespace blis
