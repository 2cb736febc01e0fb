#include "tools/cli/man_page.h"

#include <fmt/format.h>

#include <sstream>

#include "blis/version.hpp"
#include "tools/cli/commands.h"
#include "tools/output/output_file.h"

namespace blis {
namespace {

// Text as roff takes it: a hyphen that may be copied, and no line that is a request.
std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (result.empty() && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

std::string usage(const Command& command) {
  std::string text = fmt::format("\\fBblis {}\\fR", roff(command.name));
  if (!command.arguments.empty()) text += fmt::format(" \\fI{}\\fR", roff(command.arguments));
  return text + " [\\fIoptions\\fR]";
}

std::string roff_spelling(const Option& option) {
  std::string text;
  if (!option.alias.empty()) text = fmt::format("\\fB\\-{}\\fR, ", roff(option.alias));
  const char* const negation = option.takes == Takes::yes_or_no ? "[no\\-]" : "";
  text += fmt::format("\\fB\\-\\-{}{}\\fR", negation, roff(option.name));
  if (option.takes == Takes::value) text += fmt::format(" \\fI{}\\fR", roff(option.value));
  return text;
}

void append_examples(std::string& text, std::string_view examples) {
  text += ".PP\nExamples:\n.PP\n.RS\n.nf\n";
  std::istringstream lines{std::string(examples)};
  for (std::string line; std::getline(lines, line);) text += roff(line) + "\n";
  text += ".fi\n.RE\n";
}

void append_commands(std::string& text) {
  for (const Command& command : commands()) {
    text += fmt::format(".SS {}\n{}\n", usage(command), roff(command.description));
    std::string headings, last;
    for (int g = 0; g < kOptionGroups; ++g) {
      const auto group = static_cast<OptionGroup>(g);
      if (!command.takes(group) || group == OptionGroup::common || heading(group) == last) continue;
      last = heading(group);
      headings += (headings.empty() ? "" : ", ") + last;
    }
    if (!headings.empty()) text += fmt::format(".PP\nOptions: {}; the common ones.\n", roff(headings));
    append_examples(text, command.examples);
  }
}

void append_options(std::string& text) {
  std::string_view title;
  for (int g = 0; g < kOptionGroups; ++g) {
    const auto group = static_cast<OptionGroup>(g);
    if (heading(group) != title) text += fmt::format(".SS {}\n", roff(title = heading(group)));
    for (const Option& option : options()) {
      if (option.group != group) continue;
      text += fmt::format(".TP\n{}\n{}", roff_spelling(option), roff(option.help));
      if (!option.key.empty()) text += fmt::format(" [{}]", roff(option.key));
      text += ".\n";
    }
  }
}

struct Variable {
  std::string_view name, meaning;
};
constexpr Variable kVariables[] = {
    {"BLIS_DATA",
     "Folder with hardware_config.json and model_configs/, instead of what came with blis; several with : "
     "between them, the first wins."},
    {"HF_HUB_CACHE", "Where Hugging Face's cache lies, in which models are found by their id; also HF_HOME."},
    {"NO_COLOR", "If set and not empty, no colours. There are none either where the output is no terminal."},
};

}  // namespace

std::string man_page() {
  std::string text = fmt::format(".TH BLIS 1 \"\" \"blis {}\" \"User Commands\"\n", version());
  text += ".SH NAME\nblis \\- simulate LLM inference serving\n";
  text += ".SH SYNOPSIS\n.B blis\n.I COMMAND\n[\\fIarguments\\fR] [\\fIoptions\\fR]\n";
  text += fmt::format(".SH DESCRIPTION\n{}\n.SH COMMANDS\n", roff(kPurpose));
  append_commands(text);
  text += ".SH OPTIONS\nA key in brackets is the key of the scenario that the option sets.\n";
  append_options(text);
  text += ".SH EXIT STATUS\n";
  for (const ExitStatus& status : kExitStatuses) {
    text += fmt::format(".TP\n{}\n{}\n", static_cast<int>(status.code), roff(status.meaning));
  }
  text += ".SH ENVIRONMENT\n";
  for (const auto& [name, meaning] : kVariables) text += fmt::format(".TP\n.B {}\n{}\n", name, roff(meaning));
  return text;
}

ExitCode man_command(const Invocation&) {
  write_to_stdout(man_page());
  return ExitCode::ok;
}

}  // namespace blis
