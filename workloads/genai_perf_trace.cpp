// genai-perf's profile_export.json, results as a trace: perf-analyzer's experiments, each with requests that
// have a time (nanoseconds), a payload and the times of their answers' chunks. There are no token counts: a
// prompt is its text over `chars_per_token`, an answer one token a chunk. Source:
// github.com/triton-inference-server/perf_analyzer, genai-perf.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "workloads/json_elements.h"
#include "workloads/json_values.h"
#include "workloads/token_guess.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

class GenaiPerfReader : public TraceReader {
 public:
  GenaiPerfReader(LineReader lines, const ReaderOptions& options)
      : requests_(std::move(lines), "requests"), guess_(options.chars_per_token) {}

  bool next(TraceRow& row) override {
    simdjson::dom::element request;
    while (requests_.next(request)) {
      const std::string path = fmt::format("requests[{}]", requests_.count() - 1);
      simdjson::dom::array answers;
      if (request["response_timestamps"].get(answers) != simdjson::SUCCESS || answers.size() == 0) {
        ++failed_;
        continue;
      }
      row.output_tokens = static_cast<std::int64_t>(answers.size());
      row.input_tokens = std::max<std::int64_t>(1, guess_.tokens(prompt(request, path)));
      if (row.output_tokens > kTokenRange.max || row.input_tokens > kTokenRange.max) {
        requests_.reject(path, "a request of at most 100000000 tokens", "more");
      }
      simdjson::dom::element start;
      if (request["timestamp"].get(start) != simdjson::SUCCESS) {
        requests_.reject(path + ".timestamp", "nanoseconds", "nothing");
      }
      const std::optional<std::int64_t> nanoseconds = whole_number(start);
      if (!nanoseconds || *nanoseconds < 0 || *nanoseconds > 9'000'000'000'000'000'000)
        requests_.reject(path + ".timestamp", "nanoseconds", shown(start));
      row.stamp = Duration{*nanoseconds};
      return true;
    }
    if (!requests_.found_list()) fail_file(requests_.place(), {.message = "there is no list `requests`"});
    return false;
  }

  Place place() const override { return requests_.place(); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all = guess_.warnings();
    all.emplace_back("an answer counts as many tokens as it had chunks");
    if (failed_ > 0) all.push_back(fmt::format("{} requests without an answer were left out", failed_));
    return all;
  }

 private:
  // What the payload, itself JSON, says to the model.
  std::string prompt(simdjson::dom::element request, const std::string& path) {
    std::string_view payload;
    if (request["request_inputs"]["payload"].get(payload) != simdjson::SUCCESS) {
      requests_.reject(path + ".request_inputs.payload", "the text that was sent", "nothing");
    }
    simdjson::dom::element sent;
    if (payload_parser_.parse(payload.data(), payload.size()).get(sent) != simdjson::SUCCESS)
      return std::string(payload);
    std::string text;
    std::string_view part;
    simdjson::dom::array messages;
    if (sent["prompt"].get(part) == simdjson::SUCCESS) text += part;
    if (sent["messages"].get(messages) == simdjson::SUCCESS) {
      for (const simdjson::dom::element message : messages) {
        if (message["content"].get(part) == simdjson::SUCCESS) text += part;
      }
    }
    return text.empty() ? std::string(payload) : text;
  }

  JsonElements requests_;
  TokenGuess guess_;
  simdjson::dom::parser payload_parser_;
  std::int64_t failed_ = 0;
};

}  // namespace

bool is_genai_perf(const TraceHead& head) {
  return mentions(head, '{', {"experiments", "requests", "response_timestamps"});
}

std::unique_ptr<TraceReader> open_genai_perf(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<GenaiPerfReader>(std::move(lines), options);
}

}  // namespace blis
