#include "scenarios/pool_roles.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/not_modelled.h"

namespace blis {
namespace {

constexpr std::string_view kNixlKnowsGroups = "2026-03-06";  // vllm#35758

std::string role_of(std::size_t pool) {
  return fmt::format("pools.{}.role", pool);
}

bool keeps(const ResolvedScenario& pool, KvKind kind) {
  return std::ranges::find(pool.kv.layout.groups, kind, &KvGroup::kind) != pool.kv.layout.groups.end();
}

// What of pools that hand blocks on nobody can leave out.
void refuse_unmodelled(const ScenarioSettings& scenario, std::span<const ResolvedScenario> pools) {
  std::vector<Problem> problems;
  const auto add = [&](std::string_view key, std::string message, std::string expected) {
    problems.push_back({.place = origin_place(scenario.origins, key),
                        .message = std::move(message),
                        .expected = std::move(expected)});
  };
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const ResolvedScenario& pool = pools[i];
    if (scenario.pools[i].role == "both") {
      add(role_of(i), "a pool that does both, beside some that do not, is not modelled",
          "prefill or decode: router.non_cached_tokens lets decode pools compute short prompts");
    }
    if (keeps(pool, KvKind::state) || keeps(pool, KvKind::chunk) || pool.kv.layout.has_unequal_blocks()) {
      add(role_of(i),
          fmt::format(
              "`{}` keeps states, chunks or KV blocks of different sizes, whose transfer is not modelled",
              pool.model.name),
          "a model with full attention and windows");
    }
  }
  if (problems.empty()) return;
  problems.back().hint = kNothingRemains;
  throw InputError(ErrorKind::not_modelled, std::move(problems));
}

// One pool computes prompts, the other goes on with its blocks.
void check_apart(const ScenarioSettings& scenario, std::span<const ResolvedScenario> pools,
                 Complaints& complaints) {
  refuse_unmodelled(scenario, pools);
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const PoolSettings& pool = scenario.pools[i];
    if (pool.engine.kv_cache_dtype != scenario.pools.front().engine.kv_cache_dtype) {
      complaints.add(fmt::format("pools.{}.engine.kv_cache_dtype", i),
                     {.message = "KV blocks of one type do not become another on their way",
                      .expected = "the same in all pools",
                      .got = pool.engine.kv_cache_dtype});
    }
    if (keeps(pools[i], KvKind::window) && pools[i].version.date < kNixlKnowsGroups) {
      complaints.add(
          fmt::format("pools.{}.engine.disable_hybrid_kv_cache_manager", i),
          {.message = fmt::format("vLLM {} keeps windows whole beside a connector, or does not start",
                                  pools[i].version.name),
           .expected = fmt::format("disable_hybrid_kv_cache_manager: true, or mainline of {} or later",
                                   kNixlKnowsGroups)});
    }
  }
}

}  // namespace

void check_pool_roles(const ScenarioSettings& scenario, std::span<const ResolvedScenario> pools,
                      Complaints& complaints) {
  const auto has = [&](std::string_view role) {
    return std::ranges::find(scenario.pools, role, &PoolSettings::role) != scenario.pools.end();
  };
  const bool offloads =
      scenario.engine.kv_offloading_size || std::ranges::any_of(scenario.pools, [](const PoolSettings& pool) {
        return pool.engine.kv_offloading_size.has_value();
      });
  if (scenario.host_link && !offloads) {
    complaints.add("links.host", {.message = "nothing passes over `links.host`",
                                  .expected = "an engine with kv_offloading_size"});
  }
  const auto has_storage = [](const EngineSettings& engine) {
    return engine.kv_connector_extra_config && !engine.kv_connector_extra_config->secondary_tiers.empty();
  };
  if (scenario.storage_link && !has_storage(scenario.engine) &&
      !std::ranges::any_of(scenario.pools, has_storage, &PoolSettings::engine)) {
    complaints.add("links.storage", {.message = "nothing passes over `links.storage`",
                                     .expected = "an engine with secondary_tiers: [{ type: fs }] in its "
                                                 "kv_connector_extra_config"});
  }
  const bool apart = has("prefill") && has("decode");
  if (apart) return check_apart(scenario, pools, complaints);
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const std::string& role = scenario.pools[i].role;
    if (role == "both") continue;
    complaints.add(role_of(i), {.message = fmt::format("no pool does the rest of what `{}` leaves", role),
                                .expected = fmt::format("a pool with role: {} beside it",
                                                        role == "prefill" ? "decode" : "prefill"),
                                .got = role});
  }
  if (scenario.kv_transfer) {
    complaints.add("links.kv_transfer", {.message = "nothing passes over `links.kv_transfer`",
                                         .expected = "pools with the roles prefill and decode"});
  }
  if (scenario.router.non_cached_tokens) {
    complaints.add("router.non_cached_tokens", {.message = "no prompt is computed apart from its answer",
                                                .expected = "pools with the roles prefill and decode"});
  }
}

}  // namespace blis
