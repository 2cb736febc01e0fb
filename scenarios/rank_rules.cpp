#include "scenarios/rank_rules.h"

#include <fmt/core.h>

#include <limits>

#include "scenarios/engine_rules.h"

namespace blis {
namespace {

constexpr const char* kExternal = "engine.data_parallel_external_lb";
constexpr const char* kHybrid = "engine.data_parallel_hybrid_lb";
constexpr const char* kLocal = "engine.data_parallel_size_local";
constexpr int kMostRanks = std::numeric_limits<RankIndex>::max() + 1;

// Since then vLLM does not start dense models so: in 0.21, not in 0.20.2; which day is not known to us.
constexpr int kOnlyExperts = 21;
constexpr std::string_view kOnlyExpertsBy = "2026-05-24";

bool takes_experts_only(const VllmVersion& version) {
  const VllmCode& code = version.code;
  return code.day.empty() ? code.release.minor >= kOnlyExperts : code.day >= kOnlyExpertsBy;
}

}  // namespace

bool has_endpoints(const ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  // vLLM takes no notice of the hybrid mode where one node has all ranks.
  const bool one_node = engine.data_parallel_size_local == engine.data_parallel_size;
  return has_ranks(d) && (engine.data_parallel_external_lb.value_or(false) ||
                          (engine.data_parallel_hybrid_lb.value_or(false) && !one_node));
}

int endpoints_of_engine(const ResolvedScenario& d) {
  return ranks_in_step(d) ? d.scenario.engine.data_parallel_size / ranks_of_endpoint(d) : 1;
}

int ranks_of_endpoint(const ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  if (!ranks_in_step(d)) return 1;
  if (engine.data_parallel_external_lb.value_or(false)) return 1;
  return engine.data_parallel_hybrid_lb.value_or(false) ? engine.data_parallel_size_local.value_or(1)
                                                        : engine.data_parallel_size;
}

namespace {

// Ranks of a node in hybrid load balancing.
void check_nodes(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  const bool hybrid = engine.data_parallel_hybrid_lb.value_or(false);
  if (!hybrid) {
    if (engine.data_parallel_size_local) {
      complaints.add(kLocal,
                     {.message = "`data_parallel_size_local` says nothing without an endpoint for each node",
                      .expected = "data_parallel_hybrid_lb: true beside it, or none"});
    }
    return;
  }
  if (engine.data_parallel_external_lb.value_or(false)) {
    complaints.add(kHybrid, {.message = "ranks and nodes cannot both be endpoints",
                             .expected = "data_parallel_external_lb or data_parallel_hybrid_lb"});
  } else if (!engine.data_parallel_size_local) {
    complaints.add(kHybrid, {.message = "how many ranks a node has is not said",
                             .expected = "data_parallel_size_local beside it"});
  } else if (engine.data_parallel_size % *engine.data_parallel_size_local != 0) {
    complaints.add(kLocal,
                   {.message = "nodes would have unequally many ranks",
                    .expected = fmt::format("a divisor of data_parallel_size, {}", engine.data_parallel_size),
                    .got = std::to_string(*engine.data_parallel_size_local)});
  }
}

}  // namespace

void check_endpoints(const ResolvedScenario& d, Complaints& complaints) {
  check_nodes(d, complaints);
  const int ranks = d.scenario.engine.data_parallel_size;
  const bool external = d.scenario.engine.data_parallel_external_lb.value_or(false);
  const char* const key = external ? kExternal : kHybrid;
  if (ranks_in_step(d) && ranks > kMostRanks) {
    complaints.add("engine.data_parallel_size", {.message = "an engine has more ranks than can be told apart",
                                                 .expected = fmt::format("{} at most", kMostRanks),
                                                 .got = std::to_string(ranks)});
  }
  if (!external && !d.scenario.engine.data_parallel_hybrid_lb.value_or(false)) return;
  if (ranks == 1) {
    complaints.add(key, {.message = fmt::format("`{}` needs data-parallel ranks",
                                                key + std::string_view("engine.").size()),
                         .expected = "data_parallel_size above 1",
                         .got = std::to_string(ranks)});
  } else if (external && !d.model.layers.has("experts") && takes_experts_only(d.version)) {
    complaints.add(
        key, {.message = fmt::format("vLLM {} does not start `{}`, which has no experts, so", d.version.name,
                                     d.model.name),
              .expected = fmt::format("replicas: {}, which is the same: each is a server of its own",
                                      d.scenario.replicas * ranks),
              .hint = "leave out data_parallel_size, too"});
  }
}

}  // namespace blis
