// What the readers of vision and audio towers share.
#pragma once

#include <string_view>

#include "scenarios/models/keys.h"

namespace blis {

// Towers of other designs than the one that is counted are not modelled. `kind` is for people: "a vision
// tower".
void expect_design(Section& tower, std::string_view kind, std::string_view design, Findings& findings);

}  // namespace blis
