#include "scenarios/epp_flow_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scenarios/epp_plugins.h"
#include "scenarios/kubernetes_values.h"
#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

constexpr Range<std::int64_t> kPriorities{-1'000'000, 1'000'000};

std::int64_t quantity(Section& section, std::string_view key, std::int64_t otherwise) {
  if (!section.given(key)) {
    section.node(key);
    return otherwise;
  }
  const auto value = kubernetes_quantity(section.text(key));
  if (!value) section.problem(key, {.message = "this is no quantity", .expected = "5000, 5k or 1Gi, say"});
  // llm-d takes 0 for what it does where nobody says.
  return value && *value > 0 ? *value : otherwise;
}

Duration duration(Section& section, std::string_view key, Duration otherwise) {
  if (!section.given(key)) {
    section.node(key);
    return otherwise;
  }
  constexpr double kMost = 1e7;
  const auto seconds = go_duration_s(section.text(key));
  if (seconds && *seconds <= kMost) return to_duration(Seconds(*seconds));
  section.problem(key, {.message = "this is no duration", .expected = "60s, 1m30s or 0s, say"});
  return otherwise;
}

class FlowControlReader {
 public:
  FlowControlReader(Section& section, bool gate, const FindFlowPlugin& find)
      : section_(section), gate_(gate), find_(find) {}

  QueueingConfig read() {
    QueueingConfig config;
    config.max_requests = quantity(section_, "maxRequests", 0);
    config.max_bytes = quantity(section_, "maxBytes", 0);
    config.ttl = duration(section_, "defaultRequestTTL", config.ttl);
    duration(section_, "noEndpointRequestTTL", config.ttl);  // there always is an endpoint here
    if (auto band = section_.section("defaultPriorityBand")) config.other_band = read_band(*band);
    if (auto band = section_.section("defaultNegativePriorityBand")) config.negative_band = read_band(*band);
    for (Section& band : section_.sections("priorityBands")) {
      PriorityBand read = read_band(band);
      const bool twice =
          std::ranges::find(config.bands, read.priority, &PriorityBand::priority) != config.bands.end();
      if (twice) {
        band.problem("priority", {.message = fmt::format("two bands have the priority {}", read.priority),
                                  .expected = "one band for each priority"});
      }
      config.bands.push_back(read);
    }
    read_limit(config);
    if (section_.boolean("enableEviction", false) && gate_) {
      section_.not_modelled("enableEviction", {.message = "evicting requests in flight is not modelled",
                                               .expected = "enableEviction: false"});
    }
    return config;
  }

 private:
  PriorityBand read_band(Section& section) {
    PriorityBand band;
    band.priority = static_cast<int>(section.integer("priority", kPriorities, 0));
    band.max_requests = quantity(section, "maxRequests", band.max_requests);
    band.max_bytes = quantity(section, "maxBytes", band.max_bytes);
    const std::string_view fairness = policy(section, "fairnessPolicyRef", kGlobalStrict, {kRoundRobin});
    const std::string_view order = policy(section, "orderingPolicyRef", kFcfs, {kEdf, kSloDeadline});
    if (fairness == kRoundRobin) band.fairness = Fairness::round_robin;
    if (order == kSloDeadline) band.order = FlowOrder::slo_deadline;
    section.finish();
    return band;
  }

  // The type of the plugin that is referred to, one of these.
  std::string_view policy(Section& section, std::string_view key, std::string_view standard,
                          std::initializer_list<std::string_view> others) {
    if (!section.given(key)) {
      section.node(key);
      return standard;
    }
    const std::string name = section.text(key);
    const std::optional<FlowPlugin> plugin = find_(name);
    const std::string_view type = plugin ? plugin->type : std::string_view(name);
    if (type == standard) return standard;  // it is there without being declared
    std::string expected(standard);
    for (const std::string_view other : others) {
      if (plugin && type == other) return other;
      expected += fmt::format(" or {}", other);
    }
    missing_or_unknown(section, key, name, plugin, expected);
    return standard;
  }

  void missing_or_unknown(Section& section, std::string_view key, const std::string& name,
                          const std::optional<FlowPlugin>& plugin, const std::string& expected) {
    if (!plugin) {
      section.problem(key, {.message = fmt::format("no plugin is called `{}`", name),
                            .expected = "the name of one under `plugins`"});
    } else if (find_other_plugin(plugin->type) == nullptr ||
               find_other_plugin(plugin->type)->part != PluginPart::chosen) {
      section.problem(
          key, {.message = fmt::format("the plugin `{}` is not for this", name), .expected = expected});
    } else if (gate_) {
      section.not_modelled(key, {.message = fmt::format("the plugin `{}` is not modelled", plugin->type),
                                 .expected = expected});
    }
  }

