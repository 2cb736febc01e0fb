// Which matrices of a model a quantized checkpoint stores how: lists called ignore, exclude_modules and
// modules_to_not_convert, groups with targets, layers listed one by one.
#pragma once

#include <string>
#include <vector>

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"
#include "scenarios/models/name_list.h"

namespace blis {

// The modules that `names` covers are stored so. `key` is where the config says it.
struct StorageRule {
  NameList names;
  Storage storage{};
  std::string key;
};

// The first rule that covers a module decides.
struct StorageRules {
  std::vector<StorageRule> rules;
  Storage otherwise;  // of linear layers that no rule covers
};

// Gives the matrices of `model` their storage: `q` says what most of them have, layers with other matrices
// become layers of their own (ModelFacts::own_layers). Findings in `section`: a name of nothing known, and
// matrices that vLLM fuses but the rules store in different ways.
void store_matrices(ModelFacts& model, Quantization& q, StorageRules rules, Section& section,
                    Findings& findings);

}  // namespace blis
