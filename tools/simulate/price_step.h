// One batch, priced and explained.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "roofline/explained_model.h"
#include "scenarios/resolved_scenario.h"
#include "tools/simulate/batch_limits.h"

namespace blis {

struct PricedStep {
  ResolvedScenario resolved;
  StepExplanation explanation;
  std::vector<std::string> warnings;  // of the scenario, and of limits that the batch is beyond
};

// What of a batch is counted: no batch is larger than this many sequences or tokens.
constexpr std::int64_t kMostInBatch = 100'000'000;

// `batch` says of a prompt's chunk how many tokens it has, of decodes how many sequences they are. The
// settings name a model and a GPU. Throws InputError (usage), for an empty batch, too.
PricedStep price_step(const std::vector<Override>& settings, std::vector<BatchPart> batch,
                      const Catalog& catalog);

}  // namespace blis
