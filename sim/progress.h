// How far a run is, for those who wait for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "sim/request.h"

namespace blis {

struct Progress {
  std::uint64_t finished = 0;             // requests with an outcome
  std::optional<std::uint64_t> expected;  // RequestSource::expected
  Time now{};
};

// Called every few milliseconds of work; must be cheap. Returning false stops the run cleanly:
// what has not ended is `unfinished`, and RunResult::interrupted is set.
using ProgressFn = std::function<bool(const Progress&)>;

}  // namespace blis
