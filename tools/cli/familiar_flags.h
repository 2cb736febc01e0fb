// Flags that people bring along from vLLM and its neighbours.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/options.h"

namespace blis {

// The words without arguments of `vllm serve` that change nothing here, and without their values; for
// commands that take the engine's flags. Throws InputError (not_modelled) for those that change what is
// simulated.
std::vector<std::string> without_idle_flags(const Command& command, std::span<const std::string> words);

// What somebody who wrote `--name` is looking for, as a sentence; empty if nobody knows.
std::string familiar_name(std::string_view name);

}  // namespace blis
