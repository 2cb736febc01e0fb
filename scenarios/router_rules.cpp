#include "scenarios/router_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/engine_rules.h"
#include "scenarios/placed_error.h"
#include "scenarios/rank_rules.h"
#include "sim/fleet/router.h"

namespace blis {
namespace {

constexpr std::string_view kServerOfEachRank = "2026-01-22";  // vllm#32525: api_server_count, unless said
constexpr std::string_view kRotatedTies = "2026-07-06";       // vllm#47420
constexpr std::string_view kRuleOfJuly = "2026-07-27";        // vllm#49204
constexpr std::string_view kOwnPolicy = "vllm_balance", kServers = "api_server_count";

RankBalanceRule rule_of_version(const ResolvedScenario& pool) {
  const std::string& date = pool.version.date;
  // Those of the ranks of an endpoint.
  const int ranks = ranks_in_step(pool) ? ranks_of_endpoint(pool) : pool.scenario.engine.data_parallel_size;
  return {.api_servers = date >= kServerOfEachRank ? ranks : 1,
          .by_queues = date < kRuleOfJuly,
          .rotates_ties = date >= kRotatedTies,
          // Ranks of dense models told the coordinator nothing between vllm#30739 and vllm#49204.
          .ranks_are_heard = ranks_in_step(pool) || !has_ranks(pool) || date >= kRuleOfJuly};
}

// The same as parameters of the policy, in the order of kVllmBalanceParameters.
std::array<double, kVllmBalanceParameters.size()> parameters_of(const RankBalanceRule& rule) {
  return {static_cast<double>(rule.api_servers), static_cast<double>(rule.by_queues),
          static_cast<double>(rule.rotates_ties), static_cast<double>(rule.ranks_are_heard)};
}

const double* value_of(const RouterSettings& router, std::string_view name) {
  const auto option = std::ranges::find_if(router.options, [&](const auto& o) { return o.first == name; });
  return option == router.options.end() ? nullptr : &option->second;
}

// What is given, and else what the version does.
std::array<double, kVllmBalanceParameters.size()> balance_parameters(const ResolvedScenario& pool,
                                                                     const RouterSettings& router) {
  auto values = parameters_of(rule_of_version(pool));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const double* const given = value_of(router, kVllmBalanceParameters[i].name)) values[i] = *given;
  }
  return values;
}

// How many instances behind the router are one vLLM, among which it chooses.
int instances(const ResolvedScenario& pool) {
  return ranks_in_step(pool) || has_endpoints(pool) ? 1 : pool.scenario.engine.data_parallel_size;
}

// Whether all pools have equally many ranks, of one kind: the router then knows which belong together.
bool ranks_are_alike(const ResolvedScenario& d) {
  const std::span<const ResolvedScenario> pools = pools_of(d);
  return std::ranges::all_of(pools, [&](const ResolvedScenario& pool) {
    return pool.scenario.engine.data_parallel_size == pools.front().scenario.engine.data_parallel_size &&
           instances(pool) == instances(pools.front()) && has_endpoints(pool) == has_endpoints(pools.front());
  });
}

// vLLM's balance is within a server, and such ranks have one each.
void refuse_own_balance(const ResolvedScenario& d) {
  if (std::ranges::none_of(pools_of(d), has_endpoints)) return;
  Complaints complaints(d.scenario.origins);
  complaints.add(
      "router.policy",
      {.message = "vLLM does not choose among endpoints of its data-parallel ranks or of its nodes",
       .expected = "another policy, or neither data_parallel_external_lb nor data_parallel_hybrid_lb"});
  complaints.check();
}

// Of one engine vLLM takes the number of its servers, and balances nothing.
void refuse_parameters(ResolvedScenario& d) {
  RouterSettings& router = d.scenario.router;
  Complaints complaints(d.scenario.origins);
  const bool endpoints = std::ranges::any_of(pools_of(d), has_endpoints);
  const auto refuse = [&](const std::string& key) {
    complaints.add(
        "router." + key,
        {.message = fmt::format("`router.{}` means nothing for the router `{}`", key, *router.policy),
         .expected = endpoints ? "one endpoint for all ranks, which vLLM then balances by `router`"
                               : "policy: vllm_balance, or data_parallel_size above 1"});
  };
  for (const auto& [name, value] : router.options) {
    if (name != kServers) {
      refuse(name);
    } else if (value > 1) {
      d.warnings.push_back(
          endpoints
              ? fmt::format("api_server_count {} changes nothing: a rank that is an endpoint has an "
                            "API server of its own, and a node is taken to have one for each of its ranks",
                            value)
              : fmt::format("api_server_count {} changes nothing: there are no data-parallel ranks to "
                            "choose among, and the API's host time is that of one server",
                            value));
    }
  }
  if (router.refresh_metrics_interval_ms) refuse("refresh_metrics_interval_ms");
  complaints.check();
  router.options.clear();
}

}  // namespace

void settle_router(ResolvedScenario& d) {
  ScenarioSettings& s = d.scenario;
  RouterSettings& router = s.router;
  const ResolvedScenario& pool = pools_of(d).front();
  if (router.policy == kOwnPolicy) refuse_own_balance(d);
  if (!router.policy) {
    const bool own = has_ranks(pool) && !has_endpoints(pool) && ranks_are_alike(d);
    fill(s, router.policy, std::string(own ? kOwnPolicy : "round_robin"), "router.policy",
         own ? "vLLM's own among its data-parallel ranks" : "default");
    if (!own) refuse_parameters(d);
    const bool some =
        std::ranges::any_of(pools_of(d), [](const ResolvedScenario& p) { return instances(p) > 1; });
    if (!own && some)
      d.warnings.emplace_back(
          "data-parallel ranks are chosen in turn, like replicas: vLLM's own balance is known where all "
          "pools have equally many");
  }
  if (router.policy != kOwnPolicy) return;
  const auto values = balance_parameters(pool, router);
  std::vector<std::pair<std::string, double>> options;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name(kVllmBalanceParameters[i].name);
    if (!value_of(router, name))
      s.origins.insert_or_assign("router." + name, fmt::format("default of vLLM {}", pool.version.name));
    options.emplace_back(name, values[i]);
  }
  router.options = std::move(options);
  for (ResolvedScenario& p : d.pools) p.scenario.router = router;
}

int ranks_of_vllm(const ResolvedScenario& d) {
  const ResolvedScenario& pool = pools_of(d).front();
  return has_ranks(pool) && ranks_are_alike(d) ? instances(pool) : 0;
}

RankBalanceRule rank_balance(const ResolvedScenario& pool) {
  const RouterSettings& router = pool.scenario.router;
  return router.policy == kOwnPolicy ? balance_rule(balance_parameters(pool, router)) : rule_of_version(pool);
}

}  // namespace blis
