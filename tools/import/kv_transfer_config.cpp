#include "tools/import/kv_transfer_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "roofline/kv_capacity.h"
#include "scenarios/choices.h"
#include "scenarios/scalar.h"

namespace blis {
namespace {

// A setting of vLLM's OffloadingConnector that has no key, and the value that it is simulated with.
struct Simulated {
  std::string_view key, value;
};
constexpr std::array kOfOffloading{
    Simulated{"spec_name", "CPUOffloadingSpec"},
    Simulated{"spec_name", "TieringOffloadingSpec"},  // the same without secondary_tiers
    Simulated{"offload_prompt_only", "true"},
};
constexpr std::array<std::string_view, 4> kNumbersOfOffloading{"block_size", "blocks_per_chunk",
                                                               "store_threshold", "max_tracker_size"};

// Whether it is a setting that a scenario has, too.
bool translate_offloading(const Node& setting, const GivenArgument& given, Translation& into) {
  const std::string key = fmt::format("engine.kv_connector_extra_config.{}", setting.key);
  const bool is_policy =
      setting.key == "eviction_policy" &&
      std::ranges::find(chunk_eviction_names(), setting.text) != chunk_eviction_names().end();
  const bool is_number = std::ranges::find(kNumbersOfOffloading, setting.key) != kNumbersOfOffloading.end() &&
                         strict_integer(setting.text).value;
  if (is_policy || is_number) into.set(key, setting.text, given);
  return is_policy || is_number;
}

// In host memory: vllm/v1/kv_offload/cpu/spec.py of 2026-08.
void offloading(const Node* extra, const GivenArgument& given, Translation& into) {
  const Node* const bytes = extra == nullptr ? nullptr : extra->find("cpu_bytes_to_use");
  const double value = bytes == nullptr ? 0 : strict_number(bytes->text).value.value_or(0);
  if (!(value > 0)) {
    return into.mistake(given, "the OffloadingConnector needs the size of its host memory",
                        R"("kv_connector_extra_config": {"cpu_bytes_to_use": 107374182400})");
  }
  into.set("engine.kv_offloading_size", fmt::format("{}", value / kGiB), given);
  for (const Node& child : extra->children) {
    const bool known = std::ranges::any_of(
        kOfOffloading, [&](const Simulated& s) { return child.key == s.key && child.text == s.value; });
    if (known || child.key == "cpu_bytes_to_use" || translate_offloading(child, given, into)) continue;
    into.lack(given, child.key == "secondary_tiers"
                         ? std::string("storage behind host memory, whose speed no command says: see "
                                       "engine.kv_connector_extra_config.secondary_tiers and links.storage")
                         : fmt::format("`{}: {}` of offloading", child.key, child.text));
  }
}

}  // namespace

void kv_transfer_config(const GivenArgument& given, Translation& into) {
  const std::optional<Node> config =
      json_of(given, R"('{"kv_connector": "OffloadingConnector", "kv_role": "kv_both", ...}')", into);
  if (!config || config->children.empty()) return;
  const Node* const connector = config->find("kv_connector");
  if (connector != nullptr && connector->text == "OffloadingConnector") {
    offloading(config->find("kv_connector_extra_config"), given, into);
    const Node* const policy = config->find("kv_load_failure_policy");
    if (policy != nullptr) into.set("engine.kv_load_failure_policy", policy->text, given);
    return;
  }
  const std::string_view name = connector == nullptr ? std::string_view() : std::string_view(connector->text);
  into.lack(given, name == "NixlConnector" ? kSharesRequests
                   : name.starts_with("LMCache")
                       ? "LMCache, whose copies to host memory hold up steps: see engine.kv_connector"
                       : "a connector other than OffloadingConnector: see engine.kv_connector");
}

}  // namespace blis
