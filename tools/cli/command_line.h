// From argv to an Invocation.
#pragma once

#include <span>
#include <string>

#include "tools/cli/options.h"

namespace blis {

// `arguments` are those after the program's name; the first, of a family the first two, are the command.
// Throws InputError (usage) for a command, option or number of arguments that there is not, with the nearest
// that there is.
Invocation parse_command_line(std::span<const std::string> arguments);

// What `blis --help`, `blis trace --help` (of a family of commands) and `blis COMMAND --help` print, in lines
// of at most `width` columns but for examples.
constexpr std::size_t kHelpWidth = 100;
std::string general_help(std::size_t width = kHelpWidth);
std::string family_help(std::string_view name, std::size_t width = kHelpWidth);
std::string command_help(const Command& command, std::size_t width = kHelpWidth);

}  // namespace blis
