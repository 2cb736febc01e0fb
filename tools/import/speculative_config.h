// Drafts, as `--speculative-config` and its short forms ask for them.
#pragma once

#include <string>

#include "tools/import/translation.h"

namespace blis {

void speculative_config(const GivenArgument& given, Translation& into);
// `method` in vLLM's words.
void speculative_method(const GivenArgument& given, const std::string& method, Translation& into);

}  // namespace blis
