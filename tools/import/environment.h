// Variables of the environment that change what a server does.
#pragma once

#include <vector>

#include "tools/import/shell_words.h"
#include "tools/import/translation.h"

namespace blis {

// Words of the form NAME=VALUE; what changes latency and is not modelled is noted. Others are passed over.
void read_environment(const std::vector<ShellWord>& environment, Translation& into);

}  // namespace blis
