// Which parts of a model a quantized checkpoint keeps in 16 bits: the lists called ignore, exclude_modules
// and modules_to_not_convert.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

// Takes the parts that `names` cover out of `q`. Names are those of modules, whole or up to a dot, with `*`
// for anything, or `re:` and a regular expression. A part of which only some layers or matrices are kept is a
// finding at `key`, unless they are so few that its bytes differ by less than 2 %; so is a name of nothing
// known.
void keep_parts(Quantization& q, const std::vector<std::string>& names, const Section& section,
                std::string_view key, const ModelFacts& model, Findings& findings);

}  // namespace blis
