// Gemma 3n and Gemma 4: windows in most layers, and the small ones' thrift. Their last layers read the KV
// caches of earlier ones, and every layer has an input of its own.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// Full layers have wider heads, fewer KV heads, and keys for values; experts beside the MLP of every layer.
void layers_of_gemma4(Keys& keys, ModelFacts& model);
// Several residual streams, a path of low rank beside attention, MLPs of which a part was taken (MatFormer).
void layers_of_gemma3n(Keys& keys, ModelFacts& model);

}  // namespace blis
