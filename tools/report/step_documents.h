// A priced step as text and as JSON.
#pragma once

#include <string>

#include "tools/simulate/price_step.h"

namespace blis {

std::string step_text(const PricedStep& step);
std::string step_json(const PricedStep& step);

}  // namespace blis
