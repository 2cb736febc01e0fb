// Prints a document tree as YAML with comments, or as JSON.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "scenarios/document.h"

namespace blis {

// `comment` gives each scalar's remark, from its dotted key; empty for none.
using CommentFn = std::function<std::string(std::string_view)>;

std::string yaml_text(const Node& root, const CommentFn& comment);
// On one line; keys in the order of the tree. Unquoted scalars are printed as they are.
std::string json_text(const Node& root);

}  // namespace blis
