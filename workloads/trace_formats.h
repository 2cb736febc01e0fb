// The trace formats: a row each. To add one, write NAME_trace.cpp, declare its two functions in
// trace_readers.h and add a row to kTraceFormats.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/column_mapping.h"
#include "workloads/line_reader.h"
#include "workloads/trace_reader.h"

namespace blis {

// The beginning of a file, for recognising its format.
struct TraceHead {
  std::string_view text;        // at least 64 KiB, or the whole file
  std::string_view first_line;  // without its end; cut at the end of `text`
};

// What some formats need to know beyond the file.
struct ReaderOptions {
  std::uint64_t seed = 0;  // of formats that describe traffic instead of listing it
  std::optional<double> tokens_per_image;
  std::optional<double> chars_per_token;
  bool encodes_items = false;           // images are encoded, and not only counted as tokens
  bool grammars = false;                // requests may have structured output
  std::vector<std::string> adapters{};  // that they may name, by AdapterIndex from 1 on
  LogView log{};                        // of formats that are `by_columns`
};

// In which order a format's rows lie.
enum class RowOrder : std::uint8_t {
  arrival,     // a time stamp that goes back is an error, unless the user asks to sort
  completion,  // results of benchmarks: sorted on load
};

struct TraceFormat {
  std::string_view name;         // as in `workload.format`
  std::string_view description;  // one line
  bool (*detect)(const TraceHead& head);
  std::unique_ptr<TraceReader> (*open)(LineReader lines, const ReaderOptions& options);
  RowOrder order = RowOrder::arrival;
  bool draws = false;       // rows depend on ReaderOptions::seed
  bool by_columns = false;  // its columns are found by name: ReaderOptions::log means something
};

// In the order in which detection tries them.
std::span<const TraceFormat> trace_formats();

// The first row that recognises the content. Throws InputError (io) if none does.
const TraceFormat& detect_format(const LineReader& lines);

struct OpenedTrace {
  const TraceFormat* format;
  std::unique_ptr<TraceReader> reader;
};

// Opens `path` as `format`, a name of the table or "auto": by content. Throws InputError: usage for an
// unknown format name and for columns of a format that has its own, io for the rest.
OpenedTrace open_trace(const std::string& path, std::string_view format = "auto",
                       const ReaderOptions& options = {});

}  // namespace blis
