// Source: vLLM's history of vllm/engine/arg_utils.py and vllm/config.
#include "scenarios/arguments_since.h"

#include <fmt/core.h>

namespace blis {
namespace {

struct Since {
  std::string_view key;
  bool (*given)(const EngineSettings& engine);
  std::string_view day;  // when mainline got it
};
constexpr Since kSince[] = {
    {"engine.kv_offloading_size",  // vllm#27621
     [](const EngineSettings& e) { return e.kv_offloading_size.has_value(); }, "2025-11-01"},
    {"engine.reset_prefix_cache.reset_running_requests",  // vllm#28827
     [](const EngineSettings& e) {
       return e.reset_prefix_cache && e.reset_prefix_cache->reset_running_requests;
     },
     "2025-12-01"},
    {"engine.kv_load_failure_policy",  // vllm#26813
     [](const EngineSettings& e) { return e.kv_load_failure_policy.has_value(); }, "2025-12-10"},
    {"engine.mamba_cache_mode",  // vllm#30877
     [](const EngineSettings& e) { return e.mamba_cache_mode.has_value(); }, "2026-01-24"},
    {"engine.max_num_scheduled_tokens",  // vllm#34898
     [](const EngineSettings& e) { return e.max_num_scheduled_tokens.has_value(); }, "2026-02-22"},
    {"engine.prefix_cache_retention_interval",  // vllm#43447, as a variable of the environment first
     [](const EngineSettings& e) { return e.prefix_cache_retention_interval.has_value(); }, "2026-06-04"},
    {"engine.speculative.num_speculative_tokens_per_batch_size",  // vllm#32374
     [](const EngineSettings& e) {
       return e.speculative && !e.speculative->num_speculative_tokens_per_batch_size.empty();
     },
     "2026-06-14"},
    {"engine.prefill_schedule_interval",  // vllm#44558
     [](const EngineSettings& e) { return e.prefill_schedule_interval.has_value(); }, "2026-06-16"},
};

}  // namespace

void check_arguments_since(const ResolvedScenario& d, Complaints& complaints) {
  for (const Since& since : kSince) {
    if (!since.given(d.scenario.engine) || !is_before(d.version, since.day)) continue;
    const std::string_view name = since.key.substr(since.key.rfind('.') + 1);
    complaints.add(since.key, {.message = fmt::format("vLLM {} has no `{}`", d.version.name, name),
                               .expected = fmt::format("mainline of {} or later", since.day)});
  }
}

}  // namespace blis
