// What turns images into embeddings before the language model: a transformer over patches, and a projector
// over what is made of several of them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace blis {

// In 16 bits, sharded by tensor parallelism like the text layers.
struct VisionEncoder {
  int layers = 0;
  double hidden = 0;
  double ffn = 0;
  bool gated = false;         // MLPs of three matrices, not two
  double patch_elements = 0;  // values that a patch is projected from
  double merged = 1;          // patches in an embedding
  struct Matrix {
    double in = 0, out = 0;
    friend bool operator==(const Matrix&, const Matrix&) = default;
  };
  std::vector<Matrix> projector{};  // once an embedding

  friend bool operator==(const VisionEncoder&, const VisionEncoder&) = default;
};

// With what it takes of memory.
struct VisionTower {
  double elements = 0;
  bool whole = false;                      // on every tensor-parallel rank
  std::optional<VisionEncoder> encoder{};  // empty: nothing is known of its time
};

}  // namespace blis
