// Random scenarios that make a scheduler work: too few blocks, shared prefixes, ties, resumes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/conform/vectors.h"

namespace blis::oracle {

// The kinds of scenarios there are. The first ones follow the profiles of ref_sched.py.
std::vector<std::string_view> profiles();

// The scenario of a seed; the same on every machine. `profile` is one of profiles().
conform::VectorScenario generate(std::string_view profile, std::uint64_t seed);

}  // namespace blis::oracle
