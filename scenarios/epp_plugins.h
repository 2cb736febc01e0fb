// Plugins of llm-d's endpoint picker that are no filter, scorer or picker of sim/fleet/epp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace blis {

enum class PluginPart : std::uint8_t {
  producer,  // keeps an index of prefixes
  moot,      // changes no choice here
  handler,   // puts the profiles of prefill and decode together
  decider,   // tells which prompts are computed apart
  role,      // keeps the endpoints of a role
  flow,      // tells how requests wait, where flow control refers to it
  chosen,    // would change choices where a profile or another plugin uses it, and is not simulated
  in_force,  // would change them as soon as it is declared, and is not simulated
};

struct OtherPlugin {
  std::string_view type;
  PluginPart part;
};

inline constexpr std::string_view kPrefixProducer = "approx-prefix-cache-producer";
inline constexpr std::string_view kPrefixScorer = "prefix-cache-scorer";
inline constexpr std::string_view kDefaultPicker = "max-score-picker";
inline constexpr std::string_view kAlwaysApart = "always-disagg-pd-decider";
inline constexpr std::string_view kPrefixBased = "prefix-based-pd-decider";
inline constexpr std::string_view kDecodeFilter = "decode-filter";
inline constexpr std::string_view kPrefillFilter = "prefill-filter";
inline constexpr std::string_view kUtilizationDetector = "utilization-detector";
inline constexpr std::string_view kConcurrencyDetector = "concurrency-detector";
inline constexpr std::string_view kGlobalStrict = "global-strict-fairness-policy";
inline constexpr std::string_view kRoundRobin = "round-robin-fairness-policy";
inline constexpr std::string_view kFcfs = "fcfs-ordering-policy";
inline constexpr std::string_view kEdf = "edf-ordering-policy";
inline constexpr std::string_view kSloDeadline = "slo-deadline-ordering-policy";
inline constexpr std::string_view kStaticLimit = "static-usage-limit-policy";
inline constexpr std::string_view kHoldback = "priority-holdback-policy";
inline constexpr std::string_view kRandomAdmitter = "probabilistic-admitter";

// Names of older files.
struct OldName {
  std::string_view old, now;
};
inline constexpr std::array kOldNames{OldName{"kv-cache-scorer", "kv-cache-utilization-scorer"},
                                      OldName{"approximate-prefix-cache-producer", kPrefixProducer}};

