// What slots for LoRA adapters take on a GPU.
#pragma once

#include "roofline/model_config.h"

namespace blis {

// `slots` adapters of `rank` for every matrix of attention and MLPs of the stage, for its embedding and head,
// in 16 bits. vLLM sets aside two factors of each, whatever the adapters have; of fused matrices (queries,
// keys and values; gate and up) an input side each. Tensor parallelism divides the side that it divides of
// the matrix itself (fully_sharded_loras is off). Source: vllm/lora/layers.
double adapter_bytes_on_gpu(const ModelConfig& model, const Parallelism& parallel, const Stage& stage,
                            int slots, int rank);

}  // namespace blis
