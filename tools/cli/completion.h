// Completion scripts for the shells, from the option table.
#pragma once

#include <string>
#include <string_view>

namespace blis {

// `shell`: bash, zsh or fish. Throws InputError (usage) for another.
std::string completion_script(std::string_view shell);

}  // namespace blis
