// Words as argparse reads them, by a table of what there is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.h"
#include "tools/import/argument.h"
#include "tools/import/shell_words.h"

namespace blis {

struct GivenArgument {
  const Argument* argument = nullptr;
  std::string value;                // "true" or "false" of a switch; JSON of several dotted ones
  std::vector<std::string> values;  // of a list
  std::string shown;                // "--max-model-len 32k"
  std::string unset;                // why its value is not known, as in ShellWord
  Place place;
};

struct ParsedArguments {
  std::vector<GivenArgument> given;  // each argument once, as it was given last; in the order of that
  ShellCommand positionals;

  const GivenArgument* find(std::string_view name) const;
  std::string value_of(std::string_view name, std::string_view fallback = {}) const;
};

// The rules of argparse and of vLLM's parser (FlexibleArgumentParser of vllm/utils/argparse_utils.py): `_` is
// `-`; a beginning that only one argument has stands for it; `--x=v` and `--x v`; `-tp4`; `--no-x`;
// `--x.member v` and `--x.list+ v` are members of a JSON. `program` is for messages. Throws InputError
// (usage) with all mistakes: unknown arguments with the nearest known, values that are missing or no numbers.
ParsedArguments parse_arguments(Arguments table, const ShellCommand& words, std::string_view program);

// `ttft:500 tpot:50`, given as one word or as two.
std::vector<std::string> split_words(std::string_view text);

// Marks texts of a tree that YAML left bare as texts, so that JSON quotes them.
void quote_texts(Node& node);

// The words with those of `--config FILE` (YAML) in front, as vLLM reads it: a map is JSON, a list several
// values, true `--x`, false `--no-x`. Throws InputError: io if there is no such file; usage.
ShellCommand with_config_file(Arguments table, const ShellCommand& words);

}  // namespace blis
