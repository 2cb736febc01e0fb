#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "scenarios/models/class_defaults.h"
#include "scenarios/models/layer_words.h"
#include "scenarios/models/parts.h"

namespace blis {
namespace {

// All but each `every`-th.
std::vector<int> all_but_each(int every, const ModelFacts& model) {
  return layers_where(model, [&](int i) { return (i + 1) % every != 0; });
}

std::optional<WindowConfig> window_of(WindowConfig::Kind kind, std::int64_t tokens, std::vector<int> which) {
  return WindowConfig{kind, tokens, static_cast<int>(which.size()), std::move(which)};
}

// Layers of `layer_types` that do not see everything; nothing if the config does not list its layers.
std::optional<std::vector<int>> listed_layers(Keys& keys, const ModelFacts& model) {
  if (!keys.given("layer_types")) return std::nullopt;
  Section& section = keys.of("layer_types");
  const std::vector<std::string> types = section.texts("layer_types");
  if (std::ssize(types) != model.layers) {
    not_one_per_layer(section, "layer_types", model.layers, types.size());
  }
  for (const std::string& type : types) {
    if (type == kFull || type == kSliding) continue;
    keys.not_modelled("layer_types", fmt::format("`layer_types` has layers of the kind `{}`", type),
                      fmt::format("{} or {}", kFull, kSliding));
    break;
  }
  return layers_where(model, [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    return at < types.size() && types[at] == kSliding;
  });
}

// "LLLG": each fourth layer sees everything.
std::optional<int> pattern_of_letters(std::string_view letters) {
  const std::size_t last = letters.size() - 1;
  if (letters.size() < 2 || letters[last] != 'G' || letters.find_first_not_of('L') != last)
    return std::nullopt;
  return static_cast<int>(letters.size());
}

// Every how many layers one sees everything.
int read_pattern(Keys& keys, const Family& family) {
  int every = family.full_every;
  for (const std::string_view key : {"sliding_window_pattern", "_sliding_window_pattern"}) {
    if (!keys.given(key)) continue;
    const std::string text = keys.text(key).value_or("");
    if (const auto letters = text.empty() ? std::nullopt : pattern_of_letters(text)) {
      every = *letters;
    } else {
      every = static_cast<int>(keys.integer({key}, {2, kLayers.high}));
    }
  }
  return every;
}

// Llama 4: layers without rotation see everything; no_rope_layers has 0 for them, or no_rope_layer_interval
// counts them. vLLM reads nothing else, layer_types neither (vllm/model_executor/models/llama4.py).
std::vector<int> chunked_layers(Keys& keys, const ModelFacts& model) {
  constexpr std::string_view kList = "no_rope_layers", kInterval = "no_rope_layer_interval";
  keys.moot("layer_types");
  const std::vector<std::int64_t> rotated = keys.integers(kList, {0, 1});
  if (rotated.empty()) {
    return all_but_each(static_cast<int>(keys.integer({kInterval}, kLayers)), model);
  }
  keys.moot(kInterval);
  if (std::ssize(rotated) != model.layers) {
    not_one_per_layer(keys.of(kList), kList, model.layers, rotated.size());
    return {};
  }
  return layers_where(model, [&](int i) { return rotated[static_cast<std::size_t>(i)] != 0; });
}

// Windows in some layers alone, where a class counts them: vLLM asserts that there is no such model.
// Source: Qwen2Model of vllm/model_executor/models/qwen2.py.
void refuse_mixed_windows(Keys& keys, std::size_t windowed, const ModelFacts& model) {
  if (windowed == 0 || std::cmp_equal(windowed, model.layers)) return;
  keys.not_modelled("max_window_layers",
                    fmt::format("windows in {} of {} layers, which vLLM refuses in a `{}`", windowed,
                                model.layers, model.model_type),
                    fmt::format("max_window_layers 0 or {}, or use_sliding_window false", model.layers));
}

// A mistral without the key: its class has a window of 4,096 tokens, which v0.1 alone was trained with. All
// later ones, which have larger vocabularies, write null, and what is written by hand leaves null out.
bool lacks_mistral_window(Keys& keys, const ModelFacts& model) {
  constexpr std::int64_t kLaterVocab = 32'768;
  const Node* const window = keys.of("sliding_window").node("sliding_window");
  return model.model_type == "mistral" && window && is_class_default(*window) && model.vocab >= kLaterVocab;
}

std::optional<WindowConfig> no_window(Keys& keys) {
  keys.moot("sliding_window");
  keys.moot("max_window_layers");
  return std::nullopt;
}

}  // namespace

void check_windows_of_release(Keys& keys, const Family& family, const VllmCode& code) {
  constexpr VllmRelease kFirst{10, 1};
  constexpr std::string_view kSince = "2025-08-10";
  const bool before = code.day.empty() ? code.release < kFirst : code.day < kSince;
  if (!before || family.windows != Windows::if_used) return;
  if (!keys.boolean("use_sliding_window").value_or(false) || !keys.given("sliding_window")) return;
  keys.not_modelled("use_sliding_window",
                    "windows of this class before vLLM 0.10.1, which read max_window_layers otherwise",
                    "vLLM 0.10.1 or later, or use_sliding_window false");
}

void say_absent_window_of_mistral(Keys& keys, ModelFacts& model) {
  if (!lacks_mistral_window(keys, model)) return;
  model.remarks.emplace_back(
      "`sliding_window` is absent; published models of this vocabulary write null, which is taken, and vLLM "
      "would take 4096");
}

std::optional<WindowConfig> read_windows(Keys& keys, const Family& family, const ModelFacts& model) {
  if (family.windows == Windows::chunked) {
    const auto chunk = keys.maybe_integer({"attention_chunk_size"}, kPositions);
    std::vector<int> which = chunked_layers(keys, model);
    if (!chunk || which.empty()) return std::nullopt;
    return window_of(WindowConfig::Kind::chunked, *chunk, std::move(which));
  }
  const std::optional<std::vector<int>> listed = listed_layers(keys, model);
  if (listed) {  // overrules what counts them
    for (const char* const key : {"sliding_window_pattern", "_sliding_window_pattern", "max_window_layers"}) {
      keys.moot(key);
    }
  }
  if (lacks_mistral_window(keys, model)) return no_window(keys);
  const bool needs_switch = family.windows == Windows::if_used || family.windows == Windows::all_if_used;
  const bool used = keys.boolean("use_sliding_window").value_or(!needs_switch);
  if (!used && !needs_switch && keys.given("sliding_window")) {
    keys.not_modelled("use_sliding_window",
                      fmt::format("a window that is switched off in a `{}`, whose class knows no switch and "
                                  "of which releases of vLLM make different things",
                                  model.model_type),
                      "sliding_window null, or no use_sliding_window");
  }
  if (!used) {
    if (listed && !listed->empty()) {
      keys.of("use_sliding_window")
          .problem("use_sliding_window",
                   {.message = "`layer_types` lists sliding_attention, and `use_sliding_window` is off",
                    .expected = "one of the two"});
    }
    if (!keys.given("sliding_window")) keys.moot("use_sliding_window");
    return no_window(keys);
  }
  std::vector<int> which;
  if (listed) {
    which = *listed;
  } else if (family.windows == Windows::every_nth_full) {
    which = all_but_each(read_pattern(keys, family), model);
  } else {
    const std::int64_t full = family.windows == Windows::if_used
                                  ? keys.maybe_integer({"max_window_layers"}, {0, kLayers.high}).value_or(0)
                                  : 0;
    which = layers_where(model, [&](int i) { return i >= full; });
  }
  if (family.windows == Windows::if_used) refuse_mixed_windows(keys, which.size(), model);
  // A class that alternates has a window of its own, which null turns off.
  Section& section = keys.of("sliding_window");
  const bool must = family.windows == Windows::every_nth_full && !which.empty();
  constexpr Range<std::int64_t> kOrNone{0, kPositions.high};
  auto tokens = must && !section.has("sliding_window")
                    ? std::optional(keys.integer({"sliding_window", "sliding_window_size"}, kPositions))
                    : keys.maybe_integer({"sliding_window", "sliding_window_size"}, kOrNone);
  if (tokens == 0) tokens.reset();  // vLLM takes it for null
  if (family.windows == Windows::all_if_used) keys.moot("max_window_layers");
  if (!tokens || which.empty()) {
    keys.moot("use_sliding_window");
    return no_window(keys);
  }
  return window_of(WindowConfig::Kind::sliding, *tokens, std::move(which));
}

}  // namespace blis
