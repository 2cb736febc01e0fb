#include "scenarios/kv_rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "roofline/kv_capacity.h"
#include "scenarios/drafter_rules.h"
#include "scenarios/engine_rules.h"

namespace blis {
namespace {

constexpr std::string_view kPrefixesOfHybrids = "2026-08-16";  // vllm#50991, in the release 0.28

// Whether vLLM caches prefixes by itself. A state alone has no blocks to find.
bool caches_prefixes(const ResolvedScenario& d) {
  if (!has_states(d.model.layers)) return true;
  return kv_layout(d.model).has_attention() && d.version.date >= kPrefixesOfHybrids;
}

// Whether the states of all layers that keep one can be cached at every block boundary: vLLM's classes that
// support it compute prompts chunk by chunk and hand out the states between.
bool can_keep_all_states(const LayerList& layers) {
  return std::ranges::none_of(layers.halves(), [](const LayersWith& with) {
    const LayerPart part = with.half->part({});
    return part.state && part.state->chunk == 0;
  });
}

// What vLLM makes of mamba_cache_mode. Source: vllm/model_executor/models/config.py of 2026-08.
void settle_state_mode(ResolvedScenario& d) {
  EngineSettings& engine = d.scenario.engine;
  std::optional<std::string>& mode = engine.mamba_cache_mode;
  if (!has_states(d.model.layers)) {
    if (mode) {
      d.warnings.push_back(
          fmt::format("mamba_cache_mode changes nothing: `{}` keeps no states", d.model.name));
    }
    return;
  }
  const bool all = mode == "all" && can_keep_all_states(d.model.layers);
  const std::string settled = !*engine.enable_prefix_caching ? "none" : all ? "all" : "align";
  if (mode && *mode != settled) {
    d.warnings.push_back(fmt::format("vLLM takes mamba_cache_mode {} as {}: {}", *mode, settled,
                                     !*engine.enable_prefix_caching ? "prefixes are not cached"
                                     : mode == "none"
                                         ? "prefixes are cached"
                                         : fmt::format("`{}` cannot keep all states", d.model.name)));
    mode = settled;
  }
  fill(d.scenario, mode, settled, "engine.mamba_cache_mode", "by enable_prefix_caching");
  d.model.states_at_every_block = settled == "all";
}

// What is not known of groups of layers with chunks: EAGLE's and MTP's drafts beside them, and blocks that
// do not divide a chunk.
void check_chunks(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  for (const KvGroup& group : kv_layout(d.model).groups) {
    if (group.kind != KvKind::chunk) continue;
    const auto refuse = [&](std::string what) {
      complaints.add(
          "engine.disable_hybrid_kv_cache_manager",
          {.message = std::move(what), .expected = "disable_hybrid_kv_cache_manager: true, or no such key"});
    };
    if (engine.speculative && drops_last_match(*engine.speculative))
      return refuse(fmt::format("drafts by `{}` beside groups of layers with chunks are not modelled",
                                engine.speculative->method));
    if (group.reach % engine.block_size != 0)
      return refuse(fmt::format("chunks of {} tokens in blocks of {} are not modelled", group.reach,
                                engine.block_size));
  }
}

// As vLLM's KV-cache coordinator.
void check_retention(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  const int interval = engine.prefix_cache_retention_interval.value_or(0);
  if (interval > 0 && !leaves_kv_behind(d.model)) {
    complaints.add("engine.prefix_cache_retention_interval",
                   {.message = fmt::format("`{}` has no layers with an attention window: "
                                           "`engine.prefix_cache_retention_interval` would have no effect",
                                           d.model.name),
                    .expected = "null or 0",
                    .got = std::to_string(interval)});
  }
}

// As vLLM, which caches a state only where a step ends.
void check_states(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  if (!has_states(d.model.layers) || !*engine.enable_prefix_caching) return;
  if (!kv_layout(d.model).has_attention()) {
    complaints.add(
        "engine.enable_prefix_caching",
        {.message = fmt::format("`{}` keeps a state of each sequence and no KV cache, so that there "
                                "are no prefixes to find",
                                d.model.name),
         .expected = "enable_prefix_caching: false"});
  } else if (!engine.enable_chunked_prefill) {
    complaints.add(
        "engine.enable_chunked_prefill",
        {.message = fmt::format("`{}` keeps a state of each sequence, which is cached where a chunk of "
                                "a prompt ends: its prefixes need chunked prefill",
                                d.model.name),
         .expected = "enable_chunked_prefill: true, or enable_prefix_caching: false"});
  }
}

}  // namespace

// Whether some layers leave KV behind, so that it is a question what of it stays findable.
bool leaves_kv_behind(const ModelConfig& model) {
  return std::ranges::any_of(kv_layout(model).groups,
                             [](const KvGroup& group) { return group.kind != KvKind::full; });
}

// vLLM turns the manager off for chunks unless VLLM_ALLOW_CHUNKED_LOCAL_ATTN_WITH_HYBRID_KV_CACHE is set.
void apply_kv_manager(ResolvedScenario& d, Complaints& complaints) {
  const std::optional<bool> disabled = d.scenario.engine.disable_hybrid_kv_cache_manager;
  if (!disabled) return;
  d.model.hybrid_kv_cache_manager = !*disabled;
  if (*disabled && has_states(d.model.layers) && kv_layout(d.model).has_attention()) {
    complaints.add("engine.disable_hybrid_kv_cache_manager",
                   {.message = fmt::format("`{}` has caches and states, which vLLM cannot keep without its "
                                           "hybrid KV cache manager",
                                           d.model.name),
                    .expected = "disable_hybrid_kv_cache_manager: false, or no such key"});
  }
}

void fill_kv_defaults(ResolvedScenario& d) {
  EngineSettings& engine = d.scenario.engine;
  const std::string by_version = fmt::format("default of vLLM {}", d.version.name);
  fill(d.scenario, engine.enable_prefix_caching, caches_prefixes(d), "engine.enable_prefix_caching",
       by_version);
  settle_state_mode(d);
  const std::optional<int> interval = d.version.preset.behaviour.prefix_cache_retention_interval;
  if (!interval || !leaves_kv_behind(d.model)) return;
  fill(d.scenario, engine.prefix_cache_retention_interval, *interval,
       "engine.prefix_cache_retention_interval", by_version);
}

void check_kv(const ResolvedScenario& d, Complaints& complaints) {
  check_retention(d, complaints);
  check_states(d, complaints);
  check_chunks(d, complaints);
}

}  // namespace blis
