// The dotted keys that a scenario can have: for completion and lists.
#pragma once

#include <string>
#include <vector>

namespace blis {

// Of values, in the order of the lists of keys, each once: of a synthetic workload and of a trace, of what is
// left out by default, too. Keys of lists of sections (pools, clients) and of variants that no key chose are
// not among them.
std::vector<std::string> scenario_keys();

}  // namespace blis
