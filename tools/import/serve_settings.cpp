#include "tools/import/serve_settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "scenarios/choices.h"
#include "scenarios/document.h"
#include "tools/import/environment.h"
#include "tools/import/kv_transfer_config.h"
#include "tools/import/speculative_config.h"

namespace blis {
namespace {

// The same thing under vLLM's other names.
struct Renamed {
  std::string_view from, to;
};
constexpr std::array kDtypeNames{Renamed{"half", "float16"}, Renamed{"float", "float32"}};
constexpr std::array kKvDtypeNames{Renamed{"float16", "bfloat16"}};  // as large
constexpr std::array kQuantizationNames{
    Renamed{"modelopt_fp4", "nvfp4"}, Renamed{"gpt_oss_mxfp4", "mxfp4"},
    Renamed{"fbgemm_fp8", "fp8"},     Renamed{"modelopt_mxfp4", "mxfp4"},
    Renamed{"petit_nvfp4", "nvfp4"},  Renamed{"compressed_tensors", "compressed-tensors"}};
template <std::size_t n>
std::string renamed(const std::string& value, const std::array<Renamed, n>& names) {
  const auto found = std::ranges::find(names, value, &Renamed::from);
  return found == names.end() ? value : std::string(found->to);
}

// A choice, if scenarios have it; vLLM has more, and platforms add theirs.
template <std::size_t n>
void choose(const GivenArgument& given, const std::array<Renamed, n>& names,
            std::span<const std::string_view> ours, Translation& into) {
  const std::string value = renamed(given.value, names);
  if (std::ranges::find(ours, value) == ours.end()) return into.lack(given, given.argument->about);
  into.set(std::string(given.argument->key), value, given);
}

// What the server takes where the client says nothing.
void sampling_defaults(const GivenArgument& given, Translation& into) {
  const Node config = parse_json(given.value, given.shown).root;
  for (const Node& child : config.children) {
    const bool plain = child.text == "0" || child.text == "0.0" || child.text == "1" || child.text == "1.0";
    if (child.key == "top_p" || child.key == "top_k") {
      into.set("workload.sampling." + child.key, child.text, given);
    } else if (child.key == "temperature") {
      if (child.text == "0" || child.text == "0.0") into.set("workload.sampling.top_p", "1", given);
    } else if (child.key != "max_new_tokens" && child.key != "max_tokens" && !plain) {
      into.lack(given, fmt::format("`{}`: work for each sampled token", child.key));
    }
  }
}

// Adapters' names: `name=path`, or JSON with a `name`.
void lora_modules(const GivenArgument& given, Translation& into) {
  std::string names;
  for (const std::string& word : given.values) {
    std::string name = word.substr(0, word.find('='));
    if (word.starts_with('{')) {
      const Node module = parse_json(word, given.shown).root;
      const Node* const named = module.find("name");
      name = named == nullptr ? "" : named->text;
    }
    if (name.empty()) return into.mistake(given, "`--lora-modules` names no adapter", "name=path");
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name);
  }
  into.set("engine.lora.adapters", fmt::format("[{}]", names), given);
}

// A folder on somebody's machine is known by its name, like a model of the catalog.
void model(const std::string& name, const std::string& shown, Translation& into) {
  const bool is_path = name.starts_with('/') || name.starts_with('.') || name.starts_with('~') ||
                       name.find("://") != std::string::npos;
  std::error_code error;
  if (!is_path || std::filesystem::exists(name, error)) return into.set("model", name, shown);
  std::string_view path = name;
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::string last(path.substr(path.find_last_of('/') + 1));
  into.notes.push_back(fmt::format("`{}` is not here: taken as the model `{}`", name, last));
  into.set("model", last, shown);
}

// "0.19.0" of vllm/vllm-openai:v0.19.0-x86_64; empty for latest, nightly and the like, and for images whose
// tags count releases of something else: LMCache's, Dynamo's, llm-d's.
std::string version_of(std::string_view image) {
  const std::size_t slash = image.find_last_of('/');
  const std::string_view name = image.substr(slash == std::string_view::npos ? 0 : slash + 1);
  const std::size_t colon = name.find(':');
  if (!name.starts_with("vllm") || name.starts_with("vllm-runtime") || colon == std::string_view::npos ||
      image.find("lmcache") != std::string_view::npos) {
    return {};
  }
  std::string_view tag = name.substr(colon + 1);
  if (tag.starts_with('v')) tag.remove_prefix(1);
  if (!tag.starts_with("0.")) return {};
  std::string_view digits = tag.substr(0, tag.find_first_not_of("0123456789."));
  while (digits.ends_with('.')) digits.remove_suffix(1);
  return std::string(digits);
}

// What a container's image says.
void image(const ShellWord& image, Translation& into) {
  const std::string version = version_of(image.text);
  if (!version.empty()) into.set("engine.vllm_version", version, fmt::format("image of vLLM {}", version));
  const std::string_view name = std::string_view(image.text).substr(image.text.find_last_of('/') + 1);
  for (const char* const device : {"-cpu", "-tpu", "-xpu", "-hpu", "-gaudi", "-neuron"}) {
    if (name.find(device) == std::string_view::npos) continue;
    into.lacking.push_back({.place = image.place,
                            .message = fmt::format("the image {} is not modelled", image.text),
                            .hint = "vLLM on other devices than GPUs"});
  }
}

// vLLM has no adapters without --enable-lora, whatever else is said of them.
void without_adapters(const ParsedArguments& parsed, Translation& into) {
  if (parsed.value_of("enable-lora", "false") == "true") return;
  const auto dropped = std::erase_if(
      into.settings, [](const Override& setting) { return setting.key.starts_with("engine.lora."); });
  if (dropped > 0) into.notes.emplace_back("what is said of adapters has no effect without --enable-lora");
}

// Whether ranks are endpoints, of which a node can be none then.
bool is_external(const ParsedArguments& parsed) {
  return parsed.find("data-parallel-rank") || parsed.find("data-parallel-multi-port-external-lb") ||
         parsed.value_of("data-parallel-external-lb", "false") == "true";
}

// Whether nodes are: where it is said, or a node that is not headless begins with another rank than the
// first.
bool is_hybrid(const ParsedArguments& parsed) {
  if (is_external(parsed)) return false;
  if (parsed.value_of("data-parallel-hybrid-lb", "false") == "true") return true;
  return parsed.find("data-parallel-size-local") && parsed.value_of("data-parallel-start-rank", "0") != "0" &&
         !parsed.find("headless");
}

void translate(const GivenArgument& given, Translation& into) {
  const std::string_view name = given.argument->name;
  if (name == "model") {
    model(given.value, given.shown, into);
  } else if (name == "dtype") {
    into.set("engine.dtype", renamed(given.value, kDtypeNames), given);
  } else if (name == "quantization") {
    if (given.value == "modelopt") {  // FP8 or NVFP4, as the checkpoint says
      into.notes.push_back(fmt::format("{}: taken as the checkpoint has it", given.shown));
    } else {
      choose(given, kQuantizationNames, kQuantizations, into);
    }
  } else if (name == "kv-cache-dtype") {
    choose(given, kKvDtypeNames, kKvCacheDtypes, into);
  } else if (name == "speculative-config") {
    speculative_config(given, into);
  } else if (name == "kv-transfer-config") {
    kv_transfer_config(given, into);
  } else if (name == "kv-offloading-size") {
    const bool none = given.value.find_first_not_of("0.") == std::string::npos;
    if (!none) into.set("engine.kv_offloading_size", given.value, given);
  } else if (name == "spec-method") {
    speculative_method(given, given.value, into);
  } else if (name == "data-parallel-rank" || name == "data-parallel-multi-port-external-lb") {
    into.set("engine.data_parallel_external_lb", "true", given);
  } else if (name == "data-parallel-start-rank") {
    into.set("engine.data_parallel_hybrid_lb", "true", given);
  } else if (name == "enable-lora") {
    if (given.value == "true" && !into.sets("engine.lora")) into.set("engine.lora.max_loras", "1", given);
  } else if (name == "lora-modules") {
    lora_modules(given, into);
  } else if (name == "override-generation-config") {
    sampling_defaults(given, into);
  } else if (name == "generation-config") {
    if (given.value == "vllm") into.set("workload.sampling.top_p", "1", given);
    if (given.value != "vllm" && given.value != "auto") into.lack(given, "a folder of its own");
  } else {
    into.set(std::string(given.argument->key), given.value, given);
  }
}

}  // namespace

