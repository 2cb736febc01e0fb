#include "tools/study/explain/elasticity.h"

#include <array>

#include "roofline/host_constants.h"
#include "scenarios/build.h"
#include "sim/step_summary.h"
#include "workloads/trace_store.h"

namespace blis {
namespace {

constexpr double kMore = 1.1;

struct Lever {
  std::string_view name;
  void (*pull)(ResolvedScenario& d);
};

void scale(std::optional<double>& setting, double factor) {
  if (setting) *setting *= factor;
}

// The host's time in a step, for which a model with host terms has constants.
struct HostTerm {
  std::optional<double> HostSettings::*setting;
  double HostConstants::*constant;
};
constexpr std::array kHostTerms{
    HostTerm{&HostSettings::step_us, &HostConstants::step_us},
    HostTerm{&HostSettings::per_sequence_us, &HostConstants::per_sequence_us},
    HostTerm{&HostSettings::sync_us, &HostConstants::sync_us},
    HostTerm{&HostSettings::sync_per_sequence_us, &HostConstants::sync_per_sequence_us},
};

constexpr std::array kLevers{
    Lever{"memory bandwidth +10 %", [](ResolvedScenario& d) { d.hardware.bw_peak_tbs *= kMore; }},
    Lever{"arithmetic +10 %",
          [](ResolvedScenario& d) {
            for (double* peak : {&d.hardware.tflops_peak, &d.hardware.tflops_fp8, &d.hardware.tflops_fp4,
                                 &d.hardware.tflops_int8}) {
              *peak *= kMore;
            }
          }},
    Lever{"links between GPUs +10 %",
          [](ResolvedScenario& d) {
            for (double* link : {&d.hardware.nvlink_gbs, &d.hardware.pcie_gbs, &d.hardware.inter_node_gbs}) {
              *link *= kMore;
            }
            d.hardware.all_reduce_latency /= kMore;
          }},
    Lever{"KV blocks +10 %",
          [](ResolvedScenario& d) {
            d.kv.num_blocks = static_cast<std::int64_t>(static_cast<double>(d.kv.num_blocks) * kMore);
          }},
    Lever{"host time -10 %",
          [](ResolvedScenario& d) {
            HostSettings& host = d.scenario.latency.host;
            for (const HostTerm& term : kHostTerms) {
              std::optional<double>& setting = host.*term.setting;
              if (d.latency->host_terms && !setting) setting = HostConstants{}.*term.constant;
              scale(setting, 0.9);
            }
            scale(host.api_ms, 0.9);
            scale(host.api_per_token_us, 0.9);
            scale(host.api_per_sequence_us, 0.9);
          }},
};

Metrics run(ResolvedScenario resolved, TraceStore& traces) {
  BuiltSimulation built = build(std::move(resolved), &traces);
  StepSummary steps(metrics_options(built.scenario()));
  const RunResult run = simulate(built.config, *built.source, {}, Folding{.readers = {&steps}});
  steps.finish(run);
  return summarize(run, steps);
}

}  // namespace

Elasticities measure_elasticities(const ScenarioSettings& scenario, const Catalog& catalog) {
  const ResolvedScenario as_it_is = resolve(scenario, catalog);
  TraceStore traces;
  Elasticities result{.base = run(as_it_is, traces), .levers = {}};
  for (const Lever& lever : kLevers) {
    ResolvedScenario pulled = as_it_is;
    lever.pull(pulled);
    for (ResolvedScenario& pool : pulled.pools) lever.pull(pool);
    result.levers.push_back({lever.name, run(std::move(pulled), traces)});
  }
  return result;
}

}  // namespace blis
