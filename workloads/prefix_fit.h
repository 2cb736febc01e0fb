// Shared beginnings of prompts that give a trace's prefix reuse.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/prefix_reuse.h"
#include "workloads/workload_spec.h"

namespace blis {

// Tokens of the finite caches whose hits the fit looks at beside those of an infinite one: what one
// GPU holds, and what a node with memory to spill to does.
constexpr std::array<std::int64_t, 2> kFittedCaches{1'000'000, 10'000'000};

struct PrefixFit {
  PrefixSpec prefix{};
  std::string goodness{};  // a sentence: what it is, and how far it is off
};

// `traffic` is the workload so far, with one client that has no prefix. `input`: tokens of the trace's
// prompts. `observed` has seen them, with kFittedCaches, and some reuse. `beginnings`: how many different
// first blocks occur more than once. How many beginnings there are is chosen so that caches of either
// size hit as often as with the trace: few are hit at once, many only by a large cache.
PrefixFit fit_prefix(const SyntheticSpec& traffic, const std::vector<double>& input,
                     const PrefixReuse& observed, std::int64_t beginnings);

}  // namespace blis
