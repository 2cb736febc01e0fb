// The YAML file of `vllm serve --config`: words of the command line by another way. Source:
// FlexibleArgumentParser.load_config_file of vllm/utils/argparse_utils.py.
#include <fmt/core.h>

#include <algorithm>

#include "scenarios/document_text.h"
#include "tools/import/parse_arguments.h"

namespace blis {
namespace {

void append(ShellCommand& words, Arguments table, const Document& document, const Node& node) {
  const Place place = key_place(document, node);
  const std::string name = "--" + node.key;
  const auto word = [&](std::string text) {
    words.push_back({.text = std::move(text), .place = place, .unset = {}});
  };
  const auto json = [](Node value) {
    quote_texts(value);
    return json_text(value);
  };
  switch (node.kind) {
    case Node::Kind::null:
      return;
    case Node::Kind::map:
      word(name);
      return word(json(node));
    case Node::Kind::list:
      word(name);
      for (const Node& item : node.children) {
        word(item.kind == Node::Kind::scalar ? item.text : json(item));
      }
      return;
    case Node::Kind::scalar:
      break;
  }
  const bool truth = !node.quoted && (node.text == "true" || node.text == "false");
  if (!truth) {
    word(name + "=" + node.text);
  } else if (node.text == "true") {
    word(name);
  } else {
    std::string dashed = node.key;
    std::ranges::replace(dashed, '_', '-');
    const auto argument = std::ranges::find(table, dashed, &Argument::name);
    if (argument != table.end() && argument->reads == Reads::boolean) word("--no-" + node.key);
  }
}

}  // namespace

ShellCommand with_config_file(Arguments table, const ShellCommand& words) {
  ShellCommand result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string path;
    if (words[i].text == "--config" && i + 1 < words.size()) path = words[i + 1].text;
    if (words[i].text.starts_with("--config=")) path = words[i].text.substr(9);
    if (path.empty()) continue;
    const Document document = parse_yaml(read_file(path, "configuration of the server"), path);
    if (!document.problems.empty()) throw InputError(ErrorKind::usage, document.problems);
    if (document.root.kind != Node::Kind::map) {
      throw InputError(ErrorKind::usage,
                       Problem{.place = {path, 0, 0},
                               .message = "a configuration of the server is a map of arguments",
                               .expected = "tensor-parallel-size: 2"});
    }
    // The model of the command line wins over the file's.
    const bool has_model =
        std::ranges::any_of(words,
                            [](const ShellWord& word) {
                              return word.text == "--model" || word.text.starts_with("--model=");
                            }) ||
        (!words.empty() && !words[0].text.starts_with('-'));
    for (const Node& node : document.root.children) {
      const bool is_model = node.key == "model" || node.key == "model_tag";
      if (is_model && has_model) continue;
      append(result, table, document, node);
    }
  }
  if (result.empty()) return words;
  // A positional stays in front.
  const bool positional = !words.empty() && !words[0].text.starts_with('-');
  result.insert(positional ? result.begin() : result.end(), words.begin(),
                words.begin() + (positional ? 1 : 0));
  result.insert(result.end(), words.begin() + (positional ? 1 : 0), words.end());
  return result;
}

}  // namespace blis
