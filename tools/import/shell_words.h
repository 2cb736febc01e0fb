// A pasted command line as the words that a shell would make of it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"

namespace blis {

struct ShellWord {
  std::string text;
  Place place;  // of its first character
  // Why its value is not known, as a clause: of its first variable that nobody has set, $(...) or
  // <placeholder>, whose text is left as written; empty if it is known.
  std::string unset;
  bool quoted = false;
  std::optional<Problem> flaw{};  // of a command, at its first word: a pipe, `||` or a subshell
};

// One simple command: what stands between two of `;`, `&&`, `&` and ends of lines.
using ShellCommand = std::vector<ShellWord>;

// What a pipe is: a container's `... | tee log` is its author's business.
enum class Pipes : std::uint8_t { refused, cut };

// The commands of `text`, as POSIX sh splits and quotes them: '...', "...", backslashes, lines continued by
// one, comments, redirections and here-documents (which are left out). Variables that the text sets (`A=b` as
// a command, or after `export`; lists `A=(b c)` too) are put in, ${A:-b} likewise; one that branches of an
// `if` set differently is not known, nor is what a guide leaves open, as in <MODEL>. A line that begins with
// a dash continues the one before, whatever that ended with. `name` stands for the text in places;
// `environment` (NAME=VALUE each) is set before it. Throws InputError (usage): for a quote or here-document
// without an end, a typographic quote or dash.
std::vector<ShellCommand> shell_commands(std::string_view text, std::string name,
                                         Pipes pipes = Pipes::refused,
                                         std::span<const ShellWord> environment = {});
// The same of a word that is a text for a shell, as after `bash -c`: its words have all its place.
std::vector<ShellCommand> shell_commands_within(const ShellWord& text, Pipes pipes = Pipes::refused,
                                                std::span<const ShellWord> environment = {});

// `A=b`: the length of the name, or 0.
std::size_t assigned_name(std::string_view word);

// Words of a list that no shell has seen, as container files have them: ${A:-b} is b, and $(A), ${A}, <A> and
// what a template fills in ({{ .A }}) are unset.
ShellCommand plain_words(const std::vector<std::string>& texts, const Place& place);

}  // namespace blis
