#include "tools/import/speculative_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "scenarios/choices.h"
#include "sim/letter_case.h"

namespace blis {
namespace {

// Members that say where drafts come from. What they cost to make is priced nowhere, and how good they are is
// in the acceptance.
constexpr std::array<std::string_view, 8> kOfTheDrafter{
    "model",         "draft_tensor_parallel_size", "quantization",      "revision",
    "max_model_len", "prompt_lookup_max",          "prompt_lookup_min", "tensor_parallel_size"};

// vLLM's guess where no method is given. Source: SpeculativeConfig.__post_init__ of
// vllm/config/speculative.py.
std::string guessed_method(std::string_view name) {
  const std::string model = lower_case(name);
  for (const char* const method : {"eagle3", "eagle", "ngram", "mtp"}) {
    if (model.find(method) != std::string::npos) return method;
  }
  return model.empty() ? "" : "draft_model";
}

// [[1, 16, 3], [17, 64, 1]], or {"1-16": 3, "17-64": 1}, as a list of ranges. Source:
// vllm/config/speculative.py.
void drafts_by_batch_size(const Node& table, const GivenArgument& given, Translation& into) {
  std::string list;
  for (const Node& range : table.children) {
    if (table.kind == Node::Kind::list) {
      if (range.children.size() != 3)
        return into.mistake(given, "a range of batch sizes has three numbers", "[[1, 16, 3], [17, 64, 1]]");
      list += fmt::format("{}{{from: {}, to: {}, num_speculative_tokens: {}}}", list.empty() ? "" : ", ",
                          range.children[0].text, range.children[1].text, range.children[2].text);
      continue;
    }
    const std::size_t dash = range.key.find('-');
    list += fmt::format("{}{{from: {}, to: {}, num_speculative_tokens: {}}}", list.empty() ? "" : ", ",
                        range.key.substr(0, dash),
                        dash == std::string::npos ? range.key : range.key.substr(dash + 1), range.text);
  }
  into.set("engine.speculative.num_speculative_tokens_per_batch_size", fmt::format("[{}]", list), given);
}

}  // namespace

void speculative_method(const GivenArgument& given, const std::string& method, Translation& into) {
  const std::string word = method.ends_with("_mtp") ? "mtp" : method == "[ngram]" ? "ngram" : method;
  if (std::ranges::find(kSpeculativeMethods, word) == kSpeculativeMethods.end()) {
    return into.lack(given, fmt::format("drafts by `{}`", method));
  }
  into.set("engine.speculative.method", word, given);
}

void speculative_config(const GivenArgument& given, Translation& into) {
  const std::optional<Node> config =
      json_of(given, R"('{"method": "eagle3", "model": "...", "num_speculative_tokens": 3}')", into);
  if (!config) return;
  std::string method, model;
  for (const Node& child : config->children) {
    if (child.key == "method") {
      method = child.text;
    } else if (child.key == "num_speculative_tokens") {
      into.set("engine.speculative.num_speculative_tokens", child.text, given);
    } else if (child.key == "num_speculative_tokens_per_batch_size") {
      drafts_by_batch_size(child, given, into);
    } else if (std::ranges::find(kOfTheDrafter, child.key) == kOfTheDrafter.end()) {
      into.lack(given, fmt::format("`{}` of drafts", child.key));
    } else if (child.key == "model") {
      model = child.text;
    }
  }
  if (method.empty()) method = guessed_method(model);
  if (method.empty()) {
    return into.mistake(given, "`--speculative-config` says neither method nor model",
                        "\"method\": \"ngram\"");
  }
  const std::size_t before = into.lacking.size();
  speculative_method(given, method, into);
  // Without what makes them there are no drafts.
  if (into.lacking.size() > before) {
    std::erase_if(into.settings,
                  [](const Override& setting) { return setting.key.starts_with("engine.speculative."); });
  }
  if (method == "draft_model") into.set("engine.speculative.model", model, given);
}

}  // namespace blis
