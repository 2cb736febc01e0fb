#include "tools/score/case_scenario.h"

#include "scenarios/vllm_version.h"
#include "tools/score/load_generators.h"
#include "tools/simulate/no_workload.h"

namespace blis {
namespace {

// Between a request inside the server's process and the engine's queue.
constexpr std::string_view kInProcessApiMs = "0.3";

// A release or a date that is known; another engine, or a nightly build, goes by when it was measured.
std::optional<std::string> vllm_version(const MeasuredCase& c, const CurvePoint* point) {
  if (c.engine == "vllm" && c.version) {
    try {
      return find_vllm_version(c.version, {c.id}).name;
    } catch (const InputError&) {
      // below
    }
  }
  if (point && !point->measured_on.empty()) return point->measured_on;
  return std::nullopt;
}

// "fp8", "nvfp4": weights that were quantized on loading, where the checkpoint itself is not.
std::optional<std::string> quantization(const MeasuredCase& c, const Catalog& catalog) {
  if (!c.weights) return std::nullopt;
  const ModelConfig model = catalog.model(c.model, "", {c.id});
  if (model.quantization.format != WeightFormat::native) return std::nullopt;
  return c.weights->starts_with("fp8") ? "fp8" : *c.weights;
}

}  // namespace

ScenarioSettings case_scenario(const MeasuredCase& c, const CurvePoint* point, const Catalog& catalog,
                               std::span<const Override> defaults, std::span<const Override> more) {
  std::vector<Override> overrides(defaults.begin(), defaults.end());
  const auto set = [&](std::string key, std::string value) {
    overrides.push_back({std::move(key), std::move(value), c.id});
  };
  set("model", c.model);
  set("hardware.gpu", c.gpu);
  set("engine.tensor_parallel_size", std::to_string(c.tensor));
  set("engine.pipeline_parallel_size", std::to_string(c.pipeline));
  if (c.expert > 1) {
    set("engine.data_parallel_size", std::to_string(c.data));
    set("engine.enable_expert_parallel", "true");
  } else if (c.data > 1) {
    set("replicas", std::to_string(c.data));
  }
  for (const auto& [key, value] : c.engine_args) set(key, value);
  if (point && c.seqs_are_concurrency) set("engine.max_num_seqs", std::to_string(point->concurrency));
  if (const auto version = vllm_version(c, point)) set("engine.vllm_version", *version);
  if (c.gpu_blocks) set("engine.num_gpu_blocks_override", std::to_string(*c.gpu_blocks));
  if (const auto method = quantization(c, catalog)) set("engine.quantization", *method);
  if (find_generator(c.generator).greedy) set("workload.sampling.top_p", "1");
  if (c.in_process) {
    set("latency.host.api_ms", std::string(kInProcessApiMs));
    set("latency.host.api_per_sequence_us", "0");
  }
  overrides.insert(overrides.end(), more.begin(), more.end());
  return parse_settings(kNoWorkload, c.id, "", overrides);
}

}  // namespace blis
