// The summary that `vllm bench serve --save-result` leaves: figures of all requests together, which most
// people have where they did not ask for details.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/score/traffic.h"

namespace blis {

struct SummaryFigure {
  std::string key;  // as in the file, and in result.json: mean_ttft_ms, p99_tpot_ms, output_throughput
  double measured = 0;
};

struct BenchmarkSummary {
  Traffic traffic;                        // as far as the file tells it
  std::int64_t requests = 0, failed = 0;  // answered, and not
  double mean_input_tokens = 0, mean_output_tokens = 0;
  std::optional<std::int64_t> max_concurrency;  // unset: no limit
  std::optional<double> request_rate;           // that was asked for; unset: no limit, or not told
  std::vector<SummaryFigure> figures;
  std::vector<std::string> notes;  // what it does not tell, and what was taken instead
};

// Whether the file is of this kind: a JSON object with mean_ttft_ms and without input_lens.
bool is_summary(const std::string& path);

// Throws InputError (io) for a value that is missing or cannot be.
BenchmarkSummary read_summary(const std::string& path);

}  // namespace blis
