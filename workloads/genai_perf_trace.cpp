// genai-perf's profile_export.json, results as a trace: perf-analyzer's experiments, each with requests that
// have a time (nanoseconds), a payload and the times of their answers' chunks. There are no token counts: a
// prompt is its text over `chars_per_token`, an answer one token a chunk. Source:
// github.com/triton-inference-server/perf_analyzer, genai-perf.

#include <fmt/format.h>

#include <algorithm>

#include "workloads/json_document.h"
#include "workloads/json_rows.h"
#include "workloads/token_guess.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

class GenaiPerfReader : public TraceReader {
 public:
  GenaiPerfReader(LineReader lines, const ReaderOptions& options)
      : document_(std::move(lines)), guess_(options.chars_per_token) {
    simdjson::dom::array experiments, requests;
    if (document_.root()["experiments"].get(experiments) != simdjson::SUCCESS) {
      fail_file(document_.place(), {.message = "there is no list `experiments`"});
    }
    for (const simdjson::dom::element experiment : experiments) {
      if (experiment["requests"].get(requests) != simdjson::SUCCESS) continue;
      requests_.insert(requests_.end(), requests.begin(), requests.end());
    }
  }

  bool next(TraceRow& row) override {
    while (next_ < requests_.size()) {
      const std::string path = fmt::format("requests[{}]", next_);
      const simdjson::dom::element request = requests_[next_++];
      simdjson::dom::array answers;
      if (request["response_timestamps"].get(answers) != simdjson::SUCCESS || answers.size() == 0) {
        ++failed_;
        continue;
      }
      row.output_tokens = static_cast<std::int64_t>(answers.size());
      row.input_tokens = std::max<std::int64_t>(1, guess_.tokens(prompt(request, path)));
      if (row.output_tokens > kTokenRange.max || row.input_tokens > kTokenRange.max) {
        document_.reject(path, "a request of at most 100000000 tokens", "more");
      }
      simdjson::dom::element start;
      if (request["timestamp"].get(start) != simdjson::SUCCESS) {
        document_.reject(path + ".timestamp", "nanoseconds", "nothing");
      }
      constexpr IntegerRange kNanoseconds{0, 9'000'000'000'000'000'000};
      row.stamp = Duration{document_.integer(path + ".timestamp", start, kNanoseconds)};
      return true;
    }
    return false;
  }

  Place place() const override { return document_.place(); }

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
      document_.reject(path + ".request_inputs.payload", "the text that was sent", "nothing");
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

  JsonDocument document_;
  TokenGuess guess_;
  simdjson::dom::parser payload_parser_;
  std::vector<simdjson::dom::element> requests_;
  std::size_t next_ = 0;
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
