// vLLM's per-request lists, as its --save-detailed adds them to a result.
#pragma once

#include "tools/output/json_writer.h"
#include "tools/simulate/report.h"

namespace blis {

// Members input_lens, output_lens, ttfts, itls, start_times, errors (and empty generated_texts), in
// seconds and in the order of arrival, past the warm-up. A failed request has no output, no times and
// the way it ended as its error.
void write_detailed_lists(JsonWriter& json, const RunReport& report);

}  // namespace blis
