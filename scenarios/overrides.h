// Values set from elsewhere than the file, put into its tree before it is read: so they are typed,
// checked and reported like any other.
#pragma once

#include <span>
#include <string>

#include "scenarios/document.h"
#include "scenarios/scenario.h"

namespace blis {

// Applies them in order. Relative paths in the values, which start at the working folder, are rewritten to
// start at `folder`, like the file's own. Mistakes go to Document::problems.
void apply_overrides(Document& document, std::span<const Override> overrides, const std::string& folder);

// The value as a tree, which is in no file. Throws InputError (usage).
Node parse_value(const Override& override);

}  // namespace blis
