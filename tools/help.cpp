// --help, from the option table.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "tools/command_line.h"

namespace blis {
namespace {

constexpr std::size_t kWidth = 100;

// Breaks `text` into lines of at most kWidth, all but the first indented.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > kWidth) {
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

void append_options(std::string& text, const Command& command) {
  constexpr std::size_t kIndent = 44;
  std::string_view title;
  for (int g = 0; g < kOptionGroups; ++g) {
    const auto group = static_cast<OptionGroup>((g + 1) % kOptionGroups);  // the common ones last
    if (!command.takes(group)) continue;
    if (heading(group) != title) text += fmt::format("\n{}:\n", title = heading(group));
    for (const Option& option : options()) {
      if (option.group != group) continue;
      std::string help(option.help);
      if (!option.key.empty()) help += fmt::format(" [{}]", option.key);
      const std::string left = spelling(option);
      text += "  " + left;
      if (left.size() + 2 >= kIndent)
        text.append("\n").append(kIndent, ' ');
      else
        text.append(kIndent - left.size() - 2, ' ');
      text += wrapped(help, kIndent) + "\n";
    }
  }
}

std::string list_of(const std::vector<const Command*>& listed) {
  std::size_t width = 10;
  for (const Command* const command : listed) width = std::max(width, command->name.size());
  std::string text = "Commands:\n";
  for (const Command* const command : listed) {
    text += fmt::format("  {:<{}}  {}\n", command->name, width, wrapped(command->summary, width + 4));
  }
  return text;
}

}  // namespace

std::string general_help() {
  std::string text =
      "blis simulates LLM inference serving: how a model on given GPUs with given vLLM settings serves given "
      "traffic.\n\nUsage: blis COMMAND ...\n\n";
  std::vector<const Command*> all;
  for (const Command& command : commands()) all.push_back(&command);
  text += list_of(all);
  text +=
      "\n`blis COMMAND --help` says more; `blis --version` is the version.\n\n"
      "Exit status: 0 fine, 1 a condition that was asked for does not hold, 2 mistake on the command line or "
      "in "
      "a\nscenario, 3 the model does not fit, 4 a file cannot be read or written, 70 a bug in blis, 130 "
      "interrupted.\n";
  return text;
}

std::string family_help(std::string_view name) {
  return fmt::format("Usage: blis {0} COMMAND ...\n\n{1}\n`blis {0} COMMAND --help` says more.\n", name,
                     list_of(family(name)));
}

std::string command_help(const Command& command) {
  std::string text =
      fmt::format("{}\n\nUsage: blis {} {}[options]\n", wrapped(command.description, 0), command.name,
                  command.arguments.empty() ? "" : fmt::format("{} ", command.arguments));
  append_options(text, command);
  text += "\nExamples:\n";
  std::istringstream lines{std::string(command.examples)};
  for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
  return text;
}

}  // namespace blis
