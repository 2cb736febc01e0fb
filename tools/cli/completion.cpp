#include "tools/cli/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/output/output_file.h"

namespace blis {
namespace {

// What `offers` means to a shell: its words, or how it finds them.
enum class Source : std::uint8_t { nothing, words, files, folders, list };
Source source_of(std::string_view offers) {
  if (offers.empty()) return Source::nothing;
  if (offers == "@file") return Source::files;
  if (offers == "@folder") return Source::folders;
  return offers[0] == '@' ? Source::list : Source::words;
}
std::string list_command_for(std::string_view offers) {
  return fmt::format("blis list {} 2>/dev/null | cut -d' ' -f1", offers.substr(1));
}

// Each spelling of an option: --name, --no-name, -x.
std::vector<std::string> spellings(const Option& option) {
  std::vector<std::string> result{fmt::format("--{}", option.name)};
  if (option.takes == Takes::yes_or_no) result.push_back(fmt::format("--no-{}", option.name));
  if (!option.alias.empty()) result.push_back(fmt::format("-{}", option.alias));
  return result;
}

std::string bash_reply(std::string_view offers) {
  switch (source_of(offers)) {
    case Source::nothing:
      return "return";
    case Source::files:
      return "COMPREPLY=($(compgen -f -- \"$word\")); return";
    case Source::folders:
      return "COMPREPLY=($(compgen -d -- \"$word\")); return";
    case Source::words:
      return fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return", offers);
    case Source::list:
      return fmt::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$word\")); return",
                         list_command_for(offers));
  }
  return {};
}

// The families of commands: words that are no command of their own.
std::vector<std::string_view> families() {
  std::vector<std::string_view> names = first_words();
  std::erase_if(names, [](std::string_view name) { return family(name).empty(); });
  return names;
}

std::string second_words(std::string_view name) {
  std::string words;
  for (const Command* const member : family(name)) {
    words.append(words.empty() ? "" : " ").append(second_word(member->name));
  }
  return words;
}

// The branch of one command, once its name is known.
std::string bash_branch(const Command& command) {
  std::string flags, values;
  for (const Option& option : options()) {
    if (!command.takes(option.group)) continue;
    for (const std::string& spelling : spellings(option)) flags += " " + spelling;
    if (option.takes != Takes::value) continue;
    values +=
        fmt::format("        {}) {} ;;\n", fmt::join(spellings(option), "|"), bash_reply(option.offers));
  }
  return fmt::format(
      "    '{}')\n      case $previous in\n{}      esac\n"
      "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return; fi\n"
      "      {} ;;\n",
      command.name, values, flags.substr(1), bash_reply(command.offers));
}

std::string bash() {
  std::string nested, branches;
  for (const std::string_view name : families()) {
    nested += fmt::format(
        "    {0})\n      if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W \"{1} --help\" -- \"$word\")); "
        "return; fi\n      name=\"{0} ${{COMP_WORDS[2]}}\" ;;\n",
        name, second_words(name));
  }
  for (const Command& command : commands()) branches += bash_branch(command);
  return fmt::format(
      "# bash completion for blis\n"
      "_blis() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} "
      "name=${{COMP_WORDS[1]}}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\")); "
      "return; fi\n"
      "  case $name in\n{}  esac\n"
      "  case $name in\n{}  esac\n"
      "}}\n"
      "complete -o filenames -F _blis blis\n",
      fmt::join(first_words(), " "), nested, branches);
}

// In single quotes within _arguments, where brackets and colons mean something too.
std::string zsh_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') result += '\\';
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result;
}

std::string zsh_action(std::string_view offers) {
  switch (source_of(offers)) {
    case Source::nothing:
      return " ";
    case Source::files:
      return "_files";
    case Source::folders:
      return "_files -/";
    case Source::words:
      return fmt::format("({})", offers);
    case Source::list:
      return fmt::format("{{compadd -- $(blis list {} 2>/dev/null | cut -d\" \" -f1)}}", offers.substr(1));
  }
  return {};
}

std::string zsh_branch(const Command& command) {
  std::string text = fmt::format("    '{}')\n      _arguments -S \\\n", command.name);
  for (const Option& option : options()) {
    if (!command.takes(option.group)) continue;
    for (const std::string& spelling : spellings(option)) {
      const std::string argument =
          option.takes == Takes::value
              ? fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option.offers))
              : "";
      text += fmt::format("        '*{}[{}]{}' \\\n", spelling, zsh_text(option.help), argument);
    }
  }
  return text + fmt::format("        '*:{}:{}' ;;\n",
                            command.arguments.empty() ? "argument" : command.arguments,
                            zsh_action(command.offers));
}

