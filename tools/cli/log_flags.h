// --columns and --where: how a log is read, as keys of the scenario.
#pragma once

#include <vector>

#include "scenarios/scenario.h"
#include "tools/cli/options.h"

namespace blis {

// `--columns arrival=start_time,input=prompt_tokens`: a key a part. Throws InputError (usage).
std::vector<Override> columns_overrides(const Given& given);

// All `--where`s together are one list; nothing without one.
std::vector<Override> where_overrides(const Invocation& invocation);

}  // namespace blis
