// The table of commands and options: parsing, --help, shell completion and the man page all read it,
// so that none can know a flag the others do not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/exit_code.h"

namespace blis {

enum class Takes : std::uint8_t {
  nothing,    // --force
  value,      // --seed N, --seed=N
  yes_or_no,  // --enable-prefix-caching, --no-enable-prefix-caching
};

// Options that commands take or leave together. Groups that follow each other may share a heading of --help.
enum class OptionGroup : std::uint8_t {
  common,
  format,
  output,
  trace_output,
  output_file,
  html,
  beside,  // what a prediction is held against
  inspect,
  fit,
  details,
  bench,
  deployment,
  compare,
  threads,
  diff,
  step,
  card,
  model,
  hardware,
  permission,  // to go on where the arithmetic here ends
  engine,
  serving,
  random,
  rows,      // which rows of a trace, and how they are read
  arrivals,  // how many requests, and when
  workload,
  accuracy,
  calibrate,
  explain,
};
constexpr int kOptionGroups = static_cast<int>(OptionGroup::explain) + 1;
std::string_view heading(OptionGroup group);

struct Option {
  OptionGroup group;
  std::string_view name;   // without dashes
  std::string_view alias;  // "o" for -o; vLLM's "tp" for -tp; empty for none
  Takes takes;
  std::string_view value;   // as help shows it: "N", "FILE"
  std::string_view key;     // the scenario's key that it sets; empty: the command's own business
  std::string_view help;    // one sentence, no full stop
  std::string_view offers;  // for completion: words separated by spaces, or one of @file, @folder,
                            // @models, @gpus, @formats
};
std::span<const Option> options();

// An option as the user gave it. Options may be repeated: for those that take one value the last counts.
struct Given {
  const Option* option;
  std::string value;  // "true" or "false" where it takes none
  std::string shown;  // for messages: "--seed -1"
};

// A whole number, wholly consumed; nothing if the text is none, or it is not in [least, most].
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t least, std::int64_t most);
// The same of an option's value.
std::optional<std::int64_t> whole_number(const Given& given, std::int64_t least, std::int64_t most);

struct Command;

// What the program is for, in one sentence.
constexpr std::string_view kPurpose =
    "blis simulates LLM inference serving: how a model on given GPUs with given vLLM settings serves given "
    "traffic.";

// A command line that names only what exists.
struct Invocation {
  const Command* command;
  std::vector<std::string> arguments;
  std::vector<Given> given;
  std::string line;  // all of it, for the record

  bool has(std::string_view option) const { return find(option) != nullptr; }
  const Given* find(std::string_view option) const;  // the last
  bool is_on(std::string_view option) const;         // of one that takes yes or no; no by default
  std::string value_of(std::string_view option, std::string_view fallback) const;
  std::vector<const Given*> all(std::string_view option) const;
};

struct Command {
  std::string_view name;       // "run"; "trace inspect" for one of a family
  std::string_view arguments;  // as help shows them: "SCENARIO.yaml"
  std::size_t least_arguments, most_arguments;
  std::string_view summary;      // one line for the list of commands
  std::string_view description;  // one paragraph
  std::string_view examples;     // lines
  std::string_view offers;       // completion of the arguments, as in Option
  std::uint32_t groups;          // a bit for each OptionGroup
  ExitCode (*run)(const Invocation&);

  bool takes(OptionGroup group) const { return (groups >> static_cast<int>(group)) & 1U; }
};
std::span<const Command> commands();

// "trace" of "trace inspect"; of a command without a family, its name.
constexpr std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}
// "inspect" of "trace inspect"; empty for a command without a family.
constexpr std::string_view second_word(std::string_view name) {
  const std::size_t space = name.find(' ');
  return space == std::string_view::npos ? std::string_view{} : name.substr(space + 1);
}
// What may stand as the first word, each once, in the table's order.
std::vector<std::string_view> first_words();
// The commands of a family, in the table's order; none if nothing of that name is a family.
std::vector<const Command*> family(std::string_view name);

}  // namespace blis
