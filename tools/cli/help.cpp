// --help, from the option table.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "tools/cli/command_line.h"

namespace blis {
namespace {

// Breaks `text` into lines of at most `width`, all but the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string result;
  std::size_t column = indent;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > width) {
      result.append("\n").append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

std::string spelling(const Option& option) {
  std::string text = option.alias.empty() ? "    " : fmt::format("-{}, ", option.alias);
  if (text.size() < 5) text.insert(0, 5 - text.size(), ' ');
  text += option.takes == Takes::yes_or_no ? fmt::format("--[no-]{}", option.name)
                                           : fmt::format("--{}", option.name);
  if (option.takes == Takes::value) text += fmt::format(" {}", option.value);
  return text;
}

// The words that an option takes, where the table knows them and the sentence does not say them.
std::string choices_of(const Option& option) {
  if (option.offers.empty() || option.offers[0] == '@') {
    const bool is_list = option.offers.size() > 1 && option.offers != "@file" && option.offers != "@folder";
    return is_list ? fmt::format("; see `blis list {}`", option.offers.substr(1)) : "";
  }
  const std::string first(option.offers.substr(0, option.offers.find(' ')));
  if (option.help.find(first) != std::string_view::npos) return {};
  std::string words(option.offers);
  for (std::size_t at = words.find(' '); at != std::string::npos; at = words.find(' ', at + 2))
    words.replace(at, 1, ", ");
  return ": " + words;
}

void append_options(std::string& text, const Command& command, std::size_t width) {
  // Beside the spelling where there is room, else below it.
  constexpr std::size_t kWide = 84;
  const std::size_t indent = width >= kWide ? 44 : 10;
  std::string_view title;
  for (int g = 0; g < kOptionGroups; ++g) {
    const auto group = static_cast<OptionGroup>((g + 1) % kOptionGroups);  // the common ones last
    if (!command.takes(group)) continue;
    if (heading(group) != title) text += fmt::format("\n{}:\n", title = heading(group));
    for (const Option& option : options()) {
      if (option.group != group) continue;
      std::string help(option.help);
      if (const std::string choices = choices_of(option); !choices.empty()) help += choices;
      if (!option.key.empty()) help += fmt::format(" [{}]", option.key);
      const std::string left = spelling(option);
      text += "  " + left;
      if (left.size() + 2 >= indent)
        text.append("\n").append(indent, ' ');
      else
        text.append(indent - left.size() - 2, ' ');
      text += wrapped(help, indent, width) + "\n";
    }
  }
}

std::string list_of(const std::vector<const Command*>& listed, std::size_t width) {
  std::size_t names = 10;
  for (const Command* const command : listed) names = std::max(names, command->name.size());
  std::string text = "Commands:\n";
  for (const Command* const command : listed) {
    text += fmt::format("  {:<{}}  {}\n", command->name, names, wrapped(command->summary, names + 4, width));
  }
  return text;
}

std::string exit_statuses() {
  std::string text = "Exit status:";
  for (const ExitStatus& status : kExitStatuses) {
    text += fmt::format("{} {} {}", status.code == ExitCode::ok ? "" : ",", static_cast<int>(status.code),
                        status.meaning);
  }
  return text + ".";
}

}  // namespace

std::string general_help(std::size_t width) {
  std::vector<const Command*> all;
  for (const Command& command : commands()) all.push_back(&command);
  return wrapped(kPurpose, 0, width) + "\n\nUsage: blis COMMAND ...\n\n" + list_of(all, width) +
         "\n`blis COMMAND --help` says more, with examples; `blis --version` is the version, `blis version "
         "--json` what it was built from.\n\n" +
         wrapped(exit_statuses(), 0, width) + "\n";
}

std::string family_help(std::string_view name, std::size_t width) {
  return fmt::format("Usage: blis {0} COMMAND ...\n\n{1}\n`blis {0} COMMAND --help` says more.\n", name,
                     list_of(family(name), width));
}

std::string command_help(const Command& command, std::size_t width) {
  std::string text =
      fmt::format("{}\n\nUsage: blis {} {}[options]\n", wrapped(command.description, 0, width), command.name,
                  command.arguments.empty() ? "" : fmt::format("{} ", command.arguments));
  append_options(text, command, width);
  text += "\nExamples:\n";
  std::istringstream lines{std::string(command.examples)};
  for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
  return text;
}

}  // namespace blis
