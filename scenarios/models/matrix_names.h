// How checkpoints call the matrices that the operations of a layer multiply with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace blis {

// The matrices of one operation, which vLLM fuses: each as the names that it may have within its layer,
// "self_attn.q_proj" and the like.
using FusedMatrices = std::vector<std::vector<std::string>>;

// Of an operation, by its name in LayerPart (or kStoredBeside), in a half of this kind. Empty if no
// checkpoint is known to quantize it.
FusedMatrices matrix_names(std::string_view kind, std::string_view operation);

// What stands before the number of a layer, in one dialect or another.
const std::vector<std::string_view>& layer_stems();

}  // namespace blis
