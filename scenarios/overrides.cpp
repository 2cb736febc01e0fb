#include "scenarios/overrides.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "scenarios/scenario_paths.h"
#include "scenarios/traffic_flags.h"

namespace blis {
namespace {

std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = key.find('.');
    parts.emplace_back(key.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    key.remove_prefix(dot + 1);
  }
}

// Marks a tree as coming from `source`, which has no lines.
void stamp(Node& node, std::uint16_t source) {
  node.source = source;
  node.line = node.column = node.key_line = node.key_column = 0;
  for (Node& child : node.children) stamp(child, source);
}

class Setter {
 public:
  Setter(Document& document, const Override& override, std::uint16_t source)
      : document_(document), override_(override), source_(source) {}

  void set(Node value) {
    Node* node = &document_.root;
    for (const std::string& part : parts_of(override_.key)) {
      node = node ? step(*node, part) : nullptr;
      path_ += (path_.empty() ? "" : ".") + part;
    }
    if (!node) return;
    value.key = node->key;
    *node = std::move(value);
    stamp(*node, source_);
  }

 private:
  void refuse(std::string message, std::string expected) {
    document_.problems.push_back({.place = {override_.shown},
                                  .message = std::move(message),
                                  .expected = std::move(expected),
                                  .got = override_.key});
  }

  // The child that `part` names, made if it is a key that is not there yet.
  Node* step(Node& node, const std::string& part) {
    if (part.empty()) {
      refuse("a dotted key has an empty part", "engine.block_size=32");
      return nullptr;
    }
    if (node.kind == Node::Kind::list) return item(node, part);
    if (node.kind == Node::Kind::scalar) {
      refuse(fmt::format("`{}` is a value, not a section", path_), "a key that is there");
      return nullptr;
    }
    node.kind = Node::Kind::map;
    const auto found = std::ranges::find(node.children, part, &Node::key);
    if (found != node.children.end()) return &*found;
    return &node.children.emplace_back(Node{.source = source_, .key = part});
  }

  Node* item(Node& list, const std::string& part) {
    for (Node& child : list.children) {  // an item with a name may be called by it: pools.decode.replicas
      const Node* const name = child.find("name");
      if (name != nullptr && name->kind == Node::Kind::scalar && name->text == part) return &child;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error == std::errc{} && end == part.data() + part.size() && index < list.children.size()) {
      return &list.children[index];
    }
    refuse(fmt::format("`{}` is a list of {}", path_, list.children.size()),
           list.children.empty() ? "nothing: it is empty"
                                 : fmt::format("an index from 0 to {}", list.children.size() - 1));
    return nullptr;
  }

  Document& document_;
  const Override& override_;
  std::uint16_t source_;
  std::string path_;  // walked so far
};

}  // namespace

// Brackets, braces and quotes are YAML; anything else is the text itself, so that a name may hold `: `.
Node parse_value(const Override& override) {
  const std::string_view text = override.value;
  require_utf8(override.key, override.shown);
  require_utf8(text, override.shown);
  if (text.empty() || text == "null" || text == "~") return {};
  if (std::string_view("[{\"'").find(text[0]) == std::string_view::npos) {
    return {.kind = Node::Kind::scalar, .text = std::string(text)};
  }
  Document document = parse_yaml(text, override.shown);
  if (!document.problems.empty()) throw InputError(ErrorKind::usage, document.problems);
  return std::move(document.root);
}

void apply_overrides(Document& document, std::span<const Override> overrides, const std::string& folder) {
  std::vector<Override> ordered(overrides.begin(), overrides.end());
  std::ranges::stable_sort(ordered, {}, order_of);
  for (const Override& override : ordered) {
    // More sources than an index can count share the last one's name.
    if (document.sources.size() < std::numeric_limits<std::uint16_t>::max()) {
      document.sources.push_back(override.shown);
    }
    const auto source = static_cast<std::uint16_t>(document.sources.size() - 1);
    try {
      for (const Override& setting : settled(override, document)) {
        Node value = parse_value(setting);
        move_paths(value, setting.key, "", folder);
        Setter(document, setting, source).set(std::move(value));
      }
    } catch (const InputError& error) {
      for (Problem problem : error.problems()) {
        problem.place = {override.shown};
        document.problems.push_back(std::move(problem));
      }
      if (const auto instead = stand_in(override, document))
        Setter(document, *instead, source).set(parse_value(*instead));
    }
  }
}

Override parse_override(std::string_view text, std::string_view flag) {
  const std::size_t equals = text.find('=');
  std::string shown = fmt::format("{} {}", flag, text);
  if (equals == std::string_view::npos || equals == 0) {
    throw InputError(ErrorKind::usage, {.place = {std::move(shown)},
                                        .message = fmt::format("`{}` needs a key and a value", flag),
                                        .expected = fmt::format("{} engine.block_size=32", flag),
                                        .got = std::string(text)});
  }
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)), std::move(shown)};
}

}  // namespace blis
