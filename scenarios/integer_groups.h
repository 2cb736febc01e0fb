// Checkpoints whose weights are integers of 4 or 8 bits in groups with a scale each: AWQ, GPTQ and AutoRound.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/models/storage_rules.h"

namespace blis {

constexpr Range<std::int64_t> kWeightBits{1, 32};

// One quantization_config, the model whose it is, and what is found.
struct QuantizationReading {
  Section& s;
  ModelFacts& model;
  Findings& findings;

  void unmodelled(std::string_view key, std::string message, std::string expected) const {
    findings.not_modelled.push_back(
        s.placed(key, {.message = std::move(message), .expected = std::move(expected)}));
  }
  void moot(std::string_view key) const {
    if (s.node(key)) findings.moot.push_back(s.path(key));
  }
  // Modules that a list keeps in the model's own dtype; nothing if there is none.
  std::vector<StorageRule> kept(std::string_view key, NameMatch match) const {
    const std::vector<std::string> names = s.texts(key);
    if (names.empty()) return {};
    return {{NameList(names, match), Storage{}, std::string(key)}};
  }
  void store(Quantization& q, StorageRules rules) const {
    store_matrices(model, q, std::move(rules), s, findings);
  }
};

// Of a section that says how weights are stored: weights with a scale; 0: all of a channel.
int group_size(Section& s);
// Whether groups of 4-bit integers have a zero point: `key` says so, or with `symmetric` the contrary.
void read_zero_points(const QuantizationReading& r, Section& s, std::string_view key, bool symmetric,
                      Quantization& q);

Quantization read_awq(const QuantizationReading& r);
Quantization read_gptq(const QuantizationReading& r);
Quantization read_auto_round(const QuantizationReading& r);

}  // namespace blis
