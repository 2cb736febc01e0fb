// Sources: llm-d-router, apix/config/v1alpha1/endpointpickerconfig_types.go (the file) and
// pkg/epp/config/loader/defaults.go (what is filled in).
#include "scenarios/epp_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "scenarios/epp_flow_control.h"
#include "scenarios/epp_plugins.h"
#include "scenarios/kubernetes_values.h"
#include "scenarios/section.h"
#include "sim/fleet/epp/plugin.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

constexpr std::array<std::string_view, 3> kVersions{
    "llm-d.ai/v1alpha1", "inference.networking.x-k8s.io/v1alpha1", "config.x-k8s.io/v1alpha1"};
constexpr Range<std::int64_t> kBlocks{0, 1'000'000'000};

std::vector<std::string> known_types() {
  std::vector<std::string> names;
  for (const PluginType& row : plugin_types()) names.emplace_back(row.type);
  for (const OtherPlugin& row : kOtherPlugins) names.emplace_back(row.type);
  for (const OldName& row : kOldNames) names.emplace_back(row.old);
  return names;
}

class EppReader {
 public:
  EppReader(Document document, std::vector<std::string>& warnings)
      : reader_(std::move(document), "EndpointPickerConfig"), warnings_(warnings) {}

  EppConfig read() {
    Section root = reader_.root();
    const std::vector<std::string> versions(kVersions.begin(), kVersions.end());
    const std::vector<std::string> kinds{"EndpointPickerConfig"};
    root.choice("apiVersion", versions);
    root.choice("kind", kinds);
    read_feature_gates(root);
    std::vector<Section> plugins = root.sections("plugins");
    for (Section& plugin : plugins) read_plugin(plugin);
    auto profiles = root.sections("schedulingProfiles");
    if (handler_) {
      read_profiles_of_roles(root, profiles);
    } else if (profiles.size() > 1) {
      profiles[1].problem("name", {.message = "nothing puts two scheduling profiles together",
                                   .expected = "one profile, or a plugin of type disagg-profile-handler"});
    } else if (profiles.empty()) {
      use_all(plugins);
    } else {
      read_profile(profiles.front(), answering_);
    }
    check_producers();
    for (const std::string_view key : {"dataLayer", "requestHandler", "parser"}) {
      root.node(key);  // they change no choice
    }
    config_.flow_control =
        read_flow_control(root, flow_control_, [this](const std::string& name) { return flow_plugin(name); });
    if (root.given("flowControl") && !flow_control_) {
      warnings_.push_back(fmt::format(
          "{}: of `flowControl` only the saturation detector is in force without its feature gate",
          reader_.file()));
    }
    root.finish();
    reader_.check();
    fill_in();
    return std::move(config_);
  }

 private:
  struct Declared {
    std::string name;
    std::string type;      // its present name
    std::size_t plugin;    // in EppConfig::plugins; kOther if it is none of them
    std::string producer;  // that it wants its matches from; empty: the default one
  };
  static constexpr std::size_t kOther = ~std::size_t{0};

  struct Filled {
    EppProfile profile;
    std::string_view role_filter;  // that keeps all endpoints it is for
    bool picked = false;
  };
  // Puts the profiles of decode and prefill together.
  struct Handler {
    Section plugin;
    std::string decode = "decode", prefill = "prefill", decider = {};
  };
  struct Decider {
    std::string name;
    Section plugin;
    bool always;
    std::int32_t prompt_tokens = 0, non_cached_tokens = 0;
  };

  void read_feature_gates(Section& root) {
    for (const std::string& gate : root.texts("featureGates")) {
      if (gate.ends_with("=false")) continue;
      const std::string name = gate.substr(0, gate.find('='));
      if (name == "flowControl") {
        flow_control_ = true;
      } else {
        warnings_.push_back(
            fmt::format("{}: the feature gate `{}` changes nothing here", reader_.file(), gate));
      }
    }
  }

  void read_plugin(Section& plugin) {
    const std::string written = plugin.text("type");
    const std::string type(present_name(written));
    const std::string name = plugin.text("name", type.empty() ? "unnamed" : written);
    if (named(name) != nullptr) {
      plugin.problem("name", {.message = fmt::format("two plugins are called `{}`", name),
                              .expected = "a `name` that no other plugin has"});
    }
    Declared declared{name, type, kOther, ""};
    if (const PluginType* row = find_plugin(type)) {
      declared.plugin = config_.plugins.size();
      config_.plugins.push_back({.type = row, .name = name});
      read_parameters(plugin, declared);
    } else if (type == kPrefixProducer) {
      read_producer(plugin, name);
    } else if (const OtherPlugin* other = find_other_plugin(type)) {
      if (other->part == PluginPart::handler) read_handler(plugin);
      if (other->part == PluginPart::decider) read_decider(plugin, name, type == kAlwaysApart);
      if (type == "inflight-load-producer") read_in_flight(plugin);
      if (type == kStaticLimit || type == kHoldback)
        limits_.emplace_back(name, read_usage_limit(plugin, type));
      if (type == kRandomAdmitter) config_.admits_at_random = true;
      plugin.node("parameters");
      if (other->part == PluginPart::in_force) refuse(plugin, "type", type);
    } else {
      plugin.node("parameters");
      if (!written.empty()) {
        plugin.problem("type", {.message = fmt::format("no plugin of llm-d is called `{}`", written),
                                .expected = "a type of llm-d's endpoint picker",
                                .hint = did_you_mean(written, known_types())});
      }
    }
    plugin.finish();
    declared_.push_back(std::move(declared));
  }

  void read_handler(Section& plugin) {
    Handler handler{plugin};
    if (auto parameters = plugin.section("parameters")) {
      if (auto profiles = parameters->section("profiles")) {
        handler.decode = profiles->text("decode", handler.decode);
        handler.prefill = profiles->text("prefill", handler.prefill);
        profiles->node("encode");
        profiles->finish();
      }
      if (auto deciders = parameters->section("deciders")) {
        if (deciders->has("prefill")) handler.decider = deciders->text("prefill");
        if (deciders->has("encode")) {
          deciders->not_modelled("encode", {.message = "encoding apart is not modelled",
                                            .expected = "deciders without `encode`"});
          deciders->node("encode");
        }
        deciders->finish();
      }
      parameters->finish();
    }
    handler_ = std::move(handler);
  }

  void read_decider(Section& plugin, const std::string& name, bool always) {
    Decider decider{name, plugin, always};
    if (auto parameters = plugin.section("parameters")) {
      if (!always) {
        constexpr Range<std::int64_t> kTokens{0, 1 << 30};
        decider.prompt_tokens = static_cast<std::int32_t>(parameters->integer("promptTokens", kTokens, 0));
        decider.non_cached_tokens =
            static_cast<std::int32_t>(parameters->integer("nonCachedTokens", kTokens, 0));
      }
      parameters->finish();
    }
    deciders_.push_back(std::move(decider));
  }

  // A handler runs the profile of decode first, and that of prefill if its decider says so.
  void read_profiles_of_roles(Section& root, std::vector<Section>& profiles) {
    std::size_t known = 0;
    for (Section& profile : profiles) {
      const std::string name = profile.text("name");
      if (name == handler_->decode || name == handler_->prefill) {
        ++known;
        read_profile(profile, name == handler_->decode ? answering_ : prefilling_);
        continue;
      }
      profile.node("plugins");
      profile.problem("name", {.message = fmt::format("no handler runs the profile `{}`", name),
                               .expected = fmt::format("{} or {}", handler_->decode, handler_->prefill)});
    }
    if (known < profiles.size()) return;
    if (known != 2) {
      root.problem("schedulingProfiles",
                   {.message = "prefill and decode need a profile each",
                    .expected = fmt::format("the profiles {} and {}", handler_->decode, handler_->prefill)});
      return;
    }
    const auto decider = std::ranges::find(deciders_, handler_->decider, &Decider::name);
    if (decider == deciders_.end()) {
      handler_->plugin.problem(
          "type", {.message = handler_->decider.empty()
                                  ? "without a decider no prompt is computed by the endpoints for prefill"
                                  : fmt::format("no decider is called `{}`", handler_->decider),
                   .expected = fmt::format("deciders: {{ prefill: {} }}, declared before", kAlwaysApart)});
    } else if (!decider->always && decider->non_cached_tokens == 0) {
      decider->plugin.problem(
          "type", {.message = "with `nonCachedTokens: 0` no prompt is computed by the endpoints for prefill",
                   .expected = "1 or more"});
    } else {
      config_.disaggregation = {.prompt_tokens = decider->prompt_tokens,
                                .non_cached_tokens = decider->non_cached_tokens};
    }
  }

  void read_in_flight(Section& plugin) {
    auto parameters = plugin.section("parameters");
    if (!parameters) return;
    if (parameters->boolean("addEstimatedOutputTokens", false)) {
      parameters->problem("addEstimatedOutputTokens",
                          {.message = "estimated output tokens are not counted", .expected = "false"});
    }
    parameters->allow_other_keys();
  }

  void read_parameters(Section& plugin, Declared& declared) {
    PluginSetting& setting = config_.plugins[declared.plugin];
    const std::vector<PolicyParameter>& rows = setting.type->parameters;
    for (std::size_t i = 0; i < rows.size(); ++i) setting.values[i] = rows[i].standard;
    auto parameters = plugin.section("parameters");
    if (!parameters) return;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const PolicyParameter& row = rows[i];
      if (!parameters->has(row.name)) {
        parameters->node(row.name);
      } else if (row.kind == PolicyParameter::Kind::boolean) {
        setting.values[i] = parameters->boolean(row.name) ? 1 : 0;
      } else if (row.kind == PolicyParameter::Kind::duration) {
        const auto seconds = go_duration_s(parameters->text(row.name));
        setting.values[i] = seconds.value_or(row.standard);
        if (!seconds || *seconds < row.low || *seconds > row.high)
          parameters->problem(row.name, {.message = "this is no duration above 0", .expected = "200ms, say"});
      } else if (row.kind == PolicyParameter::Kind::integer) {
        setting.values[i] = static_cast<double>(parameters->integer(
            row.name, {static_cast<std::int64_t>(row.low), static_cast<std::int64_t>(row.high)}));
      } else {
        setting.values[i] = parameters->number(row.name, {.low = row.low, .high = row.high});
      }
    }
    if (setting.type->needs.matches) {
      declared.producer = parameters->text("prefixMatchInfoProducerName", "");
      named_producers_.push_back({*parameters, declared.producer});
      for (const char* const unused : {"prefixPluginType", "prefixPluginName", "inFlightLoadProducerName"}) {
        parameters->node(unused);
      }
    }
    if (setting.type->type == kPrefixScorer) read_scorer_of_2025(*parameters, declared);
    if (setting.type->type == kConcurrencyDetector) read_concurrency_mode(*parameters);
    if (setting.type->filter != nullptr && parameters->has("ttftSource")) {
      const std::vector<std::string> sources{"prefillThroughput"};
      parameters->choice("ttftSource", sources);
    }
    parameters->finish();
  }

  static void read_concurrency_mode(Section& parameters) {
    const std::vector<std::string> modes{"requests", "tokens", "hybrid"};
    if (parameters.choice("concurrencyMode", modes, 0) != 0) {
      parameters.not_modelled("concurrencyMode",
                              {.message = "detecting saturation by tokens in flight is not modelled",
                               .expected = "concurrencyMode: requests"});
    }
    parameters.node("maxTokenConcurrency");  // only these other modes read it
    parameters.node("inFlightLoadProducerName");
  }

  // Until the end of 2025 the scorer kept an index of its own.
  void read_scorer_of_2025(Section& parameters, Declared& declared) {
    constexpr std::array<std::string_view, 4> kOld{"hashBlockSize", "blockSize", "maxPrefixBlocksToMatch",
                                                   "lruCapacityPerServer"};
    const bool any = std::ranges::any_of(kOld, [&](std::string_view key) { return parameters.has(key); });
    constexpr int kCharactersAToken = 4;
    PrefixProducer own{.name = declared.name, .auto_tune = false, .max_tokens = 0, .of_2025 = true};
    const std::int64_t characters =
        parameters.integer("hashBlockSize", {kCharactersAToken, 1 << 20},
                           parameters.integer("blockSize", {kCharactersAToken, 1 << 20}, 64));
    own.block_tokens = static_cast<int>(characters / kCharactersAToken);
    own.max_blocks = static_cast<int>(parameters.integer("maxPrefixBlocksToMatch", kBlocks, 256));
    own.lru_capacity =
        static_cast<int>(parameters.integer("lruCapacityPerServer", kBlocks, own.lru_capacity));
    if (!any) return;
    declared.producer = own.name;
    config_.producers.push_back(std::move(own));
  }

  void read_producer(Section& plugin, const std::string& name) {
    PrefixProducer producer{.name = name};
    if (auto parameters = plugin.section("parameters")) {
      producer.auto_tune = parameters->boolean("autoTune", producer.auto_tune);
      const std::int64_t old = parameters->integer("blockSize", kBlocks, producer.block_tokens);
      producer.block_tokens = static_cast<int>(
          parameters->integer("blockSizeTokens", {1, 1 << 20}, std::max<std::int64_t>(old, 1)));
      producer.max_tokens =
          static_cast<int>(parameters->integer("maxPrefixTokensToMatch", kBlocks, producer.max_tokens));
      producer.max_blocks =
          static_cast<int>(parameters->integer("maxPrefixBlocksToMatch", kBlocks, producer.max_blocks));
      producer.lru_capacity = static_cast<int>(
          parameters->integer("lruCapacityPerServer", {1, kBlocks.high}, producer.lru_capacity));
      parameters->finish();
    }
    config_.producers.push_back(std::move(producer));
  }

  const Declared* named(std::string_view name) const {
    const auto found = std::ranges::find(declared_, name, &Declared::name);
    return found == declared_.end() ? nullptr : &*found;
  }

  std::optional<FlowPlugin> flow_plugin(const std::string& name) const {
    const Declared* const plugin = named(name);
    if (plugin == nullptr) return std::nullopt;
    FlowPlugin found{.type = plugin->type};
    const bool detects = plugin->type == kUtilizationDetector || plugin->type == kConcurrencyDetector;
    if (detects) found.detector = &config_.plugins[plugin->plugin];
    const auto limit = std::ranges::find(limits_, name, &std::pair<std::string, UsageLimit>::first);
    if (limit != limits_.end()) found.limit = &limit->second;
    return found;
  }

  void read_profile(Section& profile, Filled& into) {
    into.profile.name = profile.text("name");
    for (Section& use : profile.sections("plugins")) {
      const std::string name = use.text("pluginRef");
      const double weight = use.number("weight", {.low = 0, .high = 1e6}, 1.0);
      const Declared* plugin = named(name);
      if (plugin == nullptr) plugin = named(present_name(name));
      if (plugin != nullptr) {
        add(*plugin, weight, &use, into);
      } else if (!name.empty()) {
        std::vector<std::string> names;
        for (const Declared& other : declared_) names.push_back(other.name);
        use.problem("pluginRef", {.message = fmt::format("no plugin is called `{}`", name),
                                  .expected = "the name of one under `plugins`",
                                  .hint = did_you_mean(name, names)});
      }
      use.finish();
    }
    profile.finish();
  }

  // Without a profile every plugin that can be in one is.
  void use_all(std::vector<Section>& plugins) {
    answering_.profile.name = "default";
    for (std::size_t i = 0; i < declared_.size(); ++i) {
      const std::string& type = declared_[i].type;
      const OtherPlugin* other = find_other_plugin(type);
      if (declared_[i].plugin != kOther) {
        add(declared_[i], 1, nullptr, answering_);
      } else if (other != nullptr && (other->part == PluginPart::chosen || type == kPrefillFilter) &&
                 (type.ends_with("-filter") || type.ends_with("-scorer"))) {
        refuse(plugins[i], "type", type);
      }
    }
  }

  // A producer that is asked for by name is declared, and is one that is simulated.
  void check_producers() {
    for (auto& [parameters, name] : named_producers_) {
      if (name.empty() || name == kPrefixProducer) continue;
      if (std::ranges::find(config_.producers, name, &PrefixProducer::name) != config_.producers.end())
        continue;
      std::vector<std::string> names;
      for (const PrefixProducer& producer : config_.producers) names.push_back(producer.name);
      const Declared* other = named(name);
      const std::string expected = fmt::format("the name of a plugin of type {}", kPrefixProducer);
      if (other != nullptr) {
        parameters.not_modelled("prefixMatchInfoProducerName",
                                {.message = not_modelled(other->type), .expected = expected});
        continue;
      }
      parameters.problem("prefixMatchInfoProducerName",
                         {.message = fmt::format("no producer of prefix matches is called `{}`", name),
                          .expected = expected,
                          .hint = did_you_mean(name, names)});
    }
  }

  static std::string not_modelled(std::string_view type) {
    return fmt::format("the plugin `{}` is not modelled", type);
  }
  static void refuse(Section& at, std::string_view key, const std::string& type) {
    at.not_modelled(key,
                    {.message = not_modelled(type),
                     .expected = "a file without it",
                     .hint = "leaving it out changes where requests go, so --allow-unmodelled does not"});
  }

  void add(const Declared& declared, double weight, Section* use, Filled& into) {
    EppProfile& profile = into.profile;
    if (declared.plugin == kOther) {
      const OtherPlugin* other = find_other_plugin(declared.type);
      const bool of_other_role =
          other != nullptr && other->part == PluginPart::role && declared.type != into.role_filter;
      if (other != nullptr && use != nullptr && (other->part == PluginPart::chosen || of_other_role)) {
        refuse(*use, "pluginRef", declared.type);
      }
      return;
    }
    const PluginType& type = *config_.plugins[declared.plugin].type;
    if (type.filter != nullptr) {
      // A saturation detector that is only declared decides about admission, not about endpoints.
      if (use != nullptr || !type.type.ends_with("-detector")) profile.filters.push_back(declared.plugin);
    } else if (type.scorer != nullptr) {
      profile.scorers.push_back({declared.plugin, weight});
    } else if (!into.picked) {
      profile.picker = declared.plugin;
      into.picked = true;
    } else if (use != nullptr) {
      use->problem("pluginRef", {.message = "a profile has one picker", .expected = "no second one"});
    }
  }

  void fill_in() {
    for (const Declared& declared : declared_) {
      const OtherPlugin* other = find_other_plugin(declared.type);
      const bool idle = other != nullptr && other->part == PluginPart::decider && !handler_;
      if (idle || (other != nullptr && other->part == PluginPart::chosen)) {
        warnings_.push_back(fmt::format("{}: {}", reader_.file(), not_modelled(declared.type)));
      }
    }
    config_.profile = picked(std::move(answering_));
    if (auto& apart = config_.disaggregation) {
      apart->prefill = picked(std::move(prefilling_));
      if (apart->non_cached_tokens > 0) producer_called("");
    }
    for (const Declared& declared : declared_) {
      if (declared.plugin == kOther || !config_.plugins[declared.plugin].type->needs.matches) continue;
      config_.plugins[declared.plugin].producer = producer_called(declared.producer);
    }
  }

  // With the first picker that is declared, or llm-d's default, where the profile has none.
  EppProfile picked(Filled filled) {
    if (filled.picked) return std::move(filled.profile);
    const auto declared = std::ranges::find_if(
        config_.plugins, [](const PluginSetting& setting) { return setting.type->picker != nullptr; });
    filled.profile.picker = static_cast<std::size_t>(declared - config_.plugins.begin());
    if (declared == config_.plugins.end()) {
      config_.plugins.push_back({.type = find_plugin(kDefaultPicker), .name = std::string(kDefaultPicker)});
    }
    return std::move(filled.profile);
  }

  // Who needs matches and names nobody gets the default producer, which is made if it is not declared.
  std::size_t producer_called(const std::string& name) {
    const std::string wanted = name.empty() ? std::string(kPrefixProducer) : name;
    const auto found = std::ranges::find(config_.producers, wanted, &PrefixProducer::name);
    const auto index = static_cast<std::size_t>(found - config_.producers.begin());
    if (found == config_.producers.end()) config_.producers.push_back({.name = wanted});
    return index;
  }

  DocumentReader reader_;
  std::vector<std::string>& warnings_;
  EppConfig config_;
  std::vector<Declared> declared_;
  std::vector<std::pair<Section, std::string>> named_producers_;  // parameters that name one
  Filled answering_{{}, kDecodeFilter}, prefilling_{{}, kPrefillFilter};
  std::optional<Handler> handler_;
  std::vector<Decider> deciders_;
  bool flow_control_ = false;                               // its gate is open
  std::vector<std::pair<std::string, UsageLimit>> limits_;  // policies, by their names
};

