// Reads a folder of measured cases: cases.jsonl, and generators.json for what load generators did.
#pragma once

#include <string>
#include <vector>

#include "tools/score/measured_case.h"

namespace blis {

// In the file's order. Keys nobody needs are allowed, as such files carry many notes; keys that are
// needed must be there and of their type, else InputError (io) names line and key.
std::vector<MeasuredCase> read_cases(const std::string& folder);

}  // namespace blis
