// Numbers as vLLM's flags take them: 32k, 25.6k, 1M.
#pragma once

#include "scenarios/scalar.h"

namespace blis {

// A whole number, or one with a suffix: k, m, g and t stand for thousands and may follow a fraction (25.6k is
// 25,600); K, M, G and T for powers of 1,024, after whole numbers alone. Source: human_readable_int of
// vllm/engine/arg_utils.py.
Parsed<std::int64_t> human_readable_integer(std::string_view text);

// What `auto` and -1 stand for where a number of tokens may be left to the engine.
constexpr std::int64_t kAutomatic = -1;

}  // namespace blis
