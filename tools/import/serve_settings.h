// `vllm serve` as settings of a scenario.
#pragma once

#include "tools/import/pasted_command.h"
#include "tools/import/translation.h"

namespace blis {

// Throws InputError: usage for words that vLLM's parser would not take; io for a --config that is not there.
Translation serve_settings(const PastedCommand& command);

}  // namespace blis
