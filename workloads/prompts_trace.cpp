// What `vllm bench serve --dataset-name custom` sends: JSONL of {prompt, output_tokens}, the last only where
// the row says it. There is text and no token counts, so prompts are as long as their characters over
// `chars_per_token`. There are no arrival times.
// Source: github.com/vllm-project/vllm, vllm/benchmarks/datasets, CustomDataset.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/json_rows.h"
#include "workloads/token_guess.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

class PromptsReader : public TraceReader {
 public:
  PromptsReader(LineReader lines, const ReaderOptions& options)
      : rows_(std::move(lines)), guess_(options.chars_per_token) {}

  bool next(TraceRow& row) override {
    if (!rows_.next()) return false;
    row.input_tokens = row.output_tokens = 0;
    for (const auto& [key, value] : rows_.object()) {
      if (key == "prompt") row.input_tokens = guess_.tokens(rows_.text(key, value));
      if (key == "output_tokens") row.output_tokens = rows_.integer(key, value, kTokenRange);
    }
    if (row.input_tokens == 0) rows_.missing("prompt");
    return true;
  }

  Place place() const override { return rows_.place(); }
  std::vector<std::string> warnings() const override { return guess_.warnings(); }

 private:
  JsonRows rows_;
  TokenGuess guess_;
};

}  // namespace

bool is_prompts(const TraceHead& head) {
  return has_keys(head, {"prompt"});
}

std::unique_ptr<TraceReader> open_prompts(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<PromptsReader>(std::move(lines), options);
}

}  // namespace blis
