// The scenario that a measured case asks for: engine, model, GPUs; its traffic is built apart.
#pragma once

#include <optional>
#include <span>

#include "scenarios/catalog.h"
#include "scenarios/resolved_scenario.h"
#include "tools/score/measured_case.h"

namespace blis {

// Ranks without expert parallelism are taken as independent engines: sharing experts between them
// contradicts the one such run that was measured. `point`: of a curve. `defaults` come before what the
// case says, `overrides` after it. Throws InputError for a model or GPU the catalogs lack, or a case that
// vLLM would refuse to start with.
ScenarioSettings case_scenario(const MeasuredCase& measured, const CurvePoint* point, const Catalog& catalog,
                               std::span<const Override> defaults, std::span<const Override> overrides);

}  // namespace blis
