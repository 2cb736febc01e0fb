// BLIS TraceV2: a CSV of requests (times in microseconds) and a YAML header beside it. The columns
// say all that a replay needs; of the header, its version and unit of time are checked if it is there.
// A prefix group's prompt stands in front of and beside the input tokens.
// Source: github.com/inference-sim/inference-sim, sim/workload/tracev2.go and replay.go.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "workloads/column_trace.h"
#include "workloads/csv_rows.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

class TraceV2Reader : public TraceReader {
 public:
  explicit TraceV2Reader(LineReader lines)
      : rows_(std::move(lines)),
        arrival_(rows_.column("arrival_time_us")),
        input_(rows_.column("input_tokens")),
        output_(rows_.column("output_tokens")),
        id_(rows_.find_column("request_id")),
        send_(rows_.find_column("send_time_us")),
        server_input_(rows_.find_column("server_input_tokens")),
        prefix_group_(rows_.find_column("prefix_group")),
        prefix_length_(rows_.find_column("prefix_length")),
        session_(rows_.find_column("session_id")),
        round_(rows_.find_column("round_index")),
        think_time_(rows_.find_column("think_time_us")),
        deadline_(rows_.find_column("deadline_us")),
        priority_(rows_.find_column("vllm_priority")) {}

  bool next(TraceRow& row) override {
    while (rows_.next()) {
      if (id_) check_unique(rows_, *id_, ids_);
      row.output_tokens = rows_.integer(output_, kTokensOrNone);
      if (row.output_tokens == 0) {
        ++failed_;
        continue;
      }
      row.stamp = time(arrival_);
      if (has(send_) && time(*send_) > 0ns) row.stamp = time(*send_);
      read_prompt(row);
      if (has(session_)) row.session = number_of_name(rows_.text(*session_));
      const bool follows = row.session != 0 && has(round_) && rows_.integer(*round_, {0, 1'000'000}) > 0;
      if (follows && has(think_time_) && time(*think_time_) > 0ns) row.wait = time(*think_time_);
      if (has(deadline_) && time(*deadline_) > *row.stamp) row.timeout = time(*deadline_) - *row.stamp;
      if (has(priority_))
        row.priority = static_cast<std::int32_t>(rows_.integer(*priority_, {-1'000'000, 1'000'000}));
      return true;
    }
    return false;
  }

  Place place() const override { return rows_.place(arrival_); }
  FollowUps follow_ups() const override { return think_time_ ? FollowUps::anywhere : FollowUps::none; }

  std::vector<std::string> warnings() const override {
    if (failed_ == 0) return {};
    return {fmt::format("{} rows without output tokens (failed requests) were left out", failed_)};
  }

 private:
  bool has(const std::optional<std::size_t>& column) const { return column && !rows_.text(*column).empty(); }
  Duration time(std::size_t column) const { return rows_.duration(column, 1us); }

  void read_prompt(TraceRow& row) {
    row.input_tokens = rows_.integer(input_, kTokensOrNone);
    std::int64_t prefix = 0;
    if (has(prefix_group_)) {
      if (has(prefix_length_)) prefix = rows_.integer(*prefix_length_, kTokensOrNone);
    } else if (has(server_input_)) {
      // What the server counted includes the chat template.
      const std::int64_t counted = rows_.integer(*server_input_, kTokensOrNone);
      if (counted > 0) row.input_tokens = counted;
    }
    if (prefix > 0) {
      row.prompt.push_back({number_of_name(rows_.text(*prefix_group_)), static_cast<std::int32_t>(prefix)});
      if (row.input_tokens > 0)
        row.prompt.push_back({kPrivateContent, static_cast<std::int32_t>(row.input_tokens)});
      row.input_tokens += prefix;
    }
    if (row.input_tokens < kTokenRange.min || row.input_tokens > kTokenRange.max) {
      rows_.reject(input_, "bad `input_tokens`", describe(kTokenRange));
    }
  }

  CsvRows rows_;
  std::size_t arrival_, input_, output_;
  std::optional<std::size_t> id_, send_, server_input_, prefix_group_, prefix_length_, session_, round_,
      think_time_, deadline_, priority_;
  UniqueIds ids_;
  std::int64_t failed_ = 0;
};

std::string_view unquoted(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\"'");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\"'") - first + 1);
}

// The scalar at the top level of the header that `key` names. Only two plain scalars are needed of a
// machine-written file, so this is no YAML parser.
std::string header_value(LineReader lines, std::string_view key) {
  for (std::string_view line; lines.next(line);) {
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") continue;
    const std::string_view value = line.substr(key.size() + 1);
    return std::string(unquoted(value.substr(0, value.find(" #"))));
  }
  return {};
}

void check_header(const std::string& path) {
  const std::string unit = header_value(LineReader(path), "time_unit");
  if (!unit.empty() && unit != "us" && unit != "microseconds") {
    fail_file({.file = path}, {.message = "this TraceV2 header has another unit of time",
                               .expected = "time_unit: microseconds",
                               .got = excerpt(unit)});
  }
}

// The file of the same name with another ending, if it is there.
std::string beside(const std::string& path, std::initializer_list<const char*> endings) {
  for (const char* ending : endings) {
    const std::filesystem::path other = std::filesystem::path(path).replace_extension(ending);
    if (std::filesystem::exists(other)) return other.string();
  }
  return {};
}

bool is_header(std::string_view text) {
  return text.starts_with("trace_version:") || text.find("\ntrace_version:") != std::string_view::npos;
}

}  // namespace

bool is_tracev2(const TraceHead& head) {
  return is_header(head.text) ||
         has_columns(head, {"request_id", "arrival_time_us", "input_tokens", "output_tokens"});
}

std::unique_ptr<TraceReader> open_tracev2(LineReader lines, const ReaderOptions&) {
  if (is_header(lines.head())) {  // the header was named instead of the data
    check_header(lines.name());
    const std::string data = beside(lines.name(), {".csv", ".csv.gz", ".csv.zst"});
    if (data.empty()) {
      fail_file(lines.place(), {.message = "this is a TraceV2 header, and its data are not beside it",
                                .expected = "a file of the same name that ends in .csv"});
    }
    return std::make_unique<TraceV2Reader>(LineReader(data));
  }
  const std::string header = beside(lines.name(), {".yaml", ".yml"});
  if (!header.empty()) check_header(header);
  return std::make_unique<TraceV2Reader>(std::move(lines));
}

}  // namespace blis
