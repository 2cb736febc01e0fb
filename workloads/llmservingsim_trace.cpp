// LLMServingSim's JSONL: input_toks, output_toks, arrival_time_ns and optionally the token ids; or an
// agent's chain of calls, arrival_time_ns and `sub_requests`, each sent `tool_duration_ns` of the one
// before after that one ended.
// Source: github.com/casys-kaist/LLMServingSim.

#include <fmt/format.h>

#include <vector>

#include "workloads/column_trace.h"
#include "workloads/json_rows.h"
#include "workloads/random.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// Token ids become runs of this length, named by their content: two prompts share what they have in
// common up to a multiple of it, as they do in the blocks of a cache.
constexpr std::int32_t kRunTokens = 16;

class LlmServingSimReader : public TraceReader {
 public:
  explicit LlmServingSimReader(LineReader lines) : rows_(std::move(lines)) {}

  bool next(TraceRow& row) override {
    if (next_call_ == calls_.size()) {
      if (!read_line()) return false;
    }
    row = calls_[next_call_++];
    return true;
  }

  Place place() const override { return rows_.place("arrival_time_ns"); }
  FollowUps follow_ups() const override { return FollowUps::adjacent; }

 private:
  // One request for a flat line, one for each call of a chain; none of a line that is broken.
  bool read_line() {
    calls_.clear();
    next_call_ = 0;
    if (!rows_.next()) return false;
    ++line_;
    std::vector<TraceRow> calls;
    simdjson::dom::element value;
    if (rows_.object()["sub_requests"].get(value) == simdjson::SUCCESS) {
      read_chain(rows_.array("sub_requests", value), calls);
    } else {
      read_call(rows_.object(), calls.emplace_back());
    }
    if (rows_.object()["arrival_time_ns"].get(value) != simdjson::SUCCESS) rows_.missing("arrival_time_ns");
    calls.front().stamp = rows_.duration("arrival_time_ns", value, 1ns);
    calls_ = std::move(calls);
    return true;
  }

  void read_chain(simdjson::dom::array sub_requests, std::vector<TraceRow>& calls) const {
    std::uint64_t session = number_of_name("line " + std::to_string(line_));
    simdjson::dom::element value;
    if (rows_.object()["session_id"].get(value) == simdjson::SUCCESS && !value.is_null()) {
      session = number_of_name(rows_.text("session_id", value));
    }
    Duration tool_time{0};
    for (const simdjson::dom::element element : sub_requests) {
      simdjson::dom::object call;
      if (element.get(call) != simdjson::SUCCESS) {
        rows_.reject("sub_requests", "bad `sub_requests`", "a list of objects", shown(element));
      }
      TraceRow& row = calls.emplace_back();
      read_call(call, row);
      row.session = session;
      if (calls.size() > 1) row.wait = tool_time;
      tool_time = Duration{0};
      if (call["tool_duration_ns"].get(value) == simdjson::SUCCESS) {
        tool_time = rows_.duration("tool_duration_ns", value, 1ns);
      }
    }
    if (calls.empty()) rows_.reject("sub_requests", "`sub_requests` is empty", "at least one call");
  }

  void read_call(simdjson::dom::object call, TraceRow& row) const {
    simdjson::dom::element value;
    if (call["input_toks"].get(value) != simdjson::SUCCESS) rows_.missing("input_toks");
    row.input_tokens = rows_.integer("input_toks", value, kTokenRange);
    if (call["output_toks"].get(value) != simdjson::SUCCESS) rows_.missing("output_toks");
    row.output_tokens = rows_.integer("output_toks", value, kTokenRange);
    if (call["input_tok_ids"].get(value) == simdjson::SUCCESS && !value.is_null()) read_tokens(value, row);
  }

  void read_tokens(simdjson::dom::element value, TraceRow& row) const {
    std::uint64_t hash = 0;
    std::int64_t tokens = 0;
    for (const simdjson::dom::element id : rows_.array("input_tok_ids", value)) {
      hash =
          mix_bits(hash ^ static_cast<std::uint64_t>(rows_.integer("input_tok_ids", id, {0, 1'000'000'000})));
      if (tokens++ % kRunTokens == 0) row.prompt.push_back({0, 0});
      row.prompt.back() = {hash == 0 ? 1 : hash, row.prompt.back().tokens + 1};
      if (tokens % kRunTokens == 0) hash = 0;
    }
    if (tokens != row.input_tokens) {
      rows_.reject("input_tok_ids", "`input_tok_ids` and `input_toks` contradict each other",
                   fmt::format("{} ids", row.input_tokens), fmt::format("{} ids", tokens));
    }
  }

  JsonRows rows_;
  std::vector<TraceRow> calls_;  // of the current line
  std::size_t next_call_ = 0;
  std::int64_t line_ = 0;
};

}  // namespace

bool is_llmservingsim(const TraceHead& head) {
  return has_keys(head, {"arrival_time_ns"}) &&
         (has_keys(head, {"input_toks"}) || has_keys(head, {"sub_requests"}));
}

std::unique_ptr<TraceReader> open_llmservingsim(LineReader lines, const ReaderOptions&) {
  return std::make_unique<LlmServingSimReader>(std::move(lines));
}

}  // namespace blis
