// Two engines of a deployment, one of which computes prompts for the other, as two pools.
#pragma once

#include <optional>

#include "tools/import/deployment.h"

namespace blis {

// The settings of a scenario with both, if the engines are one of each role and no other: what both say is
// said once, and what one says of its engine, its GPUs or its number is said of its pool. Nothing otherwise.
std::optional<Translation> prefill_and_decode(const DeploymentFile& all);

}  // namespace blis
