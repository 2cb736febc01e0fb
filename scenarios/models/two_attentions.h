// Families whose layers with a window have other heads than those that see everything.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// `hybrid_layer_pattern` says 1 for a window, whose layers have keys of their own (`swa_...`); values are
// narrower than keys (MiMo-V2).
void layers_of_mimo_v2(Keys& keys, ModelFacts& model);
// `attention_other_setting` has the heads of the layers that `layer_types` calls by its `attention_type`;
// `moe_layers_enum` lists those with experts (Step-3.5).
void layers_of_step3p5(Keys& keys, ModelFacts& model);

}  // namespace blis
