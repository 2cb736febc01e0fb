// The lengths of the requests of a trace, for drawing from them again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace blis {

struct LengthPair {
  std::int32_t input = 0;
  std::int32_t output = 0;
};

// Of every row of `path`, a trace of any format. Throws InputError, also for a trace without rows.
std::vector<LengthPair> read_lengths(const std::string& path);

}  // namespace blis
