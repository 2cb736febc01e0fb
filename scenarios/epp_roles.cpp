#include "scenarios/epp_roles.h"

#include <algorithm>

#include "scenarios/epp_file.h"
#include "scenarios/placed_error.h"

namespace blis {
namespace {

[[noreturn]] void refuse(const ScenarioSettings& scenario, const char* key, std::string message,
                         std::string expected) {
  throw InputError(ErrorKind::usage, {.place = origin_place(scenario.origins, key),
                                      .message = std::move(message),
                                      .expected = std::move(expected)});
}

}  // namespace

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
  config.router.epp = std::move(epp);
}

}  // namespace blis
