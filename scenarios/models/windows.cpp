#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scenarios/models/parts.h"

namespace blis {
namespace {

constexpr std::array<std::string_view, 3> kKnownLayers{"full_attention", "sliding_attention",
                                                       "chunked_attention"};

// All but each `every`-th.
std::vector<int> all_but_each(int every, const ModelFacts& model) {
  return layers_where(model, [&](int i) { return (i + 1) % every != 0; });
}

std::optional<WindowConfig> window_of(WindowConfig::Kind kind, std::int64_t tokens, std::vector<int> which) {
  return WindowConfig{kind, tokens, static_cast<int>(which.size()), std::move(which)};
}

// Layers of `layer_types` that do not see everything; nothing if the config does not list its layers.
std::optional<std::vector<int>> listed_layers(Keys& keys, const Family& family, const ModelFacts& model) {
  if (!keys.given("layer_types")) return std::nullopt;
  Section& section = keys.of("layer_types");
  const std::vector<std::string> types = section.texts("layer_types");
  if (std::ssize(types) != model.layers) {
    not_one_per_layer(section, "layer_types", model.layers, types.size());
  }
  const std::string_view shorter =
      family.windows == Windows::chunked ? "chunked_attention" : "sliding_attention";
  for (const std::string& type : types) {
    const bool known = std::ranges::find(kKnownLayers, type) != kKnownLayers.end();
    if (known && (type == kKnownLayers[0] || type == shorter)) continue;
    keys.not_modelled("layer_types", fmt::format("`layer_types` has layers of the kind `{}`", type),
                      fmt::format("full_attention or {}", shorter));
    break;
  }
  return layers_where(model, [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    return at < types.size() && types[at] == shorter;
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

// Llama 4: layers without rotation see everything; where they are listed, each fourth must be one.
void check_no_rope_layers(Keys& keys, const Family& family) {
  const Node* const rotated = keys.of("no_rope_layers").node("no_rope_layers");
  if (!rotated) return;
  for (std::size_t i = 0; i < rotated->children.size(); ++i) {
    const bool full = (i + 1) % static_cast<std::size_t>(family.full_every) == 0;
    if (rotated->children[i].text == (full ? "0" : "1")) continue;
    keys.not_modelled("no_rope_layers", "`no_rope_layers` is not each fourth layer", "1, 1, 1, 0, ...");
    return;
  }
}

std::optional<WindowConfig> no_window(Keys& keys) {
  keys.moot("sliding_window");
  keys.moot("max_window_layers");
  return std::nullopt;
}

}  // namespace

std::optional<WindowConfig> read_windows(Keys& keys, const Family& family, const ModelFacts& model) {
  const std::optional<std::vector<int>> listed = listed_layers(keys, family, model);
  if (listed) {  // overrules what counts them
    for (const char* const key : {"sliding_window_pattern", "_sliding_window_pattern", "max_window_layers"}) {
      keys.moot(key);
    }
  }
  if (family.windows == Windows::chunked) {
    check_no_rope_layers(keys, family);
    const auto chunk = keys.maybe_integer({"attention_chunk_size"}, kPositions);
    std::vector<int> which = listed ? *listed : all_but_each(family.full_every, model);
    if (!chunk || which.empty()) return std::nullopt;
    return window_of(WindowConfig::Kind::chunked, *chunk, std::move(which));
  }

  const bool used = keys.boolean("use_sliding_window").value_or(family.windows != Windows::if_used);
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
  // A class that alternates has a window of its own, which null turns off.
  Section& section = keys.of("sliding_window");
  const bool must = family.windows == Windows::every_nth_full && !which.empty();
  const auto tokens = must && !section.has("sliding_window")
                          ? std::optional(keys.integer({"sliding_window", "sliding_window_size"}, kPositions))
                          : keys.maybe_integer({"sliding_window", "sliding_window_size"}, kPositions);
  if (!tokens || which.empty()) {
    keys.moot("use_sliding_window");
    return no_window(keys);
  }
  return window_of(WindowConfig::Kind::sliding, *tokens, std::move(which));
}

}  // namespace blis