// Source: llm-d-router ebab687, cmd/epp/runner/runner.go, and the types that its packages name. The last two
// were those of gateway-api-inference-extension in 2025.
inline constexpr std::array kOtherPlugins{
    OtherPlugin{kPrefixProducer, PluginPart::producer},
    OtherPlugin{"inflight-load-producer", PluginPart::moot},  // what it counts is always known
    OtherPlugin{"single-profile-handler", PluginPart::moot},
    OtherPlugin{"token-producer", PluginPart::moot},  // requests know their tokens
    OtherPlugin{"tokenizer", PluginPart::moot},
    OtherPlugin{"session-id-producer", PluginPart::moot},  // requests know their session
    OtherPlugin{"metrics-data-source", PluginPart::moot},
    OtherPlugin{"core-metrics-extractor", PluginPart::moot},
    OtherPlugin{"models-data-source", PluginPart::moot},
    OtherPlugin{"models-data-extractor", PluginPart::moot},
    OtherPlugin{"dcgm-data-source", PluginPart::moot},
    OtherPlugin{"dcgm-extractor", PluginPart::moot},
    OtherPlugin{"topology-extractor", PluginPart::moot},
    OtherPlugin{"k8s-notification-source", PluginPart::moot},
    OtherPlugin{"endpoint-notification-source", PluginPart::moot},
    OtherPlugin{"file-discovery", PluginPart::moot},
    OtherPlugin{"local-syncer", PluginPart::moot},
    OtherPlugin{"agent-identity", PluginPart::moot},
    OtherPlugin{"request-attribute-reporter", PluginPart::moot},
    OtherPlugin{"destination-endpoint-served-verifier", PluginPart::moot},
    OtherPlugin{"openai-parser", PluginPart::moot},
    OtherPlugin{"vllmhttp-parser", PluginPart::moot},
    OtherPlugin{"vllmgrpc-parser", PluginPart::moot},
    OtherPlugin{"sglanghttp-parser", PluginPart::moot},
    OtherPlugin{"anthropic-parser", PluginPart::moot},
    OtherPlugin{"vertexai-parser", PluginPart::moot},
    OtherPlugin{"passthrough-parser", PluginPart::moot},
    OtherPlugin{kGlobalStrict, PluginPart::flow},
    OtherPlugin{kFcfs, PluginPart::flow},
    OtherPlugin{kStaticLimit, PluginPart::flow},
    OtherPlugin{kRoundRobin, PluginPart::flow},
    OtherPlugin{"program-aware-fairness", PluginPart::chosen},
    OtherPlugin{kEdf, PluginPart::flow},
    OtherPlugin{kSloDeadline, PluginPart::flow},
    OtherPlugin{kHoldback, PluginPart::flow},
    OtherPlugin{"soft-reflective-ceiling-policy", PluginPart::chosen},
    OtherPlugin{"sheddable-eviction-filter", PluginPart::chosen},
    OtherPlugin{"priority-then-time-eviction-order-policy", PluginPart::chosen},
    OtherPlugin{kRandomAdmitter, PluginPart::moot},  // asks nothing but negative priorities; epp_roles.cpp
    OtherPlugin{"latency-slo-admitter", PluginPart::chosen},
    OtherPlugin{kAlwaysApart, PluginPart::decider},
    OtherPlugin{"always-disagg-multimodal-decider", PluginPart::chosen},
    OtherPlugin{kPrefixBased, PluginPart::decider},
    OtherPlugin{kDecodeFilter, PluginPart::role},
    OtherPlugin{kPrefillFilter, PluginPart::role},
    OtherPlugin{"encode-filter", PluginPart::chosen},
    OtherPlugin{"by-label", PluginPart::chosen},
    OtherPlugin{"by-label-selector", PluginPart::chosen},
    OtherPlugin{"label-selector-filter", PluginPart::chosen},
    OtherPlugin{"utilization-filter", PluginPart::chosen},
    OtherPlugin{"session-affinity-filter", PluginPart::chosen},
    OtherPlugin{"slo-headroom-tier-filter", PluginPart::chosen},
    OtherPlugin{"topology-affinity-filter", PluginPart::chosen},
    OtherPlugin{"endpoint-attribute-filter", PluginPart::chosen},
    OtherPlugin{"lora-affinity-scorer", PluginPart::chosen},
    OtherPlugin{"precise-prefix-cache-scorer", PluginPart::chosen},
    OtherPlugin{"precise-prefix-cache-producer", PluginPart::chosen},
    OtherPlugin{"burst-prefix-cache-producer", PluginPart::chosen},
    OtherPlugin{"p2p-source-producer", PluginPart::chosen},
    OtherPlugin{"mm-embeddings-cache-producer", PluginPart::chosen},
    OtherPlugin{"predicted-latency-producer", PluginPart::chosen},
    OtherPlugin{"latency-scorer", PluginPart::chosen},
    OtherPlugin{"context-length-aware", PluginPart::chosen},
    OtherPlugin{"topology-affinity-scorer", PluginPart::chosen},
    OtherPlugin{"header-label-affinity-scorer", PluginPart::chosen},
    OtherPlugin{"mm-embeddings-cache-scorer", PluginPart::chosen},
    OtherPlugin{"endpoint-attribute-scorer", PluginPart::chosen},
    OtherPlugin{"disagg-profile-handler", PluginPart::handler},
    OtherPlugin{"disagg-headers-handler", PluginPart::moot},  // who picks tells who computes
    OtherPlugin{"prefill-header-handler", PluginPart::moot},
    OtherPlugin{"pd-profile-handler", PluginPart::in_force},
    OtherPlugin{"data-parallel-profile-handler", PluginPart::in_force},
    OtherPlugin{"header-profile-handler", PluginPart::in_force},
    OtherPlugin{"disaggregatedset-rollout-screener", PluginPart::in_force},
    OtherPlugin{"predicted-latency-scorer", PluginPart::chosen},
    OtherPlugin{"predicted-latency-profile-handler", PluginPart::in_force},
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
