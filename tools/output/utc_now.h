// The time of day, for what is written about a run beside its result.
#pragma once

#include <string>

namespace blis {

// In UTC, as ISO 8601 has it: 2026-08-17T09:30:00Z.
std::string utc_now();

}  // namespace blis
