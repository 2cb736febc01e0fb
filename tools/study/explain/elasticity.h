// What a little more of each resource would buy: the scenario again, with one thing better at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalog.h"
#include "scenarios/scenario.h"
#include "sim/metrics.h"

namespace blis {

// One lever and what the run became by it.
struct Elasticity {
  std::string_view lever;  // "memory bandwidth +10 %"
  Metrics metrics;
};

struct Elasticities {
  Metrics base;
  std::vector<Elasticity> levers;  // in the order of the table in elasticity.cpp
};

// Runs the scenario once as it is and once for each lever: 10 % more memory bandwidth, arithmetic,
// link and KV blocks, 10 % less host time. Throws InputError like build().
Elasticities measure_elasticities(const ScenarioSettings& scenario, const Catalog& catalog);

}  // namespace blis
