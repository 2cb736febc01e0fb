#include "scenarios/epp_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "scenarios/epp_file.h"
#include "scenarios/epp_plugins.h"
#include "scenarios/placed_error.h"

namespace blis {
namespace {

[[noreturn]] void refuse(const ScenarioSettings& scenario, const char* key, std::string message,
                         std::string expected) {
  throw InputError(ErrorKind::usage, {.place = origin_place(scenario.origins, key),
                                      .message = std::move(message),
                                      .expected = std::move(expected)});
}

FlowOfClient flow_of(const std::optional<FlowSpec>& spec) {
  FlowOfClient flow;
  if (!spec) return flow;
  flow.priority = spec->priority;
  if (!spec->fairness_id.empty()) flow.fairness_id = spec->fairness_id;
  if (spec->slo_ttft_ms)
    flow.ttft_slo = to_duration(std::chrono::duration<double, std::milli>(*spec->slo_ttft_ms));
  return flow;
}

// What is said of each client, with its key; none if nothing is said of any.
struct SaidFlows {
  std::vector<FlowOfClient> flows;
  std::string first;  // key that says something
};
SaidFlows said_flows(const WorkloadSpec& workload) {
  SaidFlows said;
  const auto add = [&](const std::optional<FlowSpec>& spec, const std::string& key) {
    said.flows.push_back(flow_of(spec));
    if (spec && said.first.empty()) said.first = key;
  };
  if (const auto* const trace = std::get_if<TraceSpec>(&workload.kind)) {
    add(trace->flow, "workload.flow");
  } else {
    const auto& clients = std::get<SyntheticSpec>(workload.kind).clients;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const bool listed = !clients[i].name.empty();
      add(clients[i].flow, listed ? fmt::format("workload.clients[{}].flow", i) : "workload.flow");
    }
  }
  if (said.first.empty()) said.flows.clear();
  return said;
}

// Who may pass the picker, and when. Without queueing, and without anybody who gives way, all do.
void admit_by_epp(const ScenarioSettings& scenario, const EppConfig& epp, SimulationConfig& config,
                  std::vector<std::string>& warnings) {
  SaidFlows said = said_flows(scenario.workload.spec);
  const bool sheddable =
      std::ranges::any_of(said.flows, [](const FlowOfClient& flow) { return flow.priority < 0; });
  if (sheddable && epp.admits_at_random) {
    throw InputError(ErrorKind::not_modelled,
                     {.place = origin_place(scenario.origins, said.first),
                      .message = fmt::format("the plugin `{}`, which refuses some requests of negative "
                                             "priorities, is not modelled",
                                             kRandomAdmitter),
                      .expected = "a file of router.config without it, or no negative priority"});
  }
  if (!epp.flow_control.queueing && !sheddable) {
    if (!said.first.empty())
      warnings.push_back(fmt::format(
          "`{}` changes nothing: without the feature gate flowControl only negative priorities count",
          said.first));
    return;
  }
  config.flow_control = epp.flow_control;
  config.flows = std::move(said.flows);
}

}  // namespace

void refuse_flows(const ScenarioSettings& scenario) {
  const SaidFlows said = said_flows(scenario.workload.spec);
  if (said.first.empty()) return;
  refuse(scenario, said.first.c_str(),
         fmt::format("the router `{}` knows no flows", scenario.router.policy.value_or("round_robin")),
         "router: { policy: epp }, or no `flow`");
}

void route_by_epp(const ScenarioSettings& scenario, SimulationConfig& config,
                  std::vector<std::string>& warnings) {
  EppConfig epp = read_router_file(scenario, warnings);
  const bool apart = std::ranges::find(config.pools, Role::prefill, &Pool::role) != config.pools.end();
  if (apart && !epp.disaggregation) {
    refuse(
        scenario, scenario.router.config ? "router.config" : "router.policy",
        "llm-d's picker has one profile, and prefill and decode pools need one each",
        "in the file of router.config: a plugin of type disagg-profile-handler, and the profiles decode and "
        "prefill");
  }
  if (!apart && epp.disaggregation) {
    refuse(scenario, "router.config", "the file is for prefill and decode endpoints, of which there are none",
           "pools with the roles prefill and decode");
  }
  if (const auto& rule = epp.disaggregation) {
    if (scenario.router.non_cached_tokens) {
      refuse(scenario, "router.non_cached_tokens",
             "which prompts are computed apart the decider of router.config says", "no `non_cached_tokens`");
    }
    config.handing_on.prompt_tokens = rule->prompt_tokens;
    config.handing_on.non_cached_tokens = rule->non_cached_tokens;
    config.prefill_router = config.router;
    config.prefill_router->epp = epp;
    config.prefill_router->epp.profile = rule->prefill;
  }
  admit_by_epp(scenario, epp, config, warnings);
  config.router.epp = std::move(epp);
}

}  // namespace blis