// What `_describe` shows: a word with its summary.
std::string zsh_described(std::string_view word, std::string_view summary) {
  return fmt::format("    '{}:{}'\n", word, zsh_text(summary));
}

std::string zsh() {
  std::string names, nested, branches;
  for (const std::string_view word : first_words()) {
    const auto command = std::ranges::find(commands(), word, &Command::name);
    names += zsh_described(word, command == commands().end() ? "..." : command->summary);
  }
  for (const std::string_view name : families()) {
    std::string members;
    for (const Command* const member : family(name)) {
      members += zsh_described(second_word(member->name), member->summary);
    }
    nested += fmt::format(
        "    {0})\n      local -a members=(\n{1}  )\n"
        "      if ((CURRENT == 2)); then _describe command members; return; fi\n"
        "      name=\"{0} ${{words[2]}}\"\n"
        "      words=(${{words[1]}} ${{words[3,-1]}})\n"
        "      ((CURRENT--)) ;;\n",
        name, members);
  }
  for (const Command& command : commands()) branches += zsh_branch(command);
  return fmt::format(
      "#compdef blis\n"
      "_blis() {{\n"
      "  local -a names=(\n{}  )\n"
      "  if ((CURRENT == 2)); then _describe command names; return; fi\n"
      "  local name=${{words[2]}}\n"
      "  words=(${{words[1]}} ${{words[3,-1]}})\n"
      "  ((CURRENT--))\n"
      "  case $name in\n{}  esac\n"
      "  case $name in\n{}  esac\n"
      "}}\n"
      "if [ \"$funcstack[1]\" = _blis ]; then _blis \"$@\"; else compdef _blis blis; fi\n",
      names, nested, branches);
}

std::string fish_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string fish_argument(std::string_view offers) {
  switch (source_of(offers)) {
    case Source::nothing:
      return " -x";
    case Source::files:
      return " -r -F";
    case Source::folders:
      return " -x -a '(__fish_complete_directories)'";
    case Source::words:
      return fmt::format(" -x -a '{}'", offers);
    case Source::list:
      return fmt::format(" -x -a '({})'", fish_text(list_command_for(offers)));
  }
  return {};
}

// The condition under which a command's options are offered.
std::string fish_within(const Command& command) {
  const std::string_view member = second_word(command.name);
  return fmt::format("complete -c blis -n '__fish_seen_subcommand_from {}{}'", first_word(command.name),
                     member.empty() ? "" : fmt::format("; and __fish_seen_subcommand_from {}", member));
}

std::string fish_names() {
  std::string text;
  for (const std::string_view word : first_words()) {
    const auto command = std::ranges::find(commands(), word, &Command::name);
    text +=
        fmt::format("complete -c blis -n __fish_use_subcommand -a {}{}\n", word,
                    command == commands().end() ? "" : fmt::format(" -d '{}'", fish_text(command->summary)));
  }
  for (const std::string_view name : families()) {
    for (const Command* const member : family(name)) {
      text += fmt::format(
          "complete -c blis -n '__fish_seen_subcommand_from {}; and not __fish_seen_subcommand_from {}' -a "
          "{} "
          "-d '{}'\n",
          name, second_words(name), second_word(member->name), fish_text(member->summary));
    }
  }
  return text;
}

std::string fish() {
  std::string text = "# fish completion for blis\ncomplete -c blis -f\n" + fish_names();
  for (const Command& command : commands()) {
    const std::string within = fish_within(command);
    if (source_of(command.offers) == Source::files) text += within + " -F\n";
    if (source_of(command.offers) == Source::words)
      text += fmt::format("{} -a '{}'\n", within, command.offers);
    for (const Option& option : options()) {
      if (!command.takes(option.group)) continue;
      const std::string short_name =
          option.alias.empty() ? ""
                               : fmt::format(" -{} {}", option.alias.size() == 1 ? "s" : "o", option.alias);
      const std::string argument = option.takes == Takes::value ? fish_argument(option.offers) : "";
      text += fmt::format("{} -l {}{}{} -d '{}'\n", within, option.name, short_name, argument,
                          fish_text(option.help));
      if (option.takes == Takes::yes_or_no) {
        text += fmt::format("{} -l no-{} -d 'Not: {}'\n", within, option.name, fish_text(option.help));
      }
    }
  }
  return text;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  throw InputError(ErrorKind::usage, Problem{.message = fmt::format("there is no completion for `{}`", shell),
                                             .expected = "bash, zsh or fish",
                                             .got = std::string(shell)});
}

ExitCode completion_command(const Invocation& invocation) {
  write_to_stdout(completion_script(invocation.arguments[0]));
  return ExitCode::ok;
}

}  // namespace blis
