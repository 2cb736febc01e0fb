// The figures that vLLM's benchmark reports under flat keys: one list for JSON and CSV.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/metrics.h"
#include "tools/output/json_writer.h"

namespace blis {

struct Figure {
  std::string key;
  std::variant<std::int64_t, double> value;  // NaN: there is none
};

// completed, failed, duration, ..., then mean, median, std, min, max, p90, p95 and p99 of ttft_ms,
// tpot_ms, itl_ms, e2el_ms and queue_ms. Always all of them.
std::vector<Figure> flat_figures(const Metrics& metrics);

// As members of the object that `json` is in.
void write_figures(JsonWriter& json, const std::vector<Figure>& figures);

}  // namespace blis
