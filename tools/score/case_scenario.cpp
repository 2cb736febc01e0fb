#include "tools/score/case_scenario.h"

#include <fmt/format.h>

#include <algorithm>

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

// The formats that a case's word may stand for; none: a word that says nothing.
std::vector<WeightFormat> formats_of(std::string_view word) {
  using enum WeightFormat;
  if (word.starts_with("fp8")) return {fp8_tensor, fp8_channel, fp8_block};
  if (word.find("fp4") != word.npos) return {nvfp4, mxfp4};
  if (word.find("int4") != word.npos) return {int4};
  if (word.find("int8") != word.npos) return {int8};
  return {};
}

// On loading, as vLLM names it.
std::string quantization_of(WeightFormat format) {
  if (format == WeightFormat::nvfp4) return "nvfp4";
  if (format == WeightFormat::int4) return "awq";
  return format == WeightFormat::int8 ? "int8" : "fp8";
}

// The model and how it is quantized on loading. A checkpoint that is quantized already stays as it is where
// that is what the case ran; else its publishers' other checkpoint of the same name is taken.
struct Weights {
  std::string model;
  std::optional<std::string> on_loading;
};
Weights weights_of(const MeasuredCase& c, const Catalog& catalog) {
  const std::string own = c.model_path.empty() ? c.model : c.model_path;
  const std::vector<WeightFormat> ran = formats_of(c.weights.value_or(""));
  if (ran.empty()) return {own, std::nullopt};
  const auto format = [&](const std::string& name) {
    return catalog.model(name, "", {c.id}).quantization.format;
  };
  const WeightFormat stored = format(own);
  if (stored == WeightFormat::native) return {own, quantization_of(ran.front())};
  if (std::ranges::find(ran, stored) != ran.end()) return {own, std::nullopt};
  for (const char* const suffix : {"-NVFP4", "-FP4", "-FP8", "-AWQ"}) {
    try {
      if (std::ranges::find(ran, format(c.model + suffix)) != ran.end())
        return {c.model + suffix, std::nullopt};
    } catch (const InputError&) {  // there is none of this name, or it is not modelled
    }
  }
  throw InputError(ErrorKind::usage,
                   Problem{.place = {c.id},
                           .message = fmt::format("the catalog has `{}` in {} only, and {} ran", c.model,
                                                  to_string(stored), *c.weights),
                           .expected = "the config.json of the checkpoint that ran"});
}

}  // namespace

ScenarioSettings case_scenario(const MeasuredCase& c, const CurvePoint* point, const Catalog& catalog,
                               std::span<const Override> defaults, std::span<const Override> more) {
  std::vector<Override> overrides(defaults.begin(), defaults.end());
  const auto set = [&](std::string key, std::string value) {
    overrides.push_back({std::move(key), std::move(value), c.id});
  };
  const Weights weights = weights_of(c, catalog);
  set("model", weights.model);
  set("hardware.gpu", c.gpu);
  set("engine.tensor_parallel_size", std::to_string(c.tensor));
  set("engine.pipeline_parallel_size", std::to_string(c.pipeline));
  if (c.expert > 1) {
    set("engine.data_parallel_size", std::to_string(c.data));
    set("engine.enable_expert_parallel", "true");
  }
  if (const int engines = c.replicas * (c.expert > 1 ? 1 : c.data); engines > 1) {
    set("replicas", std::to_string(engines));
  }
  for (const auto& [key, value] : c.engine_args) set(key, value);
  if (point && c.seqs_are_concurrency) set("engine.max_num_seqs", std::to_string(point->concurrency));
  if (const auto version = vllm_version(c, point)) set("engine.vllm_version", *version);
  if (c.gpu_blocks) set("engine.num_gpu_blocks_override", std::to_string(*c.gpu_blocks));
  if (weights.on_loading) set("engine.quantization", *weights.on_loading);
  if (c.greedy || find_generator(c.generator).greedy) set("workload.sampling.top_p", "1");
  if (c.in_process) {
    set("latency.host.api_ms", std::string(kInProcessApiMs));
    set("latency.host.api_per_token_us", "0");
    set("latency.host.api_per_sequence_us", "0");
  }
  overrides.insert(overrides.end(), more.begin(), more.end());
  return parse_settings(kNoWorkload, c.id, "", overrides);
}

}  // namespace blis
