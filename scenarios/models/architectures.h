// Which classes of vLLM serve a model: `architectures` of its config decides, not `model_type`.
#pragma once

#include <optional>

#include "scenarios/models/family.h"

namespace blis {

// What is wrong with the config's class, if it does not generate text or vLLM 0.`vllm_minor` has none by its
// name. A config without `architectures` is taken as its family's.
std::optional<Problem> check_architecture(Section& top, const Family& family, int vllm_minor);

}  // namespace blis
