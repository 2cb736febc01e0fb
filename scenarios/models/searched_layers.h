// Models that a search has made of another: each layer has its own widths, or lacks a part.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// block_configs of Nemotron-NAS: for each layer its KV heads and the width of its MLP, and which of them are
// left out. Source: vllm/model_executor/models/nemotron_nas.py.
void blocks_of_nemotron_nas(Keys& keys, ModelFacts& model);

}  // namespace blis
