// What the program says to people. Nothing in it, whoever wrote it, does anything to their terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"

namespace blis {

// On standard error: a line, or several.
void say(std::string_view text);
void say_problems(const InputError& error);
void say_warnings(const std::vector<std::string>& warnings);

// On standard output. Throws InputError (io) if not everything could be written.
void show(std::string_view text);

}  // namespace blis