// Helm values hold the file as a text, under a name of its own.
const Node* find_path(const Node& root, std::initializer_list<std::string_view> keys) {
  const Node* node = &root;
  for (const std::string_view key : keys) node = node == nullptr ? nullptr : node->find(key);
  return node;
}

const Node* held_file(const Document& document) {
  const Node& root = document.root;
  const Node* files = find_path(root, {"router", "epp", "pluginsCustomConfig"});
  const Node* chosen = find_path(root, {"router", "epp", "pluginsConfigFile"});
  if (files == nullptr) {
    files = find_path(root, {"inferenceExtension", "pluginsCustomConfig"});
    chosen = find_path(root, {"inferenceExtension", "pluginsConfigFile"});
  }
  if (files == nullptr || files->children.empty()) return nullptr;
  if (chosen == nullptr) return files->children.size() == 1 ? &files->children.front() : nullptr;
  return files->find(chosen->text);
}

}  // namespace

bool is_epp_file(const Document& document) {
  const Node* const kind = document.root.find("kind");
  return kind != nullptr ? kind->text == "EndpointPickerConfig" : held_file(document) != nullptr;
}

EppConfig parse_epp(std::string_view text, std::string name, std::vector<std::string>& warnings) {
  Document document = parse_yaml(text, name);
  if (document.root.find("kind") == nullptr) {
    if (const Node* file = held_file(document)) {
      const std::string inner = fmt::format("{} in {}", file->key, name);
      return EppReader(parse_yaml(file->text, inner), warnings).read();
    }
  }
  return EppReader(std::move(document), warnings).read();
}

EppConfig read_epp_file(const std::string& path, std::vector<std::string>& warnings) {
  return parse_epp(read_file(path, "router configuration"), path, warnings);
}

// Source: pkg/epp/config/loader/defaults.go.
EppConfig default_epp() {
  constexpr std::string_view kDefault = R"(
apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
plugins:
- type: queue-scorer
- type: kv-cache-utilization-scorer
- type: prefix-cache-scorer
schedulingProfiles:
- name: default
  plugins:
  - { pluginRef: queue-scorer, weight: 2 }
  - { pluginRef: kv-cache-utilization-scorer, weight: 2 }
  - { pluginRef: prefix-cache-scorer, weight: 3 }
)";
  std::vector<std::string> none;
  return parse_epp(kDefault, "the default of llm-d", none);
}

EppConfig read_router_file(const ScenarioSettings& scenario, std::vector<std::string>& warnings) {
  if (!scenario.router.config) return default_epp();
  return read_epp_file(located(scenario, *scenario.router.config), warnings);
}

}  // namespace blis
