// What several kinds share.
#pragma once

#include <string>

#include "roofline/layers.h"

namespace blis {

// Bytes of reading and writing `elements` activations.
constexpr double read_and_write(double elements) {
  return 2 * kActivationBytes * elements;
}

// Gate and up, activation, down: `width` is the intermediate size on this rank, `fresh_input` Product's.
void add_gated_mlp(LayerPart& part, double hidden, double width, WeightRole role, bool fresh_input,
                   const char* prefix);

// What memory moves when `elements` activations are read and as many written, of one of which a kernel also
// reads a gate.
constexpr double read_twice_and_write(double elements) {
  return 3 * kActivationBytes * elements;
}

// The same without a gate.
void add_plain_mlp(LayerPart& part, double hidden, double width, WeightRole role, bool fresh_input,
                   const char* prefix);

// Throws InputError (usage) unless tensor parallelism divides `count` of `what`: "value heads".
void check_divided(int count, const char* what, const Parallelism& parallel, const std::string& model);
// The same of attention heads.
void check_heads(int heads, const Parallelism& parallel, const std::string& model);

}  // namespace blis
