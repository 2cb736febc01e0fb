// The program as a function: parses, calls the command, and is the only place that turns errors into exit
// statuses.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/exit_code.h"

namespace blis {

// `arguments` are those after the program's name. Throws nothing; what is wrong is said on standard error.
ExitCode run_program(const std::vector<std::string>& arguments);

}  // namespace blis
