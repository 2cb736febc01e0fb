// AIPerf's profile_export.jsonl, results as a trace: one object a request, with
// metadata.request_start_ns and metrics.input_sequence_length and output_sequence_length. Versions before 0.2
// call the first timestamp_ns, and the phase of a request credit_phase. Source: github.com/ai-dynamo/aiperf.

#include <fmt/format.h>

#include <unordered_set>

#include "workloads/column_trace.h"
#include "workloads/json_rows.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

class AiperfReader : public TraceReader {
 public:
  explicit AiperfReader(LineReader lines) : rows_(std::move(lines)) {}

  bool next(TraceRow& row) override {
    while (rows_.next()) {
      simdjson::dom::element value;
      const auto error = rows_.object()["error"].get(value);
      if (error == simdjson::SUCCESS && !value.is_null()) {
        ++failed_;
        continue;
      }
      const simdjson::dom::object metadata = member(rows_.object(), "metadata");
      if (is_warm_up(metadata)) {
        ++warm_up_;
        continue;
      }
      if (metadata["x_request_id"].get(value) == simdjson::SUCCESS && !value.is_null() &&
          !ids_.insert(number_of_name(rows_.text("x_request_id", value))).second) {
        rows_.reject("x_request_id", "an earlier row has the same `x_request_id`", "ids that differ");
      }
      start_ =
          metadata["request_start_ns"].error() == simdjson::SUCCESS ? "request_start_ns" : "timestamp_ns";
      if (metadata[start_].get(value) != simdjson::SUCCESS) rows_.missing("request_start_ns");
      row.stamp = rows_.duration(start_, value, 1ns);
      const bool has_conversation =
          metadata["conversation_id"].get(value) == simdjson::SUCCESS && value.is<std::string_view>();
      if (has_conversation) row.session = number_of_name(rows_.text("conversation_id", value));
      const simdjson::dom::object metrics = member(rows_.object(), "metrics");
      row.input_tokens = metric(metrics, "input_sequence_length");
      row.output_tokens = metric(metrics, "output_sequence_length");
      return true;
    }
    return false;
  }

  Place place() const override { return rows_.place(start_); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (failed_ > 0) all.push_back(fmt::format("{} failed requests were left out", failed_));
    if (warm_up_ > 0) all.push_back(fmt::format("{} warm-up requests were left out", warm_up_));
    return all;
  }

 private:
  simdjson::dom::object member(simdjson::dom::object object, std::string_view key) const {
    simdjson::dom::element value;
    simdjson::dom::object found;
    if (object[key].get(value) != simdjson::SUCCESS) rows_.missing(key);
    if (value.get(found) != simdjson::SUCCESS) {
      rows_.reject(key, fmt::format("bad `{}`", key), "an object", shown(value));
    }
    return found;
  }

  std::int64_t metric(simdjson::dom::object metrics, std::string_view key) const {
    simdjson::dom::element value;
    if (member(metrics, key)["value"].get(value) != simdjson::SUCCESS) rows_.missing("value");
    return rows_.integer(key, value, kTokenRange);
  }

  bool is_warm_up(simdjson::dom::object metadata) const {
    for (const std::string_view key : {"benchmark_phase", "credit_phase"}) {
      simdjson::dom::element value;
      if (metadata[key].get(value) == simdjson::SUCCESS && !value.is_null()) {
        return rows_.text(key, value) == "warmup";
      }
    }
    return false;
  }

  JsonRows rows_;
  std::string_view start_ = "request_start_ns";  // as the last row calls it
  std::unordered_set<std::uint64_t> ids_;
  std::int64_t failed_ = 0, warm_up_ = 0;
};

}  // namespace

bool is_aiperf(const TraceHead& head) {
  return has_keys(head, {"metadata", "metrics", "input_sequence_length"}) &&
         (has_keys(head, {"request_start_ns"}) || has_keys(head, {"timestamp_ns"}));
}

std::unique_ptr<TraceReader> open_aiperf(LineReader lines, const ReaderOptions&) {
  return std::make_unique<AiperfReader>(std::move(lines));
}

}  // namespace blis
