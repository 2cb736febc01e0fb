// A deployment of an 8B model and twenty requests, with lines of YAML between the GPU and the workload.
#pragma once

#include <string>

#include "scenarios/build.h"

namespace blis {

// The lines begin in line 4.
inline ScenarioSettings small_deployment(const std::string& lines) {
  return parse_settings(
      "version: 1\nmodel: meta-llama/Llama-3.1-8B-Instruct\nhardware: { gpu: H100 }\n" + lines +
          "workload: { kind: synthetic, num_requests: 20, arrival: { process: poisson, request_rate: 5 }, "
          "input_tokens: { distribution: constant, value: 500 }, "
          "output_tokens: { distribution: constant, value: 20 } }\n",
      "s.yaml", "");
}

}  // namespace blis
