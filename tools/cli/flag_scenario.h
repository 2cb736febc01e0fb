// A scenario without a file: what flags say, and what `vllm bench serve` takes where they do not.
#pragma once

#include <vector>

#include "scenarios/scenario.h"
#include "tools/cli/options.h"

namespace blis {

// Settings of the flags and of those defaults, the flags' last. Throws InputError (usage) without a model, a
// GPU or lengths.
std::vector<Override> flag_scenario(const Invocation& invocation);

// Settings of the flags for a scenario's file; where that leaves the traffic open (`blis import`), the flags'
// traffic is completed alike. Throws InputError: io if there is no such file; usage.
std::vector<Override> overrides_for(const Invocation& invocation, const std::string& file);

}  // namespace blis
