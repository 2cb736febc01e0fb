// A YAML or JSON file as one kind of tree, in which everything remembers where it was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "sim/nesting.h"

namespace blis {

// A value, and the key it stands under if its parent is a map. Scalars stay text until somebody asks
// for a type, so that what a number may look like is decided in one place.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  bool quoted = false;       // a scalar that was written in quotes, hence no number
  std::uint16_t source = 0;  // index into Document::sources
  std::int32_t line = 0;     // of the value; from 1, or 0 for a value that is in no file
  std::int32_t column = 0;
  std::int32_t key_line = 0;  // of the key
  std::int32_t key_column = 0;
  std::string key = {};
  std::string text = {};            // of a scalar
  std::vector<Node> children = {};  // of a list or map, in the order of the file

  // The first child under `key`, or nullptr. Only maps have any.
  const Node* find(std::string_view wanted) const;
};

// One parsed text. Nodes point nowhere, so a document may be copied and moved.
struct Document {
  std::vector<std::string> sources;  // what a node's `source` counts in: the file first, then one
                                     // entry for each value that was set from elsewhere
  Node root = {};
  std::vector<Problem> problems = {};  // found while parsing, and no obstacle to it: duplicate keys
};

// Where the value, or its key, was written.
Place value_place(const Document& document, const Node& node);
Place key_place(const Document& document, const Node& node);

// Parsers for the two formats. A text that cannot be parsed at all throws InputError (usage) with its
// place; smaller offences go to Document::problems. `name` stands for the file in messages. An empty
// text gives a null root. Nesting deeper than kMaxDepth and texts larger than the format's limit are
// refused.
Document parse_yaml(std::string_view text, std::string name);
Document parse_json(std::string_view text, std::string name);

constexpr std::size_t kMaxYamlBytes = 1 << 20;  // scenarios are short, and yaml-cpp is slow
constexpr std::size_t kMaxJsonBytes = 64 << 20;

// The whole file. Throws InputError (io) if it cannot be read: missing, a directory, no permission.
// `what` names its role in the message: "scenario", "model config".
std::string read_file(const std::string& path, std::string_view what);
// As many bytes as the file has left, up to a full buffer, whatever signals come meanwhile. std::ferror()
// says whether it could not be read.
std::size_t read_bytes(std::FILE* file, std::span<char> buffer);
// Whether there is a regular file of that name.
bool is_file(const std::string& path);

// Throws InputError (usage) with its place if `text` is no UTF-8. For the parsers.
void require_utf8(std::string_view text, const std::string& name);

// Records a problem for each key of `map` that occurs a second time. For the parsers.
void check_duplicates(Document& document, const Node& map);

}  // namespace blis
