// ShareGPT conversations: a list of {id, conversations: [{from, value}, ...]}. As in vLLM's benchmark
// a request is the first two turns; those that are very short or long are left out. There is text and
// no token counts, so lengths are characters over `chars_per_token`. There are no arrival times.
// Source: github.com/vllm-project/vllm, ShareGPTDataset and is_valid_sequence.

#include <fmt/format.h>

#include "workloads/json_elements.h"
#include "workloads/json_values.h"
#include "workloads/token_guess.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

class ShareGptReader : public TraceReader {
 public:
  ShareGptReader(LineReader lines, const ReaderOptions& options)
      : conversations_(std::move(lines), ""), guess_(options.chars_per_token) {}

  bool next(TraceRow& row) override {
    constexpr std::int64_t kShortest = 4;  // vLLM's limits, in tokens
    constexpr std::int64_t kLongestPrompt = 1024;
    constexpr std::int64_t kLongestTotal = 2048;
    simdjson::dom::element conversation;
    while (conversations_.next(conversation)) {
      const std::string path = fmt::format("[{}].conversations", conversations_.count() - 1);
      simdjson::dom::element value;
      simdjson::dom::array turns;
      if (conversation["conversations"].get(value) != simdjson::SUCCESS ||
          value.get(turns) != simdjson::SUCCESS) {
        conversations_.reject(path, "a list of turns", "something else");
      }
      if (turns.size() < 2) {
        ++left_out_;
        continue;
      }
      row.input_tokens = tokens(path + "[0]", turns.at(0).value());
      row.output_tokens = tokens(path + "[1]", turns.at(1).value());
      if (row.input_tokens < kShortest || row.output_tokens < kShortest ||
          row.input_tokens > kLongestPrompt || row.input_tokens + row.output_tokens > kLongestTotal) {
        ++left_out_;
        continue;
      }
      return true;
    }
    if (!conversations_.found_list())
      fail_file(conversations_.place(), {.message = "this is not a JSON list"});
    return false;
  }

  Place place() const override { return conversations_.place(); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all = guess_.warnings();
    if (left_out_ > 0) {
      all.push_back(
          fmt::format("{} conversations were left out: fewer than two turns, or outside vLLM's limits of "
                      "4 to 1024 prompt and 2048 total tokens",
                      left_out_));
    }
    return all;
  }

 private:
  std::int64_t tokens(const std::string& path, simdjson::dom::element turn) const {
    std::string_view text;
    if (turn["value"].get(text) != simdjson::SUCCESS)
      conversations_.reject(path + ".value", "a text", shown(turn));
    return guess_.tokens(text);
  }

  JsonElements conversations_;
  TokenGuess guess_;
  std::int64_t left_out_ = 0;
};

}  // namespace

bool is_sharegpt(const TraceHead& head) {
  return mentions(head, '[', {"conversations", "from", "value"});
}

std::unique_ptr<TraceReader> open_sharegpt(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<ShareGptReader>(std::move(lines), options);
}

}  // namespace blis
