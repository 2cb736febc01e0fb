#include "scenarios/gpu_support.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <variant>

#include "scenarios/placed_error.h"
#include "sim/letter_case.h"

namespace blis {
namespace {

// Whether some of its matrices are of this format, with inputs of so many bits at most.
bool stores(const ModelConfig& m, WeightFormat format, int most_input_bits = 16) {
  const Quantization& q = m.quantization;
  const auto is_it = [&](const std::optional<Storage>& stored, bool quantized) {
    const Storage s = stored.value_or(storage_of(q, quantized));
    return s.format == format && s.activation_bits <= most_input_bits;
  };
  return std::ranges::any_of(m.layers.halves(), [&](const LayersWith& with) {
    return std::ranges::any_of(with.half->part({}).operations, [&](const Operation& operation) {
      if (const auto* const experts = std::get_if<RoutedExperts>(&operation.work)) {
        return is_it(experts->stored, q.experts);
      }
      const auto* const product = std::get_if<Product>(&operation.work);
      if (product == nullptr) return false;
      if (product->role == WeightRole::attention) return is_it(product->stored, q.attention);
      return product->role == WeightRole::dense_mlp && is_it(product->stored, q.dense_mlp);
    });
  });
}

// A need, and the compute capabilities [from, to) that meet it.
struct Requirement {
  const char* key;
  const char* what;  // "mxfp4 weights"
  double from, to;
  const char* instead;
  bool (*asked)(const ResolvedScenario& d);
};
constexpr double kAny = 1e9;
constexpr Requirement kRequirements[] = {
    // The backends of vllm/v1/attention/backends that serve decoders: FlashAttention from 8.0, FlashInfer
    // from
    // 7.5; on Volta V1 ends in an assertion of FlashAttention's (vllm#13398).
    {"hardware.gpu", "vLLM's engine V1", 7.5, kAny, "a GPU of the generation Turing or later",
     [](const ResolvedScenario&) { return true; }},
    // vllm/platforms/cuda.py check_if_supports_dtype. `auto` becomes float16 there.
    {"engine.dtype", "dtype bfloat16", 8.0, kAny, "dtype float16 or auto",
     [](const ResolvedScenario& d) { return d.scenario.engine.dtype == "bfloat16"; }},
    // Mxfp4Config.get_min_capability, and its only activations are bfloat16.
    {"model", "mxfp4 weights", 8.0, kAny, "a checkpoint in another format",
     [](const ResolvedScenario& d) { return stores(d.model, WeightFormat::mxfp4); }},
    // dispatch_scaled_mm of csrc/quantization/w8a8/cutlass/c3x: "Int8 not supported on SM100. Use FP8
    // quantization instead, or run on older arch".
    {"model", "8-bit integer weights and activations", 7.5, 10.0, "a checkpoint in 8-bit floats",
     [](const ResolvedScenario& d) { return stores(d.model, WeightFormat::int8, 8); }},
    // supports_compute_capability of the sparse backends under vllm/v1/attention/backends/mla.
    {"model", "sparse attention", 9.0, kAny, "a Hopper or Blackwell GPU",
     [](const ResolvedScenario& d) { return reads_picked(d.model.layers); }},
};

struct NeverServed {
  std::string_view prefix;  // of the name, lower case
  std::string_view why;
};
constexpr NeverServed kNeverServed[] = {
    {"v100", "vLLM's engine V1 has no attention backend for compute capability 7.0"},
    {"p100", "vLLM's engine V1 has no attention backend for compute capability 6.0"},
    {"p40", "vLLM's engine V1 has no attention backend for compute capability 6.1"},
    {"gaudi", "vLLM serves Gaudi by a plugin whose kernels, graphs and padding are not modelled"},
    {"tpu", "vLLM serves TPUs by a plugin whose kernels, compilation and padding are not modelled"},
};

}  // namespace

std::vector<Problem> gpu_refusals(const ResolvedScenario& d) {
  std::vector<Problem> problems;
  const double capability = d.hardware.compute_capability;
  if (!(capability > 0)) return problems;
  for (const Requirement& need : kRequirements) {
    if ((capability >= need.from && capability < need.to) || !need.asked(d)) continue;
    const bool too_old = capability < need.from;
    problems.push_back(
        {.place = origin_place(d.scenario.origins, need.key),
         .message = fmt::format(
             "vLLM cannot serve this on {}: a compute capability {} {:.1f} is needed for {}", d.hardware.name,
             too_old ? "of at least" : "below", too_old ? need.from : need.to, need.what),
         .expected = need.instead,
         .got = fmt::format("{:.1f}", capability)});
  }
  return problems;
}

std::string_view never_served(std::string_view gpu) {
  const std::string name = lower_case(gpu);
  const auto* const family =
      std::ranges::find_if(kNeverServed, [&](const NeverServed& f) { return name.starts_with(f.prefix); });
  return family == std::end(kNeverServed) ? std::string_view() : family->why;
}

}  // namespace blis
