// What `blis explain` prints.
#pragma once

#include <string>

#include "tools/output/text_chart.h"
#include "tools/study/explain/elasticity.h"
#include "tools/study/explain/selection.h"

namespace blis {

// The mean parts of the chosen requests beside those of the typical ones, then the first ten one by one.
std::string to_text(const Selection& selection, Glyphs glyphs);
std::string to_json(const Selection& selection);

// The figures as they are, and by how many percent each lever changes them.
std::string to_text(const Elasticities& elasticities);
std::string to_json(const Elasticities& elasticities);

}  // namespace blis
