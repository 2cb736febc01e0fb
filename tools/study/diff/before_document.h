// Another run of the same traffic, beside a result, as the part of a report's document that draws both.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "tools/study/diff/stored_result.h"

namespace blis {

// {"before", "after": what to call the two, "settings": [{"key", "before", "after"}, ...], "difference": of
// their traffic, in words, "figures": [{"key", "before", "after"}, ...], "percentiles": as series.json of
// before.folder has them, "errors": {"before", "after"}: mean absolute errors of latencies, null without a
// measurement}. Throws InputError (io) for a folder without a whole result of a run.
nlohmann::ordered_json before_document(const StoredResult& before, const StoredResult& after,
                                       const std::optional<StoredResult>& measured);

}  // namespace blis
