#include "scenarios/kv_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "roofline/kv_capacity.h"
#include "scenarios/drafter_rules.h"
#include "scenarios/engine_rules.h"

namespace blis {
namespace {

constexpr std::string_view kPrefixesOfHybrids = "2026-08-16";       // vllm#50991, in the release 0.28
constexpr std::string_view kGroupsBesideConnectors = "2026-05-13";  // vllm#39949
constexpr int kGroupsInRelease = 22;                                // 0.22, cut at the end of that month
constexpr std::string_view kAnyBlockSize = "2026-03-09";            // vllm#35122
// Without 1 and 8, which no kernel takes. The last one since vllm#26883.
constexpr std::array kListedBlockSizes{16, 32, 64, 128, 256};
constexpr std::string_view kLastListed = "2025-10-16";

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

// As vLLM, whose manager makes no groups of layers with chunks where drafts drop a block. Source: VllmConfig
// of vllm/config/vllm.py.
void check_chunks(const ResolvedScenario& d, Complaints& complaints) {
  const std::optional<SpeculativeSettings>& drafts = d.scenario.engine.speculative;
  if (!drafts || !drops_last_match(*drafts)) return;
  const std::vector<KvGroup> groups = kv_layout(d.model).groups;
  if (std::ranges::find(groups, KvKind::chunk, &KvGroup::kind) == groups.end()) return;
  complaints.add("engine.disable_hybrid_kv_cache_manager",
                 {.message = fmt::format("vLLM makes no groups of layers with chunks beside drafts by `{}`",
                                         drafts->method),
                  .expected = "disable_hybrid_kv_cache_manager: true, or no such key"});
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

bool connects(const ResolvedScenario& d) {
  return d.hands_on || d.scenario.engine.kv_connector || d.scenario.engine.kv_offloading_size;
}

// vLLM turns the manager off for chunks unless VLLM_ALLOW_CHUNKED_LOCAL_ATTN_WITH_HYBRID_KV_CACHE is set, and
// beside a connector that does not know groups; until vllm#39949, beside any.
void apply_kv_manager(ResolvedScenario& d, Complaints& complaints) {
  EngineSettings& engine = d.scenario.engine;
  std::optional<bool>& disabled = engine.disable_hybrid_kv_cache_manager;
  const bool both = has_states(d.model.layers) && kv_layout(d.model).has_attention();
  const bool ignorant = engine.kv_connector && !engine.kv_connector->supports_hma.value_or(true);
  const bool of_any = d.version.date < kGroupsBesideConnectors &&
                      !(d.version.code.day.empty() && d.version.code.release.minor >= kGroupsInRelease);
  if (connects(d) && (ignorant || of_any) && !both && leaves_kv_behind(d.model)) {
    fill(d.scenario, disabled, true, "engine.disable_hybrid_kv_cache_manager",
         of_any ? fmt::format("vLLM {} beside a KV connector", d.version.name)
                : std::string("beside a KV connector without support for it"));
    if (ignorant && !*disabled) {
      complaints.add(
          "engine.disable_hybrid_kv_cache_manager",
          {.message = "vLLM does not start with groups of KV blocks beside a connector that does not "
                      "support them (`engine.kv_connector.supports_hma`)",
           .expected = "disable_hybrid_kv_cache_manager: true, or no such key"});
    }
  }
  if (!disabled) return;
  d.model.hybrid_kv_cache_manager = !*disabled;
  if (*disabled && both) {
    complaints.add("engine.disable_hybrid_kv_cache_manager",
                   {.message = fmt::format("`{}` has caches and states, which vLLM cannot keep without its "
                                           "hybrid KV cache manager",
                                           d.model.name),
                    .expected = "disable_hybrid_kv_cache_manager: false, or no such key"});
  }
}

// As the kernels of vLLM's backends of attention, which take blocks of multiples of 16 tokens; and, before
// vllm#35122, as its list of choices. Latent attention's are chosen for it (kv_block_size).
void check_block_size(const ResolvedScenario& d, Complaints& complaints) {
  constexpr int kOfKernels = 16;
  const int size = d.scenario.engine.block_size;
  const std::span<const int> list =
      std::span(kListedBlockSizes).first(kListedBlockSizes.size() - (d.version.date < kLastListed ? 1 : 0));
  const bool listed = std::ranges::find(list, size) != list.end();
  const bool by_list = d.version.date < kAnyBlockSize;
  if (!kv_layout(d.model).has_attention() || (size % kOfKernels == 0 && (listed || !by_list))) return;
  complaints.add("engine.block_size",
                 {.message = by_list ? fmt::format("vLLM {} makes no KV blocks of this size", d.version.name)
                                     : "no kernel of attention in vLLM takes KV blocks of this size",
                  .expected = by_list ? fmt::format("one of {}", fmt::join(list, ", ")) : "a multiple of 16",
                  .got = std::to_string(size)});
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
