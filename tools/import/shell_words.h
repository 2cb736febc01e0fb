// A pasted command line as the words that a shell would make of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"

namespace blis {

struct ShellWord {
  std::string text;
  Place place;        // of its first character
  std::string unset;  // the first variable in it that nobody has set, or $(...); its text is left as written
  bool quoted = false;
};

// One simple command: what stands between two of `;`, `&&`, `&` and ends of lines.
using ShellCommand = std::vector<ShellWord>;

// What a pipe is: a container's `... | tee log` is its author's business.
enum class Pipes : std::uint8_t { refused, cut };

// The commands of `text`, as POSIX sh splits and quotes them: '...', "...", backslashes, lines continued by
// one, comments, redirections (which are left out). Variables that the text sets (`A=b` as a command, or
// after `export`) are put in, ${A:-b} likewise. A line that begins with a dash continues the one before,
// whatever that ended with. `name` stands for the text in places. Throws InputError (usage): for a pipe,
// `||`, a subshell, a quote without an end, a typographic quote or dash.
std::vector<ShellCommand> shell_commands(std::string_view text, std::string name,
                                         Pipes pipes = Pipes::refused);

// `A=b`: the length of the name, or 0.
std::size_t assigned_name(std::string_view word);

// Words of a list that no shell has seen, as container files have them; $(A) and ${A} in them are unset.
ShellCommand plain_words(const std::vector<std::string>& texts, const Place& place);

}  // namespace blis
