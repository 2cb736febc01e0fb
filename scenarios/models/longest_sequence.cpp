#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/models/class_defaults.h"
#include "scenarios/models/parts.h"

namespace blis {
namespace {

// Types of rotary scaling by what they do to the number of positions that the config states.
constexpr std::array<std::string_view, 4> kStretchedAlready{"", "default", "mrope", "llama3"};
constexpr std::array<std::string_view, 2> kLongRope{"longrope", "su"};  // and its older name
constexpr std::array<std::string_view, 2> kStretching{"linear", "dynamic"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<Section> scaling_section(Keys& keys) {
  const std::string_view key = keys.given("rope_scaling") ? "rope_scaling" : "rope_parameters";
  auto scaling = keys.of(key).section(key);
  // transformers 5 has one section for each kind of layers.
  if (scaling && scaling->given("full_attention")) {
    scaling->section("sliding_attention");
    return scaling->section("full_attention");
  }
  return scaling;
}

// vLLM's own, of a config that states none.
constexpr std::int64_t kUnstated = 2048;

// The smallest number of positions that the config states.
SequenceLimit stated_positions(Keys& keys, const Family& family) {
  SequenceLimit stated;
  std::string_view smallest;
  for (const std::string_view name :
       {"max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "max_target_positions",
        "max_sequence_length", "max_seq_length", "seq_len"}) {
    const auto positions = keys.maybe_integer({name}, kPositions);
    if (!positions) continue;
    if (stated.longest > 0) keys.moot(*positions < stated.longest ? smallest : name);
    if (stated.longest == 0 || *positions < stated.longest) stated.longest = *positions, smallest = name;
  }
  stated.from = smallest;
  if (!smallest.empty() && is_class_default(*keys.of(smallest).node(smallest)))
    stated.from += " of its class";
  // vLLM lets this key overrule all others, whatever it says (vllm#3676).
  if (const auto said = keys.maybe_integer({"model_max_length"}, kPositions)) {
    if (stated.longest > 0) keys.moot(smallest);
    return {.longest = *said, .from = "model_max_length"};
  }
  if (stated.longest > 0) return stated;
  if (!is_known_class(family.model_type) && !family.guessed)
    keys.integer({"max_position_embeddings"}, kPositions);
  return {.longest = 0, .unasked = kUnstated, .from = "vLLM's default, as the config states none"};
}

}  // namespace

SequenceLimit read_longest_sequence(Keys& keys, const Family& family) {
  SequenceLimit limit = stated_positions(keys, family);
  auto scaling = scaling_section(keys);
  if (!scaling || !family.stretches) {
    keys.moot("original_max_position_embeddings");
    return limit;
  }
  if (limit.longest == 0) limit.longest = limit.unasked;  // what is stretched is vLLM's default
  limit.unasked = 0;
  const std::string_view type_key = scaling->given("rope_type") ? "rope_type" : "type";
  const std::string type = scaling->maybe_text(type_key).value_or("");
  const auto original = [&]() -> std::optional<std::int64_t> {
    constexpr std::string_view kKey = "original_max_position_embeddings";
    const auto within = scaling->maybe_integer(kKey, kPositions);
    const auto beside = keys.maybe_integer({kKey}, kPositions);
    if (within && beside && *within != *beside) {
      scaling->problem(kKey, {.message = fmt::format("`{}` and `{}` contradict each other",
                                                     scaling->path(kKey), keys.of(kKey).path(kKey)),
                              .expected = fmt::format("{} in both, or one of them", *beside)});
    }
    return within ? within : beside;
  };
  if (is_one_of(kLongRope, type)) {
    if (const auto before = original()) {
      limit.unasked = *before;
      limit.from =
          fmt::format("longrope: original_max_position_embeddings; up to {} if asked for", limit.from);
    }
    return limit;
  }
  if (is_one_of(kStretchedAlready, type)) {
    keys.moot("original_max_position_embeddings");
    return limit;
  }
  if (type == "yarn") {
    if (const auto before = original()) {
      limit.longest = *before;
      limit.from = "original_max_position_embeddings";
      keys.moot("max_position_embeddings");
    }
  } else if (!is_one_of(kStretching, type)) {
    const std::string key = keys.given("rope_scaling") ? "rope_scaling" : "rope_parameters";
    keys.not_modelled(key, fmt::format("rotary scaling of the type `{}`", type),
                      "linear, dynamic, yarn, longrope, llama3 or mrope");
    return limit;
  }
  const double factor = scaling->maybe_number("factor", kPositive).value_or(1);
  const double positions = static_cast<double>(limit.longest) * factor;
  limit.longest = static_cast<std::int64_t>(std::min(positions, static_cast<double>(kPositions.high)));
  limit.from = fmt::format("{} x factor {:g} of {} scaling", limit.from, factor, type);
  return limit;
}

}  // namespace blis
