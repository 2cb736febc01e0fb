// Whatever the bytes, the reader of FORMAT gives rows that hold its promises or throws InputError.

#include <cstdlib>
#include <string_view>

#include "blis/error.hpp"
#include "tests/fuzz/memory_bytes.h"
#include "workloads/bad_row.h"
#include "workloads/trace_formats.h"

namespace {

const blis::TraceFormat& format_of(const blis::LineReader& lines) {
  for (const blis::TraceFormat& format : blis::trace_formats()) {
    if (format.name == std::string_view(FORMAT)) return format;
  }
  return blis::detect_format(lines);
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const blis::TraceRow& row) {
  const auto possible = [](std::int64_t tokens, std::int64_t least) {
    return tokens >= least && tokens <= blis::kMaxTokensPerRequest;
  };
  require(possible(row.input_tokens, 1) && possible(row.output_tokens, 0));
  require(!row.stamp || row.stamp->count() >= 0);
  require(!row.wait || (row.wait->count() >= 0 && (row.session != 0 || !row.waits_for.empty())));
  std::int64_t in_runs = 0;
  for (const blis::ContentRun& run : row.prompt) {
    require(run.tokens > 0);
    in_runs += run.tokens;
  }
  require(row.prompt.empty() || in_runs == row.input_tokens);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kMostRows = 5000;    // generated ones (ServeGen) can be many
  constexpr int kMostBadRows = 200;  // each costs as much as thousands of good ones
  try {
    blis::LineReader lines(std::make_unique<blis::MemoryBytes>(data, size), "fuzz");
    const blis::TraceFormat& format = format_of(lines);
    const auto reader = format.open(std::move(lines), {});
    int bad_rows = 0;
    for (int i = 0; i < kMostRows && bad_rows < kMostBadRows; ++i) {
      blis::TraceRow row;
      try {
        if (!reader->next(row)) break;
        check(row);
        static_cast<void>(reader->place());
      } catch (const blis::BadRow& bad) {
        require(!bad.problems().empty());
        ++bad_rows;
      }
    }
    static_cast<void>(reader->warnings());
  } catch (const blis::InputError& error) {
    require(!error.problems().empty());
  }
  return 0;
}
