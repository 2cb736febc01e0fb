// The rows of a requests.csv that took the longest.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/metrics.h"

namespace blis {

// {"requests": N, "columns": [...], "by_e2e": [[...], ...], "by_ttft": [...]}: the `count` answered requests
// past the warm-up with the largest last_token_ns - arrival_ns, and first_token_ns - arrival_ns, slowest
// first. Throws InputError (io) as read_requests_csv() does.
nlohmann::ordered_json slowest_requests(const std::string& path, std::size_t count,
                                        const MetricsOptions& warmup,
                                        const std::function<void(const RequestRecord&)>& measured);

}  // namespace blis
