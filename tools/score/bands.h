// Error bands for results, from the scoreboard: what `blis run` shows about its own accuracy.
#pragma once

#include <string>
#include <vector>

#include "tools/score/error_model.h"
#include "tools/score/simulate_case.h"
#include "tools/simulate/error_band.h"

namespace blis {

struct LeftOut;

// From judged runs, the figures that are not known to be doubtful; and of judged curves the medians of their
// points. Runs whose constants were found without them (`left_out`) stand for themselves where they are of a
// group, and as ones of a GPU known by its data sheet where the kernel tables of their GPU were left out.
// `tests`, if given, receives how the bands of each metric fare on groups left out.
ErrorBands error_bands(std::span<const CaseOutcome> outcomes, std::span<const LeftOut> left_out,
                       std::vector<BandTest>* tests = nullptr);

// accuracy_bands.json; `source` says which runs and when.
std::string to_json(const ErrorBands& known, const std::string& source);

}  // namespace blis
