// What people give for a scenario and is none, but something else that is known here.
#pragma once

#include <string>

namespace blis {

// Throws InputError (usage), with the command that takes it, for a deployment's file, a server's command, a
// script or a trace.
void refuse_what_is_no_scenario(const std::string& file);

}  // namespace blis
