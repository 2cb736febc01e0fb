// The keys of a model's config.json while it is read. Keys of the language model's own config within
// (text_config) win over the top level. What nobody has asked for in the end is for unread_keys.h to judge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/section.h"

namespace blis {

// Where a multimodal config has its language model's.
constexpr std::array<const char*, 3> kTextConfigs{"text_config", "llm_config", "language_config"};

constexpr Range<std::int64_t> kLayers{1, 10'000};
constexpr Range<std::int64_t> kHeads{1, 100'000};
constexpr Range<std::int64_t> kWidth{1, 10'000'000};
constexpr Range<std::int64_t> kExperts{0, 100'000};
constexpr Range<std::int64_t> kPositions{1, 1'000'000'000};

// What reading a model's files brings to light beside their values.
struct Findings {
  // Parts of the model that the arithmetic here does not have, each named in a sentence.
  std::vector<Problem> not_modelled;
  // Paths of keys that decide nothing in these files: what they belong to is off, another key overrules
  // them, or they never matter (unread_keys.cpp has those).
  std::vector<std::string> moot;

  void add(std::optional<Problem> part) {
    if (part) not_modelled.push_back(*std::move(part));
  }
};

// Notes at the list `key`, of so many entries, that it does not have one for each layer.
void not_one_per_layer(Section& section, std::string_view key, int layers, std::size_t entries);

class Keys {
 public:
  using Names = std::initializer_list<std::string_view>;

  Keys(Section top, Findings& findings);

  // The section that has the key; the inner one if neither does.
  Section& of(std::string_view key);
  Section& top() { return top_; }
  // The language model's own config, if it is nested.
  std::optional<Section>& inner() { return inner_; }
  bool given(std::string_view key) { return of(key).given(key); }
  // Whether it is there, null or not.
  bool has(std::string_view key) const { return (inner_ && inner_->has(key)) || top_.has(key); }

  // The value under the first of `names` that is there. Others that are there, too, must say the same.
  std::optional<std::int64_t> maybe_integer(Names names, Range<std::int64_t> range);
  // The same. Without it, `absent`; without that, the key is missing.
  std::int64_t integer(Names names, Range<std::int64_t> range, std::optional<std::int64_t> absent = {});
  // One number for all layers, or a list of one for each; such a list must say the same throughout, as
  // layers that differ are not modelled.
  std::optional<std::int64_t> uniform_integer(std::string_view key, Range<std::int64_t> range);
  // A list of integers; empty if absent or wrong.
  std::vector<std::int64_t> integers(std::string_view key, Range<std::int64_t> range);
  std::optional<bool> boolean(std::string_view key) { return of(key).maybe_boolean(key); }
  std::optional<std::string> text(std::string_view key) { return of(key).maybe_text(key); }

  void not_modelled(std::string_view key, std::string message, std::string expected = {});
  void moot(std::string_view key);  // if it is there
  Findings& findings() { return *findings_; }

 private:
  Section top_;
  std::optional<Section> inner_;
  Findings* findings_;
};

}  // namespace blis
