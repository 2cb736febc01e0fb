#include "tools/simulate/verdict.h"

#include <cmath>
#include <limits>

#include "tools/simulate/model_error.h"

namespace blis {
namespace {

// The verdict, once the ends are known.
LimitVerdict decided(LimitVerdict limit, const Accuracy& accuracy, Overload overload) {
  limit.met = meets(limit.target, limit.value);
  const bool low = meets(limit.target, limit.low), high = meets(limit.target, limit.high);
  if (overload != Overload::never) {
    limit.verdict = overload == Overload::always ? Verdict::misses : Verdict::too_close;
    limit.met = false;
  } else if (!std::isfinite(limit.value)) {
    limit.verdict = Verdict::misses;
  } else if (limit.met && accuracy.scored && !limit.model_error) {
    limit.verdict = Verdict::too_close;
    limit.beyond_measurement = true;
  } else {
    limit.verdict = low && high ? Verdict::meets : low || high ? Verdict::too_close : Verdict::misses;
  }
  return limit;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  constexpr std::string_view kNames[] = {"", "meets", "too close to call", "misses"};
  return kNames[static_cast<std::size_t>(verdict)];
}

LimitVerdict judge_latency(const SloTarget& target, const Simulated& simulated, const Accuracy& accuracy,
                           Overload overload) {
  const std::optional<double> error = model_error(accuracy, target.key);
  return decided({.target = target,
                  .value = simulated.value,
                  .low = simulated.low / (1 + error.value_or(0)),
                  .high = simulated.high / (1 - error.value_or(0)),
                  .model_error = error},
                 accuracy, overload);
}

LimitVerdict judge_share(const SloTarget& target, const Simulated& simulated, const Accuracy& accuracy,
                         Overload overload) {
  return decided({.target = target,
                  .value = simulated.value,
                  .low = simulated.low,
                  .high = simulated.high,
                  .model_error = model_error(accuracy, "mean_ttft_ms")},
                 accuracy, overload);
}

}  // namespace blis
