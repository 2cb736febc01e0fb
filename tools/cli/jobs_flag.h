// --jobs: how many simulations run at once.
#pragma once

#include "tools/cli/commands.h"

namespace blis {

// All processors if the flag is not given. Throws InputError (usage) for what is no number of threads.
int jobs_of(const Invocation& invocation);

}  // namespace blis
