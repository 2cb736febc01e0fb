// Where the time of requests went, as result.json and compare.json have it.
#pragma once

#include "sim/attribution.h"
#include "tools/output/json_writer.h"

namespace blis {

// The value of `attribution`: {"requests", "mean_ms": by part, "tail": {"from_e2el_ms", "requests",
// "mean_ms"}}. Rare parts are there where they are not zero.
void write_attribution(JsonWriter& json, const AttributionSummary& summary);

}  // namespace blis
