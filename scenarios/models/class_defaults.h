// What a model's class takes for the keys that its config.json leaves out. Hugging Face transformers writes
// only what differs from its class, so that an absent key has a value, and not one that all models share.
#pragma once

#include <span>
#include <string_view>

#include "scenarios/document.h"

namespace blis {

struct ClassDefaults {
  std::string_view model_type;
  // "key=value", separated by blanks: of the keys that decide a figure, those whose default is a number, a
  // word, a switch or null.
  std::string_view values;
  bool partly = false;  // more of its defaults are not known
};

std::span<const ClassDefaults> class_defaults();
std::string_view defaults_of(std::string_view model_type);  // empty for a class that is not known
bool is_known_class(std::string_view model_type);           // all of its defaults are

// The names that configs have for the quantity of `key`, separated by blanks.
std::string_view synonyms_of(std::string_view key);

// Adds to a config, and to the language model's within it, the keys that it lacks under any of their names,
// with the values of its class. They are in no line of the file (is_class_default). A key that is there and
// null stays so.
void add_class_defaults(Node& config);
inline bool is_class_default(const Node& node) {
  return node.line == 0;
}

}  // namespace blis
