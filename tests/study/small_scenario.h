// A scenario that runs in a millisecond, priced without the arithmetic of hardware.
#pragma once

#include <string>

namespace blis {

// 10 requests a second; a step takes 10 ms and 50 us more for each prompt token. `more` is lines of YAML.
inline std::string small_scenario(int requests, const std::string& more = {}) {
  return R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { max_model_len: 4096 }
latency: { model: blackbox, coefficients: { step_us: 10000, prefill_token_us: 50 } }
workload:
  kind: synthetic
  arrival: { process: poisson, request_rate: 10 }
  input_tokens: { distribution: uniform, min: 50, max: 400 }
  output_tokens: { distribution: uniform, min: 2, max: 20 }
  num_requests: )" +
         std::to_string(requests) + "\n" + more;
}

}  // namespace blis
