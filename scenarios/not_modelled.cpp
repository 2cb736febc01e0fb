#include "scenarios/not_modelled.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "blis/error.hpp"
#include "scenarios/gaps.h"
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

// The releases before V1, and what the first one with it runs on V0: all as if they were V1's.
void find_v0(const ResolvedScenario& d, std::vector<Problem>& problems) {
  const auto add = [&](std::string_view key, std::string message, std::string expected) {
    problems.push_back({.place = origin_place(d.scenario.origins, key),
                        .message = std::move(message),
                        .expected = std::move(expected)});
  };
  if (d.version.v1 == V1Engine::absent) {
    add("engine.vllm_version",
        fmt::format("vLLM {} runs the engine V0, whose scheduler is another one than V1's", d.version.name),
        "0.8 or later");
  } else if (d.version.v1 == V1Engine::by_default) {
    for (const Fallback& fallback : kFallbacks) {
      if (!fallback.asked(d)) continue;
      add(fallback.key, fmt::format("vLLM {} runs {} on its engine V0", d.version.name, fallback.what),
          "0.9 or later, or the default");
    }
  }
}

std::string_view key_of(const Gap& gap, const ResolvedScenario& d) {
  if (gap.key != kStoreKey) return gap.key;
  return d.scenario.engine.kv_offloading_size ? "engine.kv_offloading_size" : "engine.kv_connector";
}

}  // namespace

void take_not_modelled(ResolvedScenario& d) {
  const bool allowed = d.scenario.allow_unmodelled.value_or(false);
  d.not_modelled = d.model_as_is.not_modelled;
  std::vector<Problem> problems;
  find_v0(d, problems);
  for (const Gap& gap : gaps()) {
    std::string what = gap.found(d);
    if (what.empty()) continue;
    problems.push_back({.place = origin_place(d.scenario.origins, key_of(gap, d)),
                        .message = std::move(what),
                        .expected = std::string(gap.instead)});
    if (allowed && gap.leave_out != nullptr) gap.leave_out(d);
  }
  for (const std::string& part : d.scenario.left_out)
    problems.push_back({.place = origin_place(d.scenario.origins, "left_out"), .message = part});
  if (!problems.empty() && !allowed) {
    problems.back().hint = kAllowUnmodelled;
    throw InputError(ErrorKind::not_modelled, std::move(problems));
  }
  for (Problem& problem : problems) d.not_modelled.push_back(std::move(problem.message));
}

void warn_of_what_is_left_out(ResolvedScenario& d) {
  if (d.not_modelled.empty()) return;
  const bool of_model = d.not_modelled.size() == d.model_as_is.not_modelled.size();
  d.warnings.insert(
      d.warnings.begin(),
      fmt::format("UNSCORED: what follows leaves out parts of {} and claims no accuracy. Not modelled: {}",
                  of_model ? fmt::format("`{}`", d.model_as_is.name) : "what was asked for",
                  fmt::join(d.not_modelled, "; ")));
}

}  // namespace blis
