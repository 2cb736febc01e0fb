#include "scenarios/rank_rules.h"

#include <fmt/core.h>

#include <limits>

#include "scenarios/engine_rules.h"

namespace blis {
namespace {

constexpr const char* kKey = "engine.data_parallel_external_lb";
constexpr int kMostEndpoints = std::numeric_limits<EndpointIndex>::max() + 1;

// Since then vLLM does not start dense models so: in 0.21, not in 0.20.2; which day is not known to us.
constexpr int kOnlyExperts = 21;
constexpr std::string_view kOnlyExpertsBy = "2026-05-24";

bool takes_experts_only(const VllmVersion& version) {
  const VllmCode& code = version.code;
  return code.day.empty() ? code.release.minor >= kOnlyExperts : code.day >= kOnlyExpertsBy;
}

}  // namespace

bool ranks_are_endpoints(const ResolvedScenario& d) {
  return has_ranks(d) && d.scenario.engine.data_parallel_external_lb.value_or(false);
}

int endpoints_of_engine(const ResolvedScenario& d) {
  return ranks_are_endpoints(d) && ranks_in_step(d) ? d.scenario.engine.data_parallel_size : 1;
}

void check_endpoints(const ResolvedScenario& d, Complaints& complaints) {
  if (!d.scenario.engine.data_parallel_external_lb.value_or(false)) return;
  const int ranks = d.scenario.engine.data_parallel_size;
  if (ranks == 1) {
    complaints.add(kKey, {.message = "`data_parallel_external_lb` needs data-parallel ranks",
                          .expected = "data_parallel_size above 1",
                          .got = std::to_string(ranks)});
  } else if (!d.model.layers.has("experts") && takes_experts_only(d.version)) {
    complaints.add(
        kKey, {.message = fmt::format("vLLM {} does not start `{}`, which has no experts, so", d.version.name,
                                      d.model.name),
               .expected = fmt::format("replicas: {}, which is the same: each is a server of its own",
                                       d.scenario.replicas * ranks),
               .hint = "leave out data_parallel_size, too"});
  } else if (endpoints_of_engine(d) > kMostEndpoints) {
    complaints.add("engine.data_parallel_size",
                   {.message = "an engine has more endpoints than can be told apart",
                    .expected = fmt::format("{} at most", kMostEndpoints),
                    .got = std::to_string(ranks)});
  }
}

}  // namespace blis
