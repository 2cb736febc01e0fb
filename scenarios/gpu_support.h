// What vLLM cannot serve on a GPU, for want of an attention backend or of kernels for a format.
#pragma once

#include <string_view>
#include <vector>

#include "scenarios/resolved_scenario.h"

namespace blis {

// One problem for each thing that vLLM would refuse there, at the key that asks for it. None where the GPU's
// entry does not state its compute capability (AMD's, and a user's own).
std::vector<Problem> gpu_refusals(const ResolvedScenario& d);

// Why no entry of the catalog can stand for this GPU; empty for all but a few families that people ask for.
std::string_view never_served(std::string_view gpu);

}  // namespace blis
