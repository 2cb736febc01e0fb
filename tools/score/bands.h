// Error bands for results, from the scoreboard: what `blis run` shows about its own accuracy.
#pragma once

#include <vector>

#include "tools/score/scoreboard.h"
#include "tools/simulate/error_band.h"

namespace blis {

// From runs that are judged and not overloaded: of GPUs with kernel tables from the plain score, of GPUs
// without from the leave-one-GPU-out score. A range of loads that fewer than three runs had joins the one
// below; loads nobody had get no band. Features are those of these runs.
ErrorBands error_bands(const Scoreboard& board);

// accuracy_bands.json; `source` says which runs and when.
std::string to_json(const ErrorBands& known, const std::string& source);

}  // namespace blis
