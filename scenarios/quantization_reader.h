// How a checkpoint's weights are stored: quantization_config in its several dialects.
#pragma once

#include <optional>
#include <string_view>

#include "roofline/model_config.h"
#include "scenarios/section.h"

namespace blis {

// `config` is a quantization_config (of transformers: fp8, compressed-tensors, awq, gptq, mxfp4, modelopt)
// or an hf_quant_config (of NVIDIA's Model Optimizer). A scheme that is not known is a problem.
Quantization read_quantization(Section config);

// What vLLM's --quantization `method` makes of a model: its weights as a checkpoint of that method usually
// has them. Nothing for a word that is not in kQuantizations.
std::optional<Quantization> usual_quantization(std::string_view method);

}  // namespace blis
