// How predictions move with constants around a fit.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tools/score/pattern_search.h"
#include "tools/study/calibrate/calibrate.h"
#include "tools/study/calibrate/joint_intervals.h"

namespace blis {

// The requests of the fit, a list each for TTFT, TPOT and E2E: the height and the slopes, at `fitted`, of a
// surface of the second degree in each constant through predictions at many points of a box around it, as
// single ones jump with which request just misses a step. Empty where only totals are known, which do not
// tell how requests scatter.
std::vector<std::vector<FitSample>> local_effects(
    std::span<const SearchAxis> axes, const std::vector<double>& fitted,
    const std::function<Prediction(const std::vector<double>&)>& predict_at);

}  // namespace blis
