// guidellm's benchmarks.json, results as a trace: benchmarks, one after another, each with its requests that
// succeeded, were cut off or failed. Times are seconds since 1970.
// Source: github.com/vllm-project/guidellm.

#include <fmt/format.h>

#include "workloads/json_document.h"
#include "workloads/json_rows.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// What a replay does not ask for, and most of the file: with its sample of arguments and texts.
constexpr KeepRule kIdleOfGuidellm[] = {
    {"request_args", Keep::nothing}, {"prompt", Keep::nothing}, {"output", Keep::nothing}};

class GuidellmReader : public TraceReader {
 public:
  explicit GuidellmReader(LineReader lines) : document_(std::move(lines), kIdleOfGuidellm) {
    simdjson::dom::array benchmarks;
    if (document_.root()["benchmarks"].get(benchmarks) != simdjson::SUCCESS) {
      fail_file(document_.place(), {.message = "there is no list `benchmarks`"});
    }
    for (const simdjson::dom::element benchmark : benchmarks) add(benchmark, benchmarks_++);
    if (requests_.empty() && left_out_ == 0) {
      fail_file(document_.place(),
                {.message = "there are no `requests` in this file: only summaries were saved",
                 .hint = "guidellm keeps them unless it is told to keep a sample"});
    }
  }

  bool next(TraceRow& row) override {
    while (next_ < requests_.size()) {
      const auto& [path, request] = requests_[next_++];
      row.output_tokens = count(request, path, {"output_tokens", "generated_tokens_count"});
      if (row.output_tokens == 0) {
        ++left_out_;
        continue;
      }
      row.input_tokens = count(request, path, {"prompt_tokens", "input_tokens"});
      if (row.input_tokens == 0) document_.reject(path + ".prompt_tokens", describe(kTokenRange), "0");
      const auto [key, start] = first_of(request, {"request_start_time", "start_time"});
      if (key.empty()) document_.reject(path + ".request_start_time", "seconds", "nothing");
      row.stamp = document_.seconds(fmt::format("{}.{}", path, key), start);
      return true;
    }
    return false;
  }

  Place place() const override { return document_.place(); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (benchmarks_ > 1)
      all.push_back(fmt::format("{} benchmarks are replayed one after another", benchmarks_));
    if (left_out_ > 0) all.push_back(fmt::format("{} failed requests were left out", left_out_));
    return all;
  }

 private:
  struct Request {
    std::string path;
    simdjson::dom::element value;
  };

  // Newer files sort requests by how they ended.
  void add(simdjson::dom::element benchmark, std::size_t index) {
    simdjson::dom::array list;
    const auto append = [&](const std::string& path) {
      std::size_t i = 0;
      for (const simdjson::dom::element request : list)
        requests_.push_back({fmt::format("{}[{}]", path, i++), request});
    };
    if (benchmark["requests"].get(list) == simdjson::SUCCESS) {
      append(fmt::format("benchmarks[{}].requests", index));
      return;
    }
    if (benchmark["requests"]["successful"].get(list) == simdjson::SUCCESS) {
      append(fmt::format("benchmarks[{}].requests.successful", index));
    }
    for (const char* const other : {"errored", "incomplete"}) {
      if (benchmark["requests"][other].get(list) == simdjson::SUCCESS) {
        left_out_ += static_cast<std::int64_t>(list.size());
      }
    }
  }

  // The first key that has a value; empty if none has.
  static std::pair<std::string_view, simdjson::dom::element> first_of(
      simdjson::dom::element request, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
      simdjson::dom::element value;
      if (request[key].get(value) == simdjson::SUCCESS && !value.is_null()) return {key, value};
    }
    return {};
  }

  std::int64_t count(simdjson::dom::element request, const std::string& path,
                     std::initializer_list<std::string_view> keys) const {
    const auto [key, value] = first_of(request, keys);
    if (key.empty())
      document_.reject(fmt::format("{}.{}", path, *keys.begin()), describe(kTokenRange), "nothing");
    return document_.integer(fmt::format("{}.{}", path, key), value, kTokensOrNone);
  }

  JsonDocument document_;
  std::vector<Request> requests_;
  std::size_t next_ = 0, benchmarks_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace

bool is_guidellm(const TraceHead& head) {
  return mentions(head, '{', {"benchmarks"}) &&
         (head.text.find("guidellm") != std::string_view::npos || mentions(head, '{', {"successful"}) ||
          mentions(head, '{', {"prompt_tokens", "output_tokens"}) || mentions(head, '{', {"strategy"}));
}

std::unique_ptr<TraceReader> open_guidellm(LineReader lines, const ReaderOptions&) {
  return std::make_unique<GuidellmReader>(std::move(lines));
}

}  // namespace blis
