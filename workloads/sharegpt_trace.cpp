// ShareGPT conversations: a list of {id, conversations: [{from, value}, ...]}. As in vLLM's benchmark
// a request is the first two turns; those that are very short or long are left out. There is text and
// no token counts, so lengths are characters over `chars_per_token`. There are no arrival times.
// Source: github.com/vllm-project/vllm, ShareGPTDataset and is_valid_sequence.

#include <fmt/format.h>

#include <cmath>

#include "workloads/json_document.h"
#include "workloads/json_rows.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// OpenAI's rule of thumb for English text and its tokenizers.
constexpr double kCharsPerToken = 4;

// Unicode characters, not bytes: tokenizers count text, whatever its encoding.
std::int64_t characters(std::string_view utf8) {
  std::int64_t n = 0;
  for (const char c : utf8) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return n;
}

class ShareGptReader : public TraceReader {
 public:
  ShareGptReader(LineReader lines, const ReaderOptions& options)
      : document_(std::move(lines)),
        guessed_(!options.chars_per_token),
        chars_per_token_(options.chars_per_token.value_or(kCharsPerToken)) {
    simdjson::dom::array list;
    if (document_.root().get(list) != simdjson::SUCCESS) {
      fail_file(document_.place(), {.message = "this is not a JSON list"});
    }
    conversations_.assign(list.begin(), list.end());
  }

  bool next(TraceRow& row) override {
    constexpr std::int64_t kShortest = 4;  // vLLM's limits, in tokens
    constexpr std::int64_t kLongestPrompt = 1024;
    constexpr std::int64_t kLongestTotal = 2048;
    while (next_ < conversations_.size()) {
      const std::string path = fmt::format("[{}].conversations", next_);
      simdjson::dom::element value;
      simdjson::dom::array turns;
      if (conversations_[next_++]["conversations"].get(value) != simdjson::SUCCESS ||
          value.get(turns) != simdjson::SUCCESS) {
        document_.reject(path, "a list of turns", "something else");
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
    return false;
  }

  Place place() const override { return document_.place(); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (guessed_) {
      all.push_back(
          fmt::format("lengths are guessed from text at {:g} characters a token; set `chars_per_token`",
                      chars_per_token_));
    }
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
      document_.reject(path + ".value", "a text", shown(turn));
    return std::llround(static_cast<double>(characters(text)) / chars_per_token_);
  }

  JsonDocument document_;
  std::vector<simdjson::dom::element> conversations_;
  bool guessed_;
  double chars_per_token_;
  std::size_t next_ = 0;
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
