// YAML that other programs own: several documents, anchors, merge keys, tags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.h"

namespace blis {

// Every document of a text, with its aliases and merge keys written out, and without its tags. Of a key given
// twice the first counts. Throws InputError (usage) for what is no YAML, or too much of it.
std::vector<Document> parse_yaml_documents(std::string_view text, std::string name);

}  // namespace blis
