// inference-perf's per_request_lifecycle_metrics.json, results as a trace: a list of start_time
// (seconds), info with the token counts, and error.
// Source: github.com/kubernetes-sigs/inference-perf.

#include <fmt/format.h>

#include "workloads/json_document.h"
#include "workloads/json_rows.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// What a replay does not ask for, and most of the file.
constexpr KeepRule kIdleOfInferencePerf[] = {{"output_token_times", Keep::nothing}};

class InferencePerfReader : public TraceReader {
 public:
  explicit InferencePerfReader(LineReader lines) : document_(std::move(lines), kIdleOfInferencePerf) {
    simdjson::dom::array list;
    if (document_.root().get(list) != simdjson::SUCCESS) {
      fail_file(document_.place(), {.message = "this is not a JSON list"});
    }
    requests_.assign(list.begin(), list.end());
  }

  bool next(TraceRow& row) override {
    while (next_ < requests_.size()) {
      const std::string path = fmt::format("[{}]", next_);
      const simdjson::dom::element request = requests_[next_++];
      simdjson::dom::element value;
      const bool failed = request["error"].get(value) == simdjson::SUCCESS && !value.is_null();
      if (!failed)
        row.output_tokens =
            count(request, path, {"/info/response_metrics/output_tokens", "/info/output_tokens"});
      if (failed || row.output_tokens == 0) {
        ++failed_;
        continue;
      }
      row.input_tokens =
          count(request, path, {"/info/request_metrics/text/input_tokens", "/info/input_tokens"});
      if (row.input_tokens == 0) document_.reject(path + ".info.input_tokens", describe(kTokenRange), "0");
      if (request["start_time"].get(value) != simdjson::SUCCESS) {
        document_.reject(path + ".start_time", "seconds", "nothing");
      }
      row.stamp = document_.seconds(path + ".start_time", value);
      return true;
    }
    return false;
  }

  Place place() const override { return document_.place(); }

  std::vector<std::string> warnings() const override {
    if (failed_ == 0) return {};
    return {fmt::format("{} failed requests were left out", failed_)};
  }

 private:
  // At the first of the places (JSON pointers) where versions of the tool put it.
  std::int64_t count(simdjson::dom::element request, const std::string& path,
                     std::initializer_list<std::string_view> pointers) const {
    for (const std::string_view pointer : pointers) {
      simdjson::dom::element value;
      if (request.at_pointer(pointer).get(value) == simdjson::SUCCESS && !value.is_null()) {
        return document_.integer(path + std::string(pointer), value, kTokensOrNone);
      }
    }
    document_.reject(path + std::string(*pointers.begin()), describe(kTokenRange), "nothing");
  }

  JsonDocument document_;
  std::vector<simdjson::dom::element> requests_;
  std::size_t next_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace

bool is_inference_perf(const TraceHead& head) {
  return mentions(head, '[', {"start_time", "end_time", "info"});
}

std::unique_ptr<TraceReader> open_inference_perf(LineReader lines, const ReaderOptions&) {
  return std::make_unique<InferencePerfReader>(std::move(lines));
}

}  // namespace blis
