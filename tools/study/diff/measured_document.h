// What was measured, beside a prediction, as the part of a report's document that draws both.
#pragma once

#include <nlohmann/json.hpp>

#include "tools/study/diff/stored_result.h"

namespace blis {

// {"name", "requests", "notes", "traffic": {"difference", "facts": [{"name", "predicted", "measured"}, ...]},
// "figures": [{"key", "predicted", "measured"}, ...], "percentiles": {"ttft": [[percentile, ms], ...],
// "tpot", "e2el"}}: figures that both have, and distributions where requests are measured one by one, at the
// percentiles of series.json.
nlohmann::ordered_json measured_document(const StoredResult& predicted, const StoredResult& measured);

}  // namespace blis
