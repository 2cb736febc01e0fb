#include "scenarios/pool_roles.h"

#include <fmt/format.h>

#include <algorithm>

namespace blis {
namespace {

constexpr std::string_view kWindowsBesideConnectors = "2026-05-26";  // vllm#41847

std::string role_of(std::size_t pool) {
  return fmt::format("pools.{}.role", pool);
}

// Of windows the NIXL connector hands on what they reach. Older ones turn the hybrid KV cache manager off.
void check_groups(const ResolvedScenario& pool, std::size_t i, Complaints& complaints) {
  const auto keeps = [&](KvKind kind) {
    return std::ranges::any_of(pool.kv.layout.groups, [&](const KvGroup& g) { return g.kind == kind; });
  };
  if (keeps(KvKind::state) || keeps(KvKind::chunk) || pool.kv.layout.has_unequal_blocks()) {
    complaints.add(role_of(i), {.message = fmt::format("`{}` keeps states, chunks or KV blocks of different "
                                                       "sizes, whose transfer is not simulated",
                                                       pool.model.name),
                                .expected = "a model with full attention and windows"});
  } else if (keeps(KvKind::window) && pool.version.date < kWindowsBesideConnectors) {
    complaints.add(
        fmt::format("pools.{}.engine.disable_hybrid_kv_cache_manager", i),
        {.message = fmt::format("vLLM {} keeps windows whole beside a connector", pool.version.name),
         .expected = fmt::format("disable_hybrid_kv_cache_manager: true, or mainline of {} or later",
                                 kWindowsBesideConnectors)});
  }
}

// One pool computes prompts, the other goes on with its blocks.
void check_apart(const ScenarioSettings& scenario, std::span<const ResolvedScenario> pools,
                 Complaints& complaints) {
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const PoolSettings& pool = scenario.pools[i];
    if (pool.role == "both") {
      complaints.add(role_of(i),
                     {.message = "a pool that does both, beside some that do not, is not simulated",
                      .expected = "prefill or decode",
                      .hint = "router.non_cached_tokens lets decode pools compute short prompts"});
    } else if (pools[i].parallel.data > 1) {
      complaints.add(
          fmt::format("pools.{}.engine.data_parallel_size", i),
          {.message = "data-parallel ranks of a model with experts do not prefill or decode apart here",
           .expected = "1: each rank would be an endpoint of its own, which is not simulated"});
    } else if (pool.engine.kv_cache_dtype != scenario.pools.front().engine.kv_cache_dtype) {
      complaints.add(fmt::format("pools.{}.engine.kv_cache_dtype", i),
                     {.message = "KV blocks of one type do not become another on their way",
                      .expected = "the same in all pools",
                      .got = pool.engine.kv_cache_dtype});
    }
    const EngineSettings& engine = pools[i].scenario.engine;
    if (engine.kv_connector || engine.kv_offloading_size) {
      const std::string key = engine.kv_connector ? "kv_connector" : "kv_offloading_size";
      complaints.add(fmt::format("pools.{}.engine.{}", i, key),
                     {.message = "a store of KV blocks beside pools that hand blocks on is not simulated",
                      .expected = fmt::format("no `{}`", key)});
    }
    if (engine.reset_prefix_cache) {
      complaints.add(
          fmt::format("pools.{}.engine.reset_prefix_cache", i),
          {.message = "a reset of the prefix cache where blocks are handed on is not modelled: vLLM's "
                      "engine stops with an error if a load is under way",
           .expected = "no resets"});
    }
    check_groups(pools[i], i, complaints);
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
