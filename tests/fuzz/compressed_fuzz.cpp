// Whatever the bytes, reading them as a possibly compressed text ends: with lines or an InputError.

#include "blis/error.hpp"
#include "tests/fuzz/memory_bytes.h"
#include "workloads/line_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kMostLines = 100'000;  // a bomb of a few bytes can hold far more
  try {
    blis::LineReader lines(blis::decompress(std::make_unique<blis::MemoryBytes>(data, size), "fuzz"), "fuzz");
    for (std::string_view line; lines.line_number() < kMostLines && lines.next(line);) {
    }
  } catch (const blis::InputError&) {
  }
  return 0;
}
