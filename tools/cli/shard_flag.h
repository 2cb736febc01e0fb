// --shard: which part of a comparison is this process's, said by the user or by what started it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tools/cli/options.h"
#include "tools/study/compare/shard.h"

namespace blis {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// "I/N", "auto" or "auto/N", see docs/cluster.md. `auto` multiplies what an array of jobs and the ranks
// within each of its tasks say; with N the array's index counts as it is. Throws InputError (usage), naming
// the variable at fault.
Shard parse_shard(const Given& given, const Environment& environment);

// Of this process; unset if the command line has no --shard.
std::optional<Shard> shard_of(const Invocation& invocation);

}  // namespace blis
