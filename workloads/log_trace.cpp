// Any log whose rows name when a request arrived and how long its prompt and its answer were: CSV, TSV, `;`
// or JSON lines, under the usual names or those that `columns` gives.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "workloads/column_trace.h"
#include "workloads/log_clock.h"
#include "workloads/log_columns.h"
#include "workloads/log_rows.h"
#include "workloads/parse_number.h"
#include "workloads/row_filter.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

Duration stated_unit(const std::string& name) {
  if (const auto unit = unit_named(name)) return *unit;
  fail_usage({.message = "there is no such unit of time", .expected = "one of s, ms, us, ns", .got = name});
}

class LogReader : public TraceReader {
 public:
  LogReader(std::unique_ptr<LogRows> rows, const LogView& view)
      : rows_(std::move(rows)), columns_(find_columns(*rows_, view.columns)), filter_(view.where, *rows_) {
    if (view.columns.unit) {
      clock_ = LogClock(stated_unit(*view.columns.unit));
    } else if (columns_.arrival) {
      clock_ = LogClock(unit_of_column(rows_->columns()[*columns_.arrival]));
    }
  }

  bool next(TraceRow& row) override {
    while (rows_->next()) {
      if (!filter_.keeps(*rows_)) continue;
      row.input_tokens = integer(columns_.input, kTokenRange);
      row.output_tokens = integer(columns_.output, kTokenRange);
      if (columns_.arrival) row.stamp = arrival();
      if (columns_.session) {
        if (const auto name = rows_->text(*columns_.session)) row.session = number_of_name(*name);
      }
      if (columns_.priority && rows_->text(*columns_.priority)) {
        using Priority = std::numeric_limits<std::int32_t>;
        row.priority =
            static_cast<std::int32_t>(integer(*columns_.priority, {Priority::min(), Priority::max()}));
      }
      return true;
    }
    if (filter_.kept_none()) fail_file(rows_->place(), {.message = filter_.note() + ": none is left"});
    return false;
  }

  Place place() const override { return columns_.arrival ? rows_->place(*columns_.arrival) : rows_->place(); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (const std::string assumption = clock_.assumption(); !assumption.empty()) {
      all.push_back(fmt::format("`{}` is taken for {}", rows_->columns()[*columns_.arrival], assumption));
    }
    if (std::string note = filter_.note(); !note.empty()) all.push_back(std::move(note));
    return all;
  }

  std::string hint_without_times() const override { return hint_for_times(*rows_, columns_); }
  std::string hint_about_order() const override {
    return clock_.is_local() ? "times without a zone go back where summer time ends: write them with one"
                             : "";
  }

 private:
  [[noreturn]] void reject(std::size_t column, Complaint complaint) const {
    fail_row(rows_->place(column), std::move(complaint));
  }

  std::string_view required(std::size_t column) const {
    if (const auto text = rows_->text(column)) return *text;
    fail_row(rows_->place(), {.message = fmt::format("this row has no `{}`", rows_->columns()[column])});
  }

  std::int64_t integer(std::size_t column, IntegerRange range) const {
    const std::string_view text = required(column);
    const std::optional<std::int64_t> value = parse_integer(text);
    if (value && *value >= range.min && *value <= range.max) return *value;
    reject(column, {.message = fmt::format("bad `{}`", rows_->columns()[column]),
                    .expected = describe(range),
                    .got = excerpt(text),
                    .hint = value == 0 ? hint_for_failures() : ""});
  }

  // A row without tokens is mostly one that failed.
  std::string hint_for_failures() const {
    for (const char* const name : {"status", "status_code", "code", "http_status"}) {
      if (std::ranges::find(rows_->columns(), name) != rows_->columns().end()) {
        return fmt::format("--where leaves out what failed, as in --where {}=200", name);
      }
    }
    return "--where leaves rows out, as in --where COLUMN=VALUE; --skip-bad-rows all that cannot be read";
  }

  Duration arrival() {
    const std::string_view text = required(*columns_.arrival);
    Complaint complaint;
    if (const auto time = clock_.read(text, complaint)) return *time;
    complaint.got = excerpt(text);
    reject(*columns_.arrival, std::move(complaint));
  }

  std::unique_ptr<LogRows> rows_;
  LogColumns columns_;
  RowFilter filter_;
  LogClock clock_;
};

bool is_number(std::string_view text) {
  return parse_real(text).has_value();
}

// A first line of names, and a second of as many fields.
bool is_table(const TraceHead& head) {
  constexpr std::size_t kFewest = 3, kMost = 1000;
  CsvLine names;
  names.separator = separator_of(head.first_line);
  if (!names.split(head.first_line, kMost) || names.count < kFewest) return false;
  if (std::ranges::any_of(names.fields,
                          [](std::string_view name) { return name.empty() || is_number(name); }))
    return false;
  const std::size_t end = head.text.find('\n');
  if (end == std::string_view::npos) return false;
  const std::string_view rest = head.text.substr(end + 1);
  CsvLine values;
  values.separator = names.separator;
  return values.split(rest.substr(0, rest.find('\n')), kMost) && values.count == names.count;
}

bool has_known_lengths(const TraceHead& head) {
  constexpr std::size_t kMost = 1000;
  CsvLine names;
  names.separator = separator_of(head.first_line);
  return names.split(head.first_line, kMost) && std::ranges::any_of(names.fields, is_input_name) &&
         std::ranges::any_of(names.fields, is_output_name);
}

}  // namespace

bool is_csv(const TraceHead& head) {
  return !head.first_line.starts_with('{') && !head.first_line.starts_with('[') &&
         (has_known_lengths(head) || is_table(head));
}

std::unique_ptr<TraceReader> open_csv(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<LogReader>(table_rows(std::move(lines)), options.log);
}

bool is_jsonl(const TraceHead& head) {
  return head.first_line.starts_with('{') && head.first_line.ends_with('}') && head.first_line.size() > 2;
}

std::unique_ptr<TraceReader> open_jsonl(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<LogReader>(json_line_rows(std::move(lines)), options.log);
}

}  // namespace blis