Translation serve_settings(const PastedCommand& command) {
  Translation result;
  const Arguments table = command.shown == "dynamo.vllm" ? dynamo_arguments() : serve_arguments();
  const ShellCommand words = with_config_file(table, command.arguments);
  const ParsedArguments parsed = parse_arguments(table, words, command.shown);
  if (parsed.positionals.size() > 1) {
    const ShellWord& extra = parsed.positionals[1];
    result.mistakes.push_back(
        {.place = extra.place,
         .message = fmt::format("`{}` is one word too many for `{}`", extra.text, command.shown),
         .expected = "one model"});
  }
  const bool positional = !parsed.positionals.empty();
  if (positional) {
    const ShellWord& word = parsed.positionals[0];
    if (!word.unset.empty()) {
      result.mistakes.push_back({.place = word.place, .message = word.unset, .expected = "the model"});
    } else {
      model(word.text, fmt::format("{} {}", command.shown, word.text), result);
    }
  } else if (!parsed.find("model")) {
    result.mistakes.push_back({.place = command.place,
                               .message = fmt::format("`{}` names no model", command.shown),
                               .expected = fmt::format("{} MODEL, or --model MODEL", command.shown)});
  }
  for (const GivenArgument& given : parsed.given) {
    if (positional && given.argument->name == "model") continue;
    const std::string_view name = given.argument->name;
    const bool of_nodes = name == "data-parallel-start-rank" || name == "data-parallel-size-local" ||
                          name == "data-parallel-hybrid-lb";
    if (of_nodes && !is_hybrid(parsed)) continue;
    const bool said_twice = name == "data-parallel-start-rank" && parsed.find("data-parallel-hybrid-lb");
    if (said_twice) continue;
    // A scenario's null is what the version has; vLLM's None keeps all blocks findable.
    if (given.argument->name == "prefix-cache-retention-interval" && given.value == "None") {
      result.lack(given, "all blocks findable, whatever the version");
    } else if (!is_settled(given, result)) {
      translate(given, result);
    }
  }
  read_environment(command.environment, result);
  if (command.image) image(*command.image, result);
  without_adapters(parsed, result);
  return result;
}

}  // namespace blis
