// Our own JSONL, for what no other format has: images and other items in prompts, LoRA adapters, structured
// output, log-probabilities of prompts. A row: {"arrival_s": 0.5, "input_tokens": 700, "output_tokens": 90,
// "items": [{"offset": 12, "tokens": 576, "hash": "cat.png"}], "lora": "sql", "structured_output": true,
// "prompt_logprobs": true, "cache_salt": "tenant", "priority": 1}. The first three must be there;
// input_tokens count the items' embeddings.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "workloads/json_rows.h"
#include "workloads/random.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

class RequestsReader : public TraceReader {
 public:
  RequestsReader(LineReader lines, const ReaderOptions& options)
      : rows_(std::move(lines)), options_(options) {}

  bool next(TraceRow& row) override {
    if (!rows_.next()) return false;
    bool arrives = false;
    row.input_tokens = row.output_tokens = 0;
    for (const auto [key, value] : rows_.object()) {
      if (key == "arrival_s") {
        row.stamp = rows_.duration(key, value, 1s);
        arrives = true;
      } else if (key == "input_tokens") {
        row.input_tokens = rows_.integer(key, value, kTokenRange);
      } else if (key == "output_tokens") {
        row.output_tokens = rows_.integer(key, value, kTokenRange);
      } else if (key == "items") {
        read_items(rows_.array(key, value), row);
      } else if (key == "lora") {
        row.adapter = adapter_named(rows_.text(key, value));
      } else if (key == "structured_output") {
        row.structured_output = truth(key, value);
        check_grammars(row);
      } else if (key == "prompt_logprobs") {
        row.prompt_logprobs = truth(key, value);
      } else if (key == "cache_salt") {
        row.cache_salt = hash_of_text(rows_.text(key, value));
      } else if (key == "priority") {
        row.priority = static_cast<std::int32_t>(rows_.integer(key, value, {-1'000'000, 1'000'000}));
      } else {
        rows_.reject(
            key, fmt::format("unknown key `{}`", key),
            "arrival_s, input_tokens, output_tokens, items, lora, structured_output, prompt_logprobs, "
            "cache_salt, priority");
      }
    }
    if (!arrives) rows_.missing("arrival_s");
    if (row.input_tokens == 0) rows_.missing("input_tokens");
    if (row.output_tokens == 0) rows_.missing("output_tokens");
    check_items(row);
    add_items_to_prompt(row);
    return true;
  }

  Place place() const override { return rows_.place("arrival_s"); }

  std::vector<std::string> warnings() const override {
    if (tokens_of_.empty()) return {};
    return {fmt::format("{} different items of prompts are encoded", tokens_of_.size())};
  }

 private:
  bool truth(std::string_view key, simdjson::dom::element value) const {
    bool truth = false;
    if (value.get(truth) != simdjson::SUCCESS) {
      rows_.reject(key, fmt::format("bad `{}`", key), "true or false", shown(value));
    }
    return truth;
  }

  void check_grammars(const TraceRow& row) const {
    if (!row.structured_output || options_.grammars) return;
    rows_.reject("structured_output", "requests with structured output wait for their grammar",
                 "`engine.grammar_compile_ms`");
  }

  AdapterIndex adapter_named(std::string_view name) const {
    const auto found = std::ranges::find(options_.adapters, name);
    if (found == options_.adapters.end()) {
      rows_.reject("lora", fmt::format("no adapter {} is listed", excerpt(name)),
                   "one of `engine.lora.adapters`");
    }
    return static_cast<AdapterIndex>(found - options_.adapters.begin() + 1);
  }

  void read_items(simdjson::dom::array items, TraceRow& row) {
    for (const simdjson::dom::element element : items) {
      simdjson::dom::object object;
      if (element.get(object) != simdjson::SUCCESS) {
        rows_.reject("items", "bad `items`", "a list of {offset, tokens, hash}", shown(element));
      }
      MultimodalItem item{.offset = -1};
      for (const auto [key, value] : object) {
        if (key == "offset") {
          item.offset = static_cast<std::int32_t>(rows_.integer(key, value, {0, kMaxTokensPerRequest}));
        } else if (key == "tokens") {
          item.tokens = static_cast<std::int32_t>(rows_.integer(key, value, kTokenRange));
        } else if (key == "hash") {
          item.hash = hash_of_text(rows_.text(key, value)) | 1;  // never "nobody else's"
        } else {
          rows_.reject(key, fmt::format("unknown key `{}` of an item", key), "offset, tokens, hash");
        }
      }
      if (item.offset < 0) rows_.missing("offset");
      if (item.tokens == 0) rows_.missing("tokens");
      if (item.hash == 0) rows_.missing("hash");
      const auto [known, is_new] = tokens_of_.try_emplace(item.hash, item.tokens);
      if (!is_new && known->second != item.tokens) {
        rows_.reject("items", "an item of this `hash` has had another number of tokens",
                     fmt::format("{} tokens", known->second), std::to_string(item.tokens));
      }
      row.items.push_back(item);
    }
    if (!row.items.empty() && !options_.encodes_items) {
      rows_.reject("items", "nothing encodes items of prompts",
                   "a model with a vision tower, and latency model `calibrated`",
                   fmt::format("{} items", row.items.size()));
    }
  }

  void check_items(const TraceRow& row) const {
    std::int64_t end = 0;
    for (const MultimodalItem& item : row.items) {
      if (item.offset < end) {
        rows_.reject("items", "items overlap, or are not in order", fmt::format("an offset from {} on", end),
                     std::to_string(item.offset));
      }
      end = std::int64_t{item.offset} + item.tokens;
    }
    if (end > row.input_tokens) {
      rows_.reject("items", "an item ends beyond its prompt", fmt::format("at most {}", row.input_tokens),
                   std::to_string(end));
    }
  }

  static void add_items_to_prompt(TraceRow& row) {
    if (row.items.empty()) return;
    std::int32_t at = 0;
    const auto add_text = [&](std::int64_t end) {
      if (end > at) row.prompt.push_back({kPrivateContent, static_cast<std::int32_t>(end) - at});
    };
    for (const MultimodalItem& item : row.items) {
      add_text(item.offset);
      row.prompt.push_back({item.hash, item.tokens});
      at = item.offset + item.tokens;
    }
    add_text(row.input_tokens);
  }

  JsonRows rows_;
  ReaderOptions options_;
  std::map<std::uint64_t, std::int32_t> tokens_of_;  // by hash
};

}  // namespace

bool is_requests(const TraceHead& head) {
  return has_keys(head, {"arrival_s", "input_tokens", "output_tokens"});
}

std::unique_ptr<TraceReader> open_requests(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<RequestsReader>(std::move(lines), options);
}

}  // namespace blis
