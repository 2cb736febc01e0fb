#include "scenarios/not_modelled.h"

#include <fmt/core.h>

#include <string>

#include "scenarios/placed_error.h"

namespace blis {
namespace {

// What V1 of the release 0.8 could not do, so that vLLM fell back on V0 without being asked.
// Source: EngineArgs._is_v1_supported_oracle of vllm/engine/arg_utils.py, v0.8.5.
struct Fallback {
  const char* key;
  const char* what;
  bool (*asked)(const ResolvedScenario& d);
};
constexpr Fallback kFallbacks[] = {
    {"engine.scheduling_policy", "scheduling by priority",
     [](const ResolvedScenario& d) { return d.scenario.engine.scheduling_policy != "fcfs"; }},
    {"engine.speculative", "drafts",
     [](const ResolvedScenario& d) { return d.scenario.engine.speculative.has_value(); }},
    {"engine.dtype", "32-bit floats",
     [](const ResolvedScenario& d) { return d.scenario.engine.dtype == "float32"; }},
    {"engine.pipeline_parallel_size", "pipeline stages without Ray",
     [](const ResolvedScenario& d) { return d.scenario.engine.pipeline_parallel_size > 1; }},
    // FlashAttention 3, which reads such a cache, is Hopper's.
    {"engine.kv_cache_dtype", "an 8-bit KV cache on other GPUs than Hopper's",
     [](const ResolvedScenario& d) {
       const double capability = d.hardware.compute_capability;
       return d.scenario.engine.kv_cache_dtype.starts_with("fp8") && (capability < 9 || capability >= 10);
     }},
};

}  // namespace

std::vector<Problem> not_modelled(const ResolvedScenario& d) {
  std::vector<Problem> problems;
  const auto add = [&](std::string_view key, std::string message, std::string expected, std::string hint) {
    problems.push_back({.place = origin_place(d.scenario.origins, key),
                        .message = std::move(message),
                        .expected = std::move(expected),
                        .hint = std::move(hint)});
  };
  if (d.version.v1 == V1Engine::absent) {
    add("engine.vllm_version",
        fmt::format("vLLM {} runs the engine V0, whose scheduler is another one than V1's", d.version.name),
        "0.8 or later", {});
  } else if (d.version.v1 == V1Engine::by_default) {
    for (const Fallback& fallback : kFallbacks) {
      if (!fallback.asked(d)) continue;
      add(fallback.key, fmt::format("vLLM {} runs {} on its engine V0", d.version.name, fallback.what),
          "0.9 or later, or the default", {});
    }
  }
  for (const std::string& part : d.scenario.left_out) add("left_out", part, {}, {});
  return problems;
}

}  // namespace blis
