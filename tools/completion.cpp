#include "tools/completion.h"

#include <fmt/format.h>

#include "sim/input_error.h"
#include "tools/commands.h"
#include "tools/report/output_file.h"

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

std::string bash() {
  std::string names, values, flags;
  for (const Command& command : commands()) {
    names.append(names.empty() ? "" : " ").append(command.name);
    std::string of_command;
    for (const Option& option : options()) {
      if (!command.takes(option.group)) continue;
      for (const std::string& spelling : spellings(option)) of_command += " " + spelling;
    }
    flags += fmt::format(
        "    {})\n      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return; "
        "fi\n"
        "      {} ;;\n",
        command.name, of_command.substr(1), bash_reply(command.offers));
  }
  for (const Option& option : options()) {
    if (option.takes != Takes::value) continue;
    values += fmt::format("    {}) {} ;;\n", fmt::join(spellings(option), "|"), bash_reply(option.offers));
  }
  return fmt::format(
      "# bash completion for blis\n"
      "_blis() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\")); "
      "return; fi\n"
      "  case $previous in\n{}  esac\n"
      "  case ${{COMP_WORDS[1]}} in\n{}  esac\n"
      "}}\n"
      "complete -o filenames -F _blis blis\n",
      names, values, flags);
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

std::string zsh() {
  std::string names, cases;
  for (const Command& command : commands()) {
    names += fmt::format("    '{}:{}'\n", command.name, zsh_text(command.summary));
    cases += fmt::format("    {})\n      _arguments -S \\\n", command.name);
    for (const Option& option : options()) {
      if (!command.takes(option.group)) continue;
      for (const std::string& spelling : spellings(option)) {
        const std::string argument =
            option.takes == Takes::value
                ? fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option.offers))
                : "";
        cases += fmt::format("        '*{}[{}]{}' \\\n", spelling, zsh_text(option.help), argument);
      }
    }
    cases += fmt::format("        '*:{}:{}' ;;\n", command.arguments.empty() ? "argument" : command.arguments,
                         zsh_action(command.offers));
  }
  return fmt::format(
      "#compdef blis\n"
      "_blis() {{\n"
      "  local -a names=(\n{}  )\n"
      "  if ((CURRENT == 2)); then _describe command names; return; fi\n"
      "  local name=${{words[2]}}\n"
      "  words=(${{words[1]}} ${{words[3,-1]}})\n"
      "  ((CURRENT--))\n"
      "  case $name in\n{}  esac\n"
      "}}\n"
      "if [ \"$funcstack[1]\" = _blis ]; then _blis \"$@\"; else compdef _blis blis; fi\n",
      names, cases);
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

std::string fish() {
  std::string text = "# fish completion for blis\ncomplete -c blis -f\n";
  for (const Command& command : commands()) {
    text += fmt::format("complete -c blis -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                        fish_text(command.summary));
  }
  for (const Command& command : commands()) {
    const std::string within =
        fmt::format("complete -c blis -n '__fish_seen_subcommand_from {}'", command.name);
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
