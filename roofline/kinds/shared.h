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

// Throws InputError (usage) unless tensor parallelism divides the heads.
void check_heads(int heads, const Parallelism& parallel, const std::string& model);

}  // namespace blis
