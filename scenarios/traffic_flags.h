// Flags that say what traffic there is: vLLM's --num-prompts, --request-rate and --burstiness, and
// --input-len,
// --output-len, --prefix-len, --turns and --duration. Which keys they set depends on the workload, which is
// known only where they are put into it; until then they have the key of a synthetic one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/scenario.h"

namespace blis {

// The override that sets `name`: one of these flags, or a key of the scenario.
Override override_named(std::string name, std::string value, std::string shown);
// And back.
std::string name_of(const Override& override);

// The keys of this document that the override means: itself, unless it is such a flag. The requests of a
// trace are its `limit`. A rate replaces a trace's own times by Poisson's, or changes that of the arrivals
// which are there; `inf` is all at once. Burstiness is that of gamma gaps. Lengths are a number,
// `mean,stddev` or `least-most`. A duration and a number of requests replace each other's of the file. Throws
// InputError (usage) for values that are none of this, and for lengths of a trace's prompts.
std::vector<Override> settled(const Override& override, const Document& document);

// What stands in the place of lengths that were refused, so that they are not missed on top of it.
std::optional<Override> stand_in(const Override& override, const Document& document);

// Where an override is applied, from 0: flags of the traffic after the workload that they change, and the
// rate last, as `inf` leaves no burstiness.
int order_of(const Override& override);

}  // namespace blis
