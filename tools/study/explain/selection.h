// Which requests of a result are to be explained, and against which others.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/study/explain/result_requests.h"

namespace blis {

struct Selection {
  std::string title;  // "the 10 slowest requests"
  std::vector<ResultRequest> chosen;
  std::string typical_title;  // what the others are: "requests between p40 and p60 of TTFT"
  std::vector<ResultRequest> typical;
};

// Mean of each part in milliseconds; zeros of no requests.
std::array<double, kParts> mean_parts_ms(std::span<const ResultRequest> requests);

// These leave out the requests of the warm-up, but for one that is asked for.

// The request with this id. Throws InputError (usage) if no such request was answered.
Selection select_request(std::span<const ResultRequest> all, std::int64_t id);
// The `count` slowest by E2E latency, slowest first; equals by id.
Selection select_slowest(std::span<const ResultRequest> all, std::size_t count);
// Those at or beyond a percentile of a metric, as in `p99_ttft` or `p95_e2el_ms`: of ttft, tpot,
// e2el. Throws InputError (usage) for anything else.
Selection select_beyond(std::span<const ResultRequest> all, const std::string& key);

}  // namespace blis
