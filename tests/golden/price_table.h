// What the default latency model says of every catalog model: prices of batches with all their parts, KV
// capacities, parameters and least work, over GPUs, splits, weight formats and options.
#pragma once

#include <string>

#include "scenarios/catalog.h"

namespace blis {

// A line a figure or refusal, under a heading for each deployment. Figures are written with the fewest
// digits that read back to the same bits, so equal text means equal bits.
std::string price_table(const Catalog& catalog);

}  // namespace blis
