// How a checkpoint's weights are stored: quantization_config in its several dialects.
#pragma once

#include <optional>
#include <string_view>

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"
#include "scenarios/section.h"

namespace blis {

// `config` is a quantization_config (of transformers: fp8, compressed-tensors, awq, gptq, mxfp4, modelopt)
// or an hf_quant_config (of NVIDIA's Model Optimizer) of `model`, whose layers are known; matrices that are
// stored in another way than most are told apart in its layers. A scheme that is not modelled is a finding.
Quantization read_quantization(Section config, ModelFacts& model, Findings& findings);

// What vLLM's --quantization `method` makes of a model: its weights as a checkpoint of that method usually
// has them. Nothing for a word that is not in kQuantizations.
std::optional<Quantization> usual_quantization(std::string_view method);

}  // namespace blis
