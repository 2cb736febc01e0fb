#include "tools/simulate/deployment_kind.h"

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <variant>

#include "roofline/evidence.h"
#include "scenarios/item_rules.h"

namespace blis {
namespace {

template <class Is>
bool any_operation(const LayerList& layers, Is is) {
  return std::ranges::any_of(layers.halves(), [&](const LayersWith& with) {
    return std::ranges::any_of(with.half->part({}).operations, is);
  });
}

using Formats = std::initializer_list<WeightFormat>;

bool is_one_of(const std::optional<Storage>& stored, const Quantization& q, bool quantized, Formats formats) {
  return std::ranges::find(formats, stored.value_or(storage_of(q, quantized)).format) != formats.end();
}
// Whether matrices of attention, or of MLPs where there are no experts, are stored so.
bool layers_are(const ResolvedScenario& d, Formats formats) {
  const Quantization& q = d.model.quantization;
  const bool experts = d.model.layers.has("experts");
  return any_operation(d.model.layers, [&](const Operation& operation) {
    const auto* const product = std::get_if<Product>(&operation.work);
    if (!product) return false;
    if (product->role == WeightRole::attention) return is_one_of(product->stored, q, q.attention, formats);
    return product->role == WeightRole::dense_mlp && !experts &&
           is_one_of(product->stored, q, q.dense_mlp, formats);
  });
}
bool experts_are(const ResolvedScenario& d, Formats formats) {
  const Quantization& q = d.model.quantization;
  return any_operation(d.model.layers, [&](const Operation& operation) {
    const auto* const routed = std::get_if<RoutedExperts>(&operation.work);
    return routed && is_one_of(routed->stored, q, q.experts, formats);
  });
}

bool is_sister(const Hardware& hardware) {
  return evidence_of(hardware).kernels == KernelEvidence::sister_tables;
}

struct Feature {
  std::string_view name;
  bool (*has)(const ResolvedScenario& d);
};

using enum WeightFormat;
constexpr Feature kFeatures[] = {
    {"experts", [](const ResolvedScenario& d) { return d.model.layers.has("experts"); }},
    {"8-bit float experts",
     [](const ResolvedScenario& d) {
       return experts_are(d, {fp8_tensor, fp8_channel, fp8_block, mxfp8});
     }},
    {"8-bit integer experts", [](const ResolvedScenario& d) { return experts_are(d, {int8}); }},
    {"4-bit experts",
     [](const ResolvedScenario& d) {
       return experts_are(d, {int4, mxfp4, nvfp4});
     }},
    {"8-bit float layers",
     [](const ResolvedScenario& d) {
       return layers_are(d, {fp8_tensor, fp8_channel, fp8_block, mxfp8});
     }},
    {"8-bit integer layers", [](const ResolvedScenario& d) { return layers_are(d, {int8}); }},
    {"4-bit layers",
     [](const ResolvedScenario& d) {
       return layers_are(d, {int4, mxfp4, nvfp4});
     }},
    {"an 8-bit KV cache",
     [](const ResolvedScenario& d) { return d.latency_inputs().options.kv_dtype_bytes == 1; }},
    {"latent attention", [](const ResolvedScenario& d) { return d.model.layers.has("latent"); }},
    {"layers that keep a state", [](const ResolvedScenario& d) { return has_states(d.model.layers); }},
    {"sparse attention", [](const ResolvedScenario& d) { return reads_picked(d.model.layers); }},
    {"layers that share a KV cache",
     [](const ResolvedScenario& d) {
       return std::ranges::any_of(d.model.layers.halves(), [](const LayersWith& with) {
         const LayerPart part = with.half->part({});
         return !part.cores.empty() && part.caches.empty();
       });
     }},
    {"inputs of each layer beside the embedding",
     [](const ResolvedScenario& d) { return static_cast<bool>(d.model.beside.before); }},
    {"attention windows shorter than max_model_len",
     [](const ResolvedScenario& d) {
       return std::ranges::any_of(limited_reaches(d.model.layers), [&](const Reach& reach) {
         return reach.kind != Reach::Kind::top_k &&
                reach.tokens < d.scenario.engine.max_model_len.value_or(0);
       });
     }},
    {"tensor parallelism", [](const ResolvedScenario& d) { return d.parallel.tensor > 1; }},
    {"tensor parallelism over PCIe",
     [](const ResolvedScenario& d) { return d.parallel.tensor > 1 && d.hardware.nvlink_gbs <= 0; }},
    {"pipeline stages", [](const ResolvedScenario& d) { return d.parallel.pipeline > 1; }},
    {"expert parallelism", [](const ResolvedScenario& d) { return d.parallel.expert_parallel; }},
    {"data-parallel ranks in lockstep", [](const ResolvedScenario& d) { return d.parallel.data > 1; }},
    {"several nodes",
     [](const ResolvedScenario& d) {
       return d.hardware.gpus_per_node > 0 && d.parallel.gpus() > d.hardware.gpus_per_node;
     }},
    {"speculative decoding",
     [](const ResolvedScenario& d) { return d.scenario.engine.speculative.has_value(); }},
    {"images in prompts", [](const ResolvedScenario& d) { return sends_images(d.scenario); }},
    {"LoRA adapters", [](const ResolvedScenario& d) { return d.scenario.engine.lora.has_value(); }},
    {"structured output",
     [](const ResolvedScenario& d) { return d.scenario.engine.grammar_compile_ms.has_value(); }},
    {"KV blocks loaded from elsewhere",
     [](const ResolvedScenario& d) {
       return d.scenario.engine.kv_connector.has_value() || d.scenario.engine.kv_offloading_size > 0;
     }},
    {"replicas that come and go",
     [](const ResolvedScenario& d) {
       return d.scenario.autoscaling.has_value() || !d.scenario.failures.empty();
     }},
    {"8-bit weights for 16-bit units",
     [](const ResolvedScenario& d) {
       const Quantization& q = d.model.quantization;
       const bool unpacked = d.hardware.tflops_fp8 <= 0 || q.activation_bits > 8;
       const auto eight_bits = {fp8_tensor, fp8_channel, fp8_block, mxfp8};
       return unpacked && (layers_are(d, eight_bits) || experts_are(d, eight_bits));
     }},
    {"a release before 0.12", [](const ResolvedScenario& d) { return d.version.code.release.minor < 12; }},
    {"a GPU known by its data sheet", [](const ResolvedScenario& d) { return !d.hardware.calibrated; }},
    {"a sister card's kernel constants", [](const ResolvedScenario& d) { return is_sister(d.hardware); }},
    {"enforce_eager", [](const ResolvedScenario& d) { return d.scenario.engine.enforce_eager; }},
};

}  // namespace

std::string_view to_string(GpuClass gpu) {
  return gpu == GpuClass::fitted ? "fitted" : "general";
}

GpuClass gpu_class(const Hardware& hardware) {
  return evidence_of(hardware).kernels == KernelEvidence::own_tables ? GpuClass::fitted : GpuClass::general;
}

DeploymentKind deployment_kind(const ResolvedScenario& resolved) {
  DeploymentKind kind;
  for (const ResolvedScenario& pool : pools_of(resolved)) {
    const Hardware& hardware = pool.hardware;
    if (gpu_class(hardware) == GpuClass::general) kind.gpu = GpuClass::general;
    const std::string evidence = fmt::format("{}: {}", hardware.name, to_string(evidence_of(hardware)));
    if (kind.evidence.find(evidence) != std::string::npos) continue;
    kind.evidence += fmt::format("{}{}", kind.evidence.empty() ? "" : "; ", evidence);
  }
  for (const Feature& feature : kFeatures) {
    if (std::ranges::any_of(pools_of(resolved), feature.has)) kind.features.emplace_back(feature.name);
  }
  const std::vector<PoolSettings>& pools = resolved.scenario.pools;
  if (std::ranges::find(pools, "prefill", &PoolSettings::role) != pools.end()) {
    kind.features.emplace_back("prefill and decode apart");
  }
  return kind;
}

}  // namespace blis