  void read_limit(QueueingConfig& config) {
    constexpr std::string_view kKey = "usageLimitPolicyPluginRef";
    if (!section_.given(kKey)) {
      section_.node(kKey);
      return;
    }
    const std::string name = section_.text(kKey);
    const std::optional<FlowPlugin> plugin = find_(name);
    if (plugin && plugin->limit != nullptr) {
      config.limit = *plugin->limit;
    } else if (name != kStaticLimit) {
      missing_or_unknown(section_, kKey, name, plugin, fmt::format("{} or {}", kStaticLimit, kHoldback));
    }
    if (config.limit.lowest <= 0 && config.ttl == Duration{0}) {
      section_.problem(kKey,
                       {.message = "requests of the lowest priority would wait for ever: they are never let "
                                   "through, and never expire",
                        .expected = "a minCeiling above 0, or a defaultRequestTTL"});
    }
  }

  Section& section_;
  bool gate_;
  const FindFlowPlugin& find_;
};

SaturationRule rule_of(const PluginSetting& detector) {
  const auto& values = detector.values;
  if (detector.type->type == kConcurrencyDetector) {
    return {.kind = SaturationRule::Kind::concurrency, .concurrency = values[0]};
  }
  return {.queue_depth = values[0], .kv_usage = values[1], .stale_after = to_duration(Seconds(values[3]))};
}

// llm-d reads both, and the newer place first.
std::optional<SaturationRule> read_detector(Section& around, const FindFlowPlugin& find) {
  auto section = around.section("saturationDetector");
  if (!section) return std::nullopt;
  const std::string name = section->text("pluginRef", std::string(kUtilizationDetector));
  section->finish();
  const std::optional<FlowPlugin> plugin = find(name);
  if (plugin && plugin->detector != nullptr) return rule_of(*plugin->detector);
  if (!plugin && name == kUtilizationDetector) return SaturationRule{};
  section->problem("pluginRef", {.message = fmt::format("no saturation detector is called `{}`", name),
                                 .expected = fmt::format("the name of a plugin of type {} or {}",
                                                         kUtilizationDetector, kConcurrencyDetector)});
  return std::nullopt;
}

}  // namespace

UsageLimit read_usage_limit(Section& plugin, std::string_view type) {
  UsageLimit limit;
  const bool holdback = type == kHoldback;
  auto parameters = holdback ? plugin.required_section("parameters") : plugin.section("parameters");
  if (!parameters) return limit;
  if (holdback) {
    const std::vector<std::string> shapes{"linear"}, domains{"rank", "value"};
    parameters->choice("shape", shapes, 0);
    limit.by_rank = parameters->choice("domain", domains, 0) == 0;
    limit.lowest = parameters->number("minCeiling", {.low = 0, .high = 1});
    limit.highest = parameters->number("maxCeiling", {.low = 0, .high = 1, .low_open = true}, 1.0);
    if (limit.lowest >= limit.highest) {
      parameters->problem("minCeiling", {.message = "minCeiling is not below maxCeiling",
                                         .expected = fmt::format("less than {}", limit.highest)});
    }
  } else {
    limit.highest = limit.lowest =
        parameters->number("threshold", {.low = 0, .high = 1e6, .low_open = true}, 1.0);
  }
  parameters->finish();
  return limit;
}

FlowControlConfig read_flow_control(Section& root, bool gate, const FindFlowPlugin& find) {
  FlowControlConfig config;
  std::optional<SaturationRule> detector;
  std::optional<QueueingConfig> queueing;
  if (auto section = root.section("flowControl")) {
    detector = read_detector(*section, find);
    queueing = FlowControlReader(*section, gate, find).read();
    section->finish();
  } else {
    queueing.emplace();
  }
  const std::optional<SaturationRule> older = read_detector(root, find);
  if (!detector) detector = older;
  if (!detector) {
    // The one that is there by its type, as it is declared.
    const std::optional<FlowPlugin> declared = find(std::string(kUtilizationDetector));
    if (declared && declared->detector != nullptr) detector = rule_of(*declared->detector);
  }
  if (detector) config.saturated = *detector;
  if (gate) config.queueing = std::move(queueing);
  return config;
}

}  // namespace blis
