// What `vllm bench serve` prints when it has ended, to the letter: what reads the one reads the other.
#pragma once

#include <string>
#include <vector>

#include "blis/report.hpp"

namespace blis {

constexpr int kBlockWidth = 50;  // characters a line

struct VllmBlockOptions {
  std::vector<std::string> metrics{"ttft", "tpot", "itl"};  // and e2el: --percentile-metrics
  std::vector<double> percentiles{99};                      // --metric-percentiles
};

// Requires that the steps of the run are kept (StepsFor::themselves): tokens are counted second by second.
// Source: vllm/benchmarks/serve.py, 2026-08.
std::string to_vllm_block(const Report& report, const VllmBlockOptions& options);

}  // namespace blis
