// How far a run is, for those who wait for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace blis {

struct Progress {
  std::uint64_t finished = 0;             // requests with an outcome
  std::optional<std::uint64_t> expected;  // how many there will be; unset: nobody knows yet
  double simulated_s = 0;                 // simulated seconds since the start of the run
};

// Called every few milliseconds of work; must be cheap. Returning false stops the run cleanly:
// what has not ended is unfinished, and the result says that it was interrupted.
using ProgressFn = std::function<bool(const Progress&)>;

}  // namespace blis
