// How a limit of an SLO is kept: one rule, whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tools/simulate/error_band.h"
#include "tools/simulate/slo_target.h"

namespace blis {

enum class Verdict : std::uint8_t {
  none,       // nothing was asked for, or nothing is known
  meets,      // even at the bad ends of the confidence interval and of the latency model's error
  too_close,  // one of these ends lies beyond the limit, or it is kept where nobody measured the error
  misses,     // even at the good ends
};
std::string_view to_string(Verdict verdict);

// Whether requests came faster than they were served, over the seeds of a point.
enum class Overload : std::uint8_t { never, with_some_seeds, always };

struct LimitVerdict {
  SloTarget target;
  double value = 0;                   // simulated; infinite if too many were not served, NaN if there is none
  double low = 0, high = 0;           // with the confidence interval and the latency model's error
  std::optional<double> model_error;  // see model_error(); unset where it is not known
  bool met = false;                   // by `value` alone
  bool beyond_measurement = false;    // kept, but no run at such load was measured
  Verdict verdict = Verdict::none;
};

// What is simulated: its mean over the seeds, and the ends of its confidence interval.
struct Simulated {
  double value = 0, low = 0, high = 0;
};

// A limit on a latency: what is simulated is off by a share of the truth.
LimitVerdict judge_latency(const SloTarget& target, const Simulated& simulated, const Accuracy& accuracy,
                           Overload overload);
// At least so large a share of good requests; `low` and `high` are those if every latency were in truth as
// much above, or below, as the model's error allows.
LimitVerdict judge_share(const SloTarget& target, const Simulated& simulated, const Accuracy& accuracy,
                         Overload overload);

}  // namespace blis
