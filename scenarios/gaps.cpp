#include "scenarios/gaps.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "scenarios/draft_releases.h"
#include "scenarios/engine_rules.h"
#include "scenarios/kv_rules.h"
#include "scenarios/rank_rules.h"

namespace blis {
namespace {

const EngineSettings& engine_of(const ResolvedScenario& d) {
  return d.scenario.engine;
}
bool has_store(const ResolvedScenario& d) {
  return engine_of(d).kv_connector || engine_of(d).kv_offloading_size;
}
void leave_out_store(ResolvedScenario& d) {
  d.scenario.engine.kv_connector.reset();
  d.scenario.engine.kv_offloading_size.reset();
  d.scenario.engine.kv_connector_extra_config.reset();
  d.scenario.host_link.reset();
  d.scenario.storage_link.reset();
}
void leave_out_scaling(ResolvedScenario& d) {
  d.scenario.autoscaling.reset();
}
void leave_out_failures(ResolvedScenario& d) {
  d.scenario.failures.clear();
}
void leave_out_drafts(ResolvedScenario& d) {
  d.scenario.engine.speculative.reset();
}
void leave_out_resets(ResolvedScenario& d) {
  d.scenario.engine.reset_prefix_cache.reset();
}
std::string only_if(bool asked, std::string_view sentence) {
  return asked ? std::string(sentence) : std::string();
}
std::string only_if(bool asked, const ResolvedScenario& d, std::string_view of_model) {
  return asked ? fmt::format("`{}` {}", d.model.name, of_model) : std::string();
}

// Models for which vLLM knows how many layers predict further tokens where their config says nothing.
// Source: hf_config_override() of vllm/config/speculative.py, 2026-08-17.
bool predicts_unsaid(const ResolvedScenario& d) {
  constexpr std::array<std::string_view, 3> kTypes{"mimo_v2", "longcat_flash", "qwen3_next"};
  return d.model.predicting_layers == 0 && std::ranges::any_of(kTypes, [&](std::string_view type) {
           return d.model.model_type.starts_with(type);
         });
}

// Of groups of layers with chunks, which blocks must divide here.
std::string ends_within_a_block(const ResolvedScenario& d) {
  if (!d.model.hybrid_kv_cache_manager.value_or(false)) return {};
  for (const KvGroup& group : kv_layout(d.model).groups) {
    if (group.kind == KvKind::chunk && group.reach % engine_of(d).block_size != 0)
      return fmt::format("chunks of {} tokens in blocks of {} are not modelled", group.reach,
                         engine_of(d).block_size);
  }
  return {};
}

// Ranks that are engines of their own here, behind the API servers of one vLLM.
bool ranks_apart(const ResolvedScenario& d) {
  return has_ranks(d) && !ranks_in_step(d) && !has_endpoints(d);
}
constexpr std::string_view kLimitsOfAll =
    "a limit of what is queued for all data-parallel ranks of a dense model together is not modelled";

constexpr Gap kGaps[] = {
    {"engine.speculative.method", lacks_drafts, "a later version, or another method", nullptr},
    {"engine.speculative",
     [](const ResolvedScenario& d) {
       return only_if(engine_of(d).speculative && has_states(d.model.layers), d,
                      "keeps a state of each sequence; the states that drafts need are not modelled");
     },
     "no speculation", leave_out_drafts},
    {"engine.speculative",
     [](const ResolvedScenario& d) {
       return only_if(engine_of(d).speculative && kv_layout(d.model).packed, d,
                      "has KV blocks that its layers share; drafts beside them are not modelled");
     },
     "no speculation", leave_out_drafts},
    {"engine.speculative.method",
     [](const ResolvedScenario& d) {
       return only_if(
           engine_of(d).speculative && engine_of(d).speculative->method == "mtp" && predicts_unsaid(d), d,
           "predicts further tokens by layers that its config does not tell; they are not modelled");
     },
     "another method, or no speculation", leave_out_drafts},
    {"engine.data_parallel_hybrid_lb",
     [](const ResolvedScenario& d) {
       return only_if(
           has_endpoints(d) && engine_of(d).data_parallel_hybrid_lb.value_or(false) && !ranks_in_step(d),
           "nodes as endpoints of a dense model's ranks, which do not go in step, are not modelled");
     },
     "replicas, one for each node, with its ranks as data_parallel_size", nullptr},
    {kStoreKey,
     [](const ResolvedScenario& d) {
       return only_if(has_store(d) && leaves_kv_behind(d.model), d,
                      "has layers with windows or states: a connector beside them is not modelled");
     },
     "a model whose layers all have full attention, or disable_hybrid_kv_cache_manager: true",
     leave_out_store},
    {kStoreKey,
     [](const ResolvedScenario& d) {
       return only_if(has_store(d) && engine_of(d).pipeline_parallel_size > 1,
                      "a connector with pipeline stages is not modelled");
     },
     "pipeline_parallel_size: 1", leave_out_store},
    {kStoreKey,
     [](const ResolvedScenario& d) {
       return only_if(has_store(d) && ranks_in_step(d),
                      "a connector with data-parallel ranks in step is not modelled");
     },
     "data_parallel_size: 1", leave_out_store},
    {kStoreKey,
     [](const ResolvedScenario& d) {
       return only_if(has_store(d) && engine_of(d).speculative, "a connector beside drafts is not modelled");
     },
     "no `speculative`", leave_out_store},
    {kStoreKey,
     [](const ResolvedScenario& d) {
       return only_if(has_store(d) && d.hands_on,
                      "a store of KV blocks beside pools that hand blocks on is not modelled");
     },
     "no such key", leave_out_store},
    {"engine.kv_connector.failing_loads",
     [](const ResolvedScenario& d) {
       const auto& connector = engine_of(d).kv_connector;
       return only_if(connector && connector->failing_loads > 0 && !connector->asynchronous,
                      "a load that fails while a step waits for it is not modelled");
     },
     "asynchronous: true, or failing_loads: 0",
     [](ResolvedScenario& d) { d.scenario.engine.kv_connector->failing_loads = 0; }},
    {"engine.reset_prefix_cache",
     [](const ResolvedScenario& d) {
       return only_if(
           engine_of(d).reset_prefix_cache && (has_store(d) || d.hands_on),
           "a reset of the prefix cache where KV blocks come from elsewhere is not modelled: vLLM's "
           "engine stops with an error if a load is under way");
     },
     "no resets", leave_out_resets},
    {"engine.max_num_queued_reqs",
     [](const ResolvedScenario& d) {
       return only_if(engine_of(d).max_num_queued_reqs && ranks_apart(d), kLimitsOfAll);
     },
     "data_parallel_size: 1, and `replicas` with a server each",
     [](ResolvedScenario& d) { d.scenario.engine.max_num_queued_reqs.reset(); }},
    {"engine.max_num_queued_tokens",
     [](const ResolvedScenario& d) {
       return only_if(engine_of(d).max_num_queued_tokens && ranks_apart(d), kLimitsOfAll);
     },
     "data_parallel_size: 1, and `replicas` with a server each",
     [](ResolvedScenario& d) { d.scenario.engine.max_num_queued_tokens.reset(); }},
    {"autoscaling",
     [](const ResolvedScenario& d) {
       return only_if(d.scenario.autoscaling && has_ranks(d),
                      "scaling servers of several data-parallel engines is not modelled");
     },
     "data_parallel_size: 1", leave_out_scaling},
    {"autoscaling",
     [](const ResolvedScenario& d) {
       return only_if(d.scenario.autoscaling && d.hands_on,
                      "prefill and decode pools whose replicas come and go are not modelled");
     },
     "`replicas` alone", leave_out_scaling},
    {"autoscaling",
     [](const ResolvedScenario& d) {
       return only_if(
           d.scenario.autoscaling && (has_store(d) || engine_of(d).reset_prefix_cache),
           "a store of KV blocks, or resets of the prefix cache, beside replicas that come and go are "
           "not modelled");
     },
     "one of the two", leave_out_scaling},
    {"autoscaling.optimization_target",
     [](const ResolvedScenario& d) {
       const auto& scaling = d.scenario.autoscaling;
       const std::string target = scaling ? scaling->optimization_target.value_or("") : "";
       return only_if(
           target == "sla" || target == "load",
           "of Dynamo's planner, targets for latencies and thresholds of one's own are not modelled");
     },
     "throughput or latency",
     [](ResolvedScenario& d) { d.scenario.autoscaling->optimization_target.reset(); }},
    {"failures",
     [](const ResolvedScenario& d) {
       return only_if(
           !d.scenario.failures.empty() && (has_ranks(d) || engine_of(d).pipeline_parallel_size > 1),
           "the death of a server with data-parallel ranks or pipeline stages is not modelled");
     },
     "data_parallel_size: 1 and pipeline_parallel_size: 1", leave_out_failures},
    {"failures",
     [](const ResolvedScenario& d) {
       return only_if(!d.scenario.failures.empty() && d.hands_on,
                      "the death of a replica of prefill and decode pools is not modelled");
     },
     "`replicas`, or pools with the role both", leave_out_failures},
    {"failures",
     [](const ResolvedScenario& d) {
       return only_if(!d.scenario.failures.empty() && (has_store(d) || engine_of(d).reset_prefix_cache),
                      "a store of KV blocks, or resets of the prefix cache, beside replicas that die are not "
                      "modelled");
     },
     "one of the two", leave_out_failures},
    {"failures",
     [](const ResolvedScenario& d) {
       return only_if(!d.scenario.failures.empty() && d.scenario.autoscaling,
                      "autoscaling beside replicas that die is not modelled");
     },
     "one of the two", leave_out_failures},
    {"engine.lora",
     [](const ResolvedScenario& d) {
       return only_if(engine_of(d).lora && d.model.layers.has("experts"), d,
                      "has experts, whose LoRA adapters are not modelled");
     },
     "a model without experts", nullptr},
    {"latency.coefficients.request_token_us",
     [](const ResolvedScenario& d) {
       const auto& coefficients = d.scenario.latency.coefficients;
       return only_if(coefficients && coefficients->request_token_us > 0,
                      "a time of a request's own that grows with its length is not modelled");
     },
     "0: fold it into request_us",
     [](ResolvedScenario& d) { d.scenario.latency.coefficients->request_token_us = 0; }},
    {"engine.disable_hybrid_kv_cache_manager", ends_within_a_block,
     "disable_hybrid_kv_cache_manager: true, or no such key",
     [](ResolvedScenario& d) {
       d.scenario.engine.disable_hybrid_kv_cache_manager = true;
       d.model.hybrid_kv_cache_manager = false;
     }},
};

}  // namespace

std::span<const Gap> gaps() {
  return kGaps;
}

}  // namespace blis
