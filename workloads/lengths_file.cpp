#include "workloads/lengths_file.h"

#include "workloads/bad_row.h"
#include "workloads/trace_formats.h"

namespace blis {

std::vector<LengthPair> read_lengths(const std::string& path) {
  const OpenedTrace trace = open_trace(path);
  std::vector<LengthPair> lengths;
  for (TraceRow row; row.clear(), trace.reader->next(row);) {
    lengths.push_back(
        {static_cast<std::int32_t>(row.input_tokens), static_cast<std::int32_t>(row.output_tokens)});
  }
  if (lengths.empty()) fail_file({.file = path}, {.message = "this trace has no rows to draw lengths from"});
  return lengths;
}

}  // namespace blis
