// Plugins of llm-d's endpoint picker that are no filter, scorer or picker of sim/fleet/epp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace blis {

enum class PluginPart : std::uint8_t {
  producer,  // keeps an index of prefixes
  moot,      // changes no choice here
  absent,    // would change choices, and is not simulated
};

struct OtherPlugin {
  std::string_view type;
  PluginPart part;
};

inline constexpr std::string_view kPrefixProducer = "approx-prefix-cache-producer";
inline constexpr std::string_view kPrefixScorer = "prefix-cache-scorer";
inline constexpr std::string_view kDefaultPicker = "max-score-picker";

// Names of older files.
struct OldName {
  std::string_view old, now;
};
inline constexpr std::array kOldNames{OldName{"kv-cache-scorer", "kv-cache-utilization-scorer"},
                                      OldName{"approximate-prefix-cache-producer", kPrefixProducer}};

inline constexpr std::array kOtherPlugins{
    OtherPlugin{kPrefixProducer, PluginPart::producer},
    OtherPlugin{"inflight-load-producer", PluginPart::moot},  // what it counts is always known
    OtherPlugin{"single-profile-handler", PluginPart::moot},
    OtherPlugin{"token-producer", PluginPart::moot},  // requests know their tokens
    OtherPlugin{"tokenizer", PluginPart::moot},
    OtherPlugin{"metrics-data-source", PluginPart::moot},
    OtherPlugin{"core-metrics-extractor", PluginPart::moot},
    OtherPlugin{"openai-parser", PluginPart::moot},
    OtherPlugin{"vllmgrpc-parser", PluginPart::moot},
    OtherPlugin{"passthrough-parser", PluginPart::moot},
    OtherPlugin{"global-strict-fairness-policy", PluginPart::moot},
    OtherPlugin{"round-robin-fairness-policy", PluginPart::absent},
    OtherPlugin{"program-aware-fairness-policy", PluginPart::absent},
    OtherPlugin{"fcfs-ordering-policy", PluginPart::moot},
    OtherPlugin{"edf-ordering-policy", PluginPart::absent},
    OtherPlugin{"slo-deadline-ordering-policy", PluginPart::absent},
    OtherPlugin{"static-usage-limit-policy", PluginPart::moot},
    OtherPlugin{"priority-holdback-policy", PluginPart::absent},
    OtherPlugin{"soft-reflective-ceiling-policy", PluginPart::absent},
    OtherPlugin{"probabilistic-admitter", PluginPart::absent},
    OtherPlugin{"latency-slo-admitter", PluginPart::absent},
    OtherPlugin{"disagg-profile-handler", PluginPart::absent},
    OtherPlugin{"pd-profile-handler", PluginPart::absent},
    OtherPlugin{"data-parallel-profile-handler", PluginPart::absent},
    OtherPlugin{"always-disagg-pd-decider", PluginPart::absent},
    OtherPlugin{"prefix-based-pd-decider", PluginPart::absent},
    OtherPlugin{"disagg-headers-handler", PluginPart::absent},
    OtherPlugin{"prefill-header-handler", PluginPart::absent},
    OtherPlugin{"decode-filter", PluginPart::absent},
    OtherPlugin{"prefill-filter", PluginPart::absent},
    OtherPlugin{"encode-filter", PluginPart::absent},
    OtherPlugin{"by-label", PluginPart::absent},
    OtherPlugin{"by-label-selector", PluginPart::absent},
    OtherPlugin{"label-selector-filter", PluginPart::absent},
    OtherPlugin{"session-affinity-filter", PluginPart::absent},
    OtherPlugin{"slo-headroom-tier-filter", PluginPart::absent},
    OtherPlugin{"topology-affinity-filter", PluginPart::absent},
    OtherPlugin{"endpoint-attribute-filter", PluginPart::absent},
    OtherPlugin{"lora-affinity-scorer", PluginPart::absent},
    OtherPlugin{"precise-prefix-cache-scorer", PluginPart::absent},
    OtherPlugin{"precise-prefix-cache-producer", PluginPart::absent},
    OtherPlugin{"burst-prefix-cache-producer", PluginPart::absent},
    OtherPlugin{"predicted-latency-producer", PluginPart::absent},
    OtherPlugin{"latency-scorer", PluginPart::absent},
    OtherPlugin{"predicted-latency-scorer", PluginPart::absent},
    OtherPlugin{"context-length-aware", PluginPart::absent},
    OtherPlugin{"topology-affinity-scorer", PluginPart::absent},
    OtherPlugin{"header-label-affinity-scorer", PluginPart::absent},
    OtherPlugin{"mm-cache-affinity-scorer", PluginPart::absent},
    OtherPlugin{"endpoint-attribute-scorer", PluginPart::absent},
};

constexpr std::string_view present_name(std::string_view type) {
  for (const OldName& name : kOldNames) {
    if (name.old == type) return name.now;
  }
  return type;
}

constexpr const OtherPlugin* find_other_plugin(std::string_view type) {
  for (const OtherPlugin& plugin : kOtherPlugins) {
    if (plugin.type == type) return &plugin;
  }
  return nullptr;
}

}  // namespace blis
