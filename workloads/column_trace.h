// A reader for traces that are plain CSV columns: an arrival time, prompt and output lengths.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "workloads/csv_rows.h"
#include "workloads/trace_reader.h"
#include "workloads/unique_ids.h"

namespace blis {

struct TimeColumn {
  std::string_view name;
  Duration unit;
};

// What a row without prompt or output tokens means.
enum class ZeroTokens : std::uint8_t {
  error,
  failed,  // a request that failed: left out and counted
  one,     // the format's own tools read it as one token; counted
};

// Alternatives are tried in order; the first column that is there counts.
struct ColumnFormat {
  std::span<const TimeColumn> arrival;  // none there: the trace has no times
  std::span<const std::string_view> input;
  std::span<const std::string_view> output;
  std::string_view id{};                        // a whole number that no other row has
  std::span<const std::string_view> session{};  // a text; equal texts are one conversation
  ZeroTokens zeros = ZeroTokens::error;
};

class ColumnReader : public TraceReader {
 public:
  // Throws InputError if a length column is missing.
  ColumnReader(LineReader lines, const ColumnFormat& format);

  bool next(TraceRow& row) override;
  Place place() const override { return arrival_ ? rows_.place(*arrival_) : rows_.place(); }
  std::vector<std::string> warnings() const override;

 protected:
  const CsvRows& rows() const { return rows_; }
  // Whether the current row is a request at all; a format may leave some out.
  virtual bool is_request() { return true; }

 private:
  CsvRows rows_;
  std::optional<std::size_t> arrival_;
  Duration unit_{};
  std::size_t input_, output_;
  std::optional<std::size_t> session_, id_;
  UniqueIds ids_;
  ZeroTokens zeros_;
  std::int64_t zero_rows_ = 0;
};

// Throws BadRow if the current row has an id that an earlier one had.
void check_unique(const CsvRows& rows, std::size_t column, UniqueIds& ids);

// A nonzero number for a name: 64 bits of hash, so that different names practically never meet.
std::uint64_t number_of_name(std::string_view name);

}  // namespace blis
