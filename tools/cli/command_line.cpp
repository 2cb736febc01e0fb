#include "tools/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>

#include "blis/error.hpp"
#include "sim/nearest_name.h"
#include "tools/cli/familiar_flags.h"

namespace blis {
namespace {

namespace po = boost::program_options;

[[noreturn]] void refuse(std::string message, std::string expected, std::string hint = {}) {
  throw InputError(
      ErrorKind::usage,
      Problem{.message = std::move(message), .expected = std::move(expected), .hint = std::move(hint)});
}

[[noreturn]] void refuse_command(const std::string& name, const std::vector<std::string_view>& known,
                                 std::string_view family) {
  const std::vector<std::string> names(known.begin(), known.end());
  const std::string hint = did_you_mean(name, names);
  refuse(family.empty() ? fmt::format("unknown command `{}`", name)
                        : fmt::format("unknown command `{}` of `blis {}`", name, family),
         fmt::format("one of {}", fmt::join(names, ", ")), hint);
}

// The command that the first words name; takes these off `arguments`.
const Command& take_command(std::span<const std::string>& arguments) {
  const std::string first = arguments.front();
  arguments = arguments.subspan(1);
  const auto found = std::ranges::find(commands(), first, &Command::name);
  if (found != commands().end()) return *found;
  const std::vector<const Command*> members = family(first);
  if (members.empty()) refuse_command(first, first_words(), "");
  std::vector<std::string_view> names;
  for (const Command* const member : members) names.push_back(second_word(member->name));
  if (arguments.empty()) {
    refuse(fmt::format("`blis {}` needs a command", first), fmt::format("one of {}", fmt::join(names, ", ")),
           fmt::format("see `blis {} --help`", first));
  }
  const std::string second = arguments.front();
  arguments = arguments.subspan(1);
  const auto wanted = std::ranges::find(names, second);
  if (wanted == names.end()) refuse_command(second, names, first);
  return *members[static_cast<std::size_t>(wanted - names.begin())];
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// vLLM's short names of two letters (-tp 4, -tp=4, -tp4), which the library would read as -t p.
std::string spelled_out(const std::string& word) {
  for (const Option& option : options()) {
    const std::size_t length = option.alias.size();
    if (length < 2 || word.compare(0, 1, "-") != 0 || word.compare(1, length, option.alias) != 0) continue;
    const std::string rest = word.substr(1 + length);
    if (rest.empty() || rest[0] == '=') return fmt::format("--{}{}", option.name, rest);
    if (is_number(rest)) return fmt::format("--{}={}", option.name, rest);
  }
  return word;
}

// Options with several values, as in `--goodput ttft:500 tpot:50`, and which words can be one of them.
struct SeveralValues {
  std::string_view option;
  bool (*takes)(std::string_view word);
};
constexpr std::array kSeveralValues{
    SeveralValues{"--goodput",
                  [](std::string_view word) {
                    return word.starts_with("ttft:") || word.starts_with("tpot:") ||
                           word.starts_with("e2el:");
                  }},
    SeveralValues{"--merge", [](std::string_view word) { return !word.starts_with('-'); }},
};

// With one option for each of their values.
std::vector<std::string> normalized(std::span<const std::string> words) {
  std::vector<std::string> result;
  const SeveralValues* open = nullptr;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      result.insert(result.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (open != nullptr && open->takes(words[i])) {
      if (result.back() != open->option) result.emplace_back(open->option);
      result.push_back(words[i]);
      continue;
    }
    const auto found = std::ranges::find(kSeveralValues, words[i], &SeveralValues::option);
    open = found == kSeveralValues.end() ? nullptr : &*found;
    result.push_back(spelled_out(words[i]));
  }
  return result;
}

po::options_description described(const Command& command) {
  po::options_description description;
  for (const Option& option : options()) {
    if (!command.takes(option.group)) continue;
    std::string names(option.name);
    if (option.alias.size() == 1) names.append(",").append(option.alias);
    if (option.takes == Takes::value) {
      description.add_options()(names.c_str(), po::value<std::string>(), "");
    } else {
      description.add_options()(names.c_str(), "");
    }
    if (option.takes == Takes::yes_or_no) description.add_options()(("no-" + names).c_str(), "");
  }
  return description;
}

std::vector<std::string> flags_of(const Command& command) {
  std::vector<std::string> flags;
  for (const Option& option : options()) {
    if (!command.takes(option.group)) continue;
    flags.push_back(fmt::format("--{}", option.name));
    if (option.takes == Takes::yes_or_no) flags.push_back(fmt::format("--no-{}", option.name));
  }
  return flags;
}

Given given(const po::option& parsed) {
  const auto named = [](std::string_view name) { return std::ranges::find(options(), name, &Option::name); };
  auto option = named(parsed.string_key);
  bool yes = true;
  if (option == options().end()) {  // --no-...
    option = named(std::string_view(parsed.string_key).substr(3));
    yes = false;
  }
  Given result{&*option, yes ? "true" : "false", "--" + parsed.string_key};
  if (option->takes == Takes::value) {
    result.value = parsed.value.front();
    if (result.value.empty())
      refuse(fmt::format("`{}` needs a value", result.shown), std::string(option->value));
    result.shown += " " + result.value;
  }
  return result;
}

po::parsed_options parsed(const Command& command, const std::vector<std::string>& words) {
  const po::options_description description = described(command);
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    // The table points into the description, so only the words themselves may leave.
    po::parsed_options result = po::command_line_parser(words).options(description).style(style).run();
    result.description = nullptr;
    return result;
  } catch (const po::unknown_option& error) {
    const std::string name = error.get_option_name();
    std::string near = familiar_name(name.starts_with("--") ? name.substr(2) : name);
    if (near.empty()) near = did_you_mean(name, flags_of(command));
    refuse(fmt::format("unknown option `{}` for `blis {}`", name, command.name), "",
           fmt::format("{}{}see `blis {} --help`", near,
                       near.empty()          ? ""
                       : near.ends_with('?') ? " Or "
                                             : "; ",
                       command.name));
  } catch (const po::error& error) {
    refuse(error.what(), "", fmt::format("see `blis {} --help`", command.name));
  }
}

void check_arguments(const Invocation& invocation) {
  const Command& command = *invocation.command;
  const std::size_t count = invocation.arguments.size();
  const std::string usage = fmt::format("blis {} {}", command.name, command.arguments);
  if (count < command.least_arguments) {
    refuse(fmt::format("`blis {}` needs {}", command.name, command.arguments), usage,
           fmt::format("see `blis {} --help`", command.name));
  }
  if (count > command.most_arguments) {
    refuse(fmt::format("`{}` is one argument too many for `blis {}`",
                       invocation.arguments[command.most_arguments], command.name),
           usage);
  }
}

}  // namespace

Invocation parse_command_line(std::span<const std::string> arguments) {
  if (arguments.empty()) refuse("there is no command", "blis COMMAND ...", "see `blis --help`");
  Invocation invocation{.command = nullptr, .arguments = {}, .given = {}, .line = "blis"};
  for (const std::string& word : arguments) invocation.line.append(" ").append(word);
  invocation.command = &take_command(arguments);
  for (const po::option& option :
       parsed(*invocation.command, normalized(without_idle_flags(*invocation.command, arguments))).options) {
    if (option.string_key.empty()) {
      invocation.arguments.insert(invocation.arguments.end(), option.value.begin(), option.value.end());
    } else {
      invocation.given.push_back(given(option));
    }
  }
  if (!invocation.has("help") && !invocation.has("version")) check_arguments(invocation);
  return invocation;
}

}  // namespace blis
