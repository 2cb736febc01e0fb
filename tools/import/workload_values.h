// Values of a workload's keys, as YAML has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace blis {

// Lengths, from 1 on.
std::string constant_value(double value);
std::string uniform_value(double least, double most);  // whole numbers, both included
// Constant where the deviation is 0. The bounds are those of the draws.
std::string normal_value(double mean, double stddev, std::optional<double> least = {},
                         std::optional<double> most = {});

// Arrivals.
std::string at_once_value();
// Gaps of vLLM's benchmark: exponential, scaled so that all requests take requests / rate seconds; gamma with
// a burstiness other than 1.
std::string vllm_arrival_value(double rate, double burstiness);
std::string poisson_value(double rate);
std::string even_value(double rate);
std::string closed_loop_value(std::int64_t users);

// Rates that rise from one to the other over `requests` requests, as vLLM's --ramp-up-strategy has them: by
// the number of the request, `linear` or else exponential. As straight lines in time.
std::string ramp_up_value(bool linear, double from, double to, double requests, double burstiness);

}  // namespace blis
