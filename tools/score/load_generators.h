// What load generators do that the cases measured with them leave out.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace blis {

struct LoadGenerator {
  std::string_view name;                    // as in generator_ref
  double shortest = 1;                      // lengths are uniform from this share of the nominal one up
  std::int64_t prompts = 10, warm_ups = 0;  // of a closed loop, for each user
  bool greedy = false;                      // sends temperature 0, so nothing is selected or sorted
};

constexpr std::array kLoadGenerators{
    // benchmark_serving.py of InferenceX: --random-range-ratio 0.8, 10 C prompts, 2 C warm-ups;
    // backend_request_func.py sends "temperature": 0.0.
    LoadGenerator{"inferencex-random", 0.8, 10, 2, true},
    LoadGenerator{"nvidia-fixed-concurrency", 1.0, 10, 2, false},
};

// One that nobody knows has fixed lengths, ten prompts a user and no warm-up.
constexpr LoadGenerator find_generator(std::string_view name) {
  for (const LoadGenerator& generator : kLoadGenerators) {
    if (generator.name == name) return generator;
  }
  return {name};
}

}  // namespace blis
