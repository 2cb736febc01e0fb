// The rest of a scenario whose traffic does not matter: a step to price, a measured case to replay.
#pragma once

#include <string_view>

namespace blis {

// A scenario must have a workload.
constexpr std::string_view kNoWorkload = R"(version: 1
workload:
  kind: synthetic
  num_requests: 1
  arrival: { process: at_once }
  input_tokens: { distribution: constant, value: 1 }
  output_tokens: { distribution: constant, value: 1 }
)";

}  // namespace blis
