// Flags as what they are short for: keys of the scenario.
#pragma once

#include <string>
#include <vector>

#include "scenarios/catalog.h"
#include "scenarios/scenario.h"
#include "tools/cli/options.h"

namespace blis {

// In the order given, so that of two that set one key the later wins; arrivals come last. Throws InputError
// (usage).
std::vector<Override> overrides_of(const Invocation& invocation);

// Each --columns that is about the table of a comparison (A,B) rather than about a log (PART=NAME,...).
std::vector<const Given*> table_columns_of(const Invocation& invocation);

// The scenario's key that the flag `name` or its alias sets: `tp` and `gpu`; any other name as it is.
std::string key_of_flag(const std::string& name);
// "did you mean `tp`?" of a name that is neither a flag's nor a key's; else empty.
std::string flag_meant_by(const std::string& name);

// Throws InputError (usage) unless each of these keys is set: `blis replay` without --model.
void require_keys(const Invocation& invocation, const std::vector<Override>& overrides,
                  std::initializer_list<std::string_view> keys);

// The data folder of --data-dir or, without it, the one that is found.
Catalog catalog_of(const Invocation& invocation);

// Whether --output-format is json rather than text. Throws InputError (usage) for any other.
bool json_wanted(const Invocation& invocation);

}  // namespace blis
