// Whether a run shows the engine at its limit: then its latencies tell how long the run lasted, not
// how the engine serves. docs/saturation.md derives the criterion.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/metrics.h"

namespace blis {

struct Saturation {
  enum class Kind : std::uint8_t {
    none,
    // The backlog still grew when the last request arrived.
    growing,
    // A tenth of the requests or more waited much longer than being served takes, but the backlog
    // did not go on growing: a burst, or clients that wait for their answers.
    queueing,
  };
  Kind kind = Kind::none;

  // Rates between the first and the last arrival, per second.
  double offered_requests = 0, served_requests = 0;
  double offered_prompt_tokens = 0, served_prompt_tokens = 0;
  double mean_wait_s = 0;     // in the worst tenth of the requests, from arrival to admission
  double mean_service_s = 0;  // of all, from admission to the last token
  std::int64_t backlog = 0;   // requests in the system at the last arrival
};

// Looks at the requests past the warm-up. Where the number of replicas changed there is no limit to be at:
// the kind is then none.
Saturation assess_saturation(const RunResult& run, const MetricsOptions& options = {});

// One or two sentences for the user without a full stop; empty for Kind::none.
std::string to_sentence(const Saturation& saturation);

// Said of a run that changes_size().
inline constexpr std::string_view kSizeChanged =
    "the number of replicas changed: whether they kept up is not judged";

}  // namespace blis
