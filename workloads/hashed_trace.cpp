#include "workloads/hashed_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "workloads/column_trace.h"
#include "workloads/json_rows.h"
#include "workloads/session_increments.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

std::int64_t blocks_of(std::int64_t tokens, std::int32_t block_tokens) {
  return (tokens + block_tokens - 1) / block_tokens;
}

class HashedReader : public TraceReader {
 public:
  HashedReader(LineReader lines, const HashedFormat& format)
      : format_(format), scattered_(false), rows_(std::move(lines)) {}

  bool next(TraceRow& row) override {
    if (!rows_.next()) return false;
    seen_ = 0;
    chat_ = parent_ = kNoChat;
    for (const auto [key, value] : rows_.object()) read(row, key, value);
    if (!has(input)) rows_.missing("input_length");
    if (!has(output)) rows_.missing("output_length");
    if (graph_) finish_call(row);
    if (!has(timestamp) && !row.wait) rows_.missing("timestamp");
    if (row.wait && row.session == 0 && !graph_) rows_.missing("session_id");
    if (row.wait && !scattered_ && !graph_) fail_unforeseen();
    if (has(hash_ids)) cut_last_block(row);
    if (chat_ != kNoChat) row.session = session_of_chat();
    if (adds_ && !increments_.extend(row)) {
      rows_.reject("input_length", "this session's prompt has grown too long", describe(kTokenRange));
    }
    return true;
  }

  Place place() const override { return rows_.place("timestamp"); }
  std::int32_t block_tokens() const override { return format_.block_tokens; }
  FollowUps follow_ups() const override {
    return graph_ ? FollowUps::graph : scattered_ ? FollowUps::anywhere : FollowUps::none;
  }
  void expect_graph() { graph_ = true; }
  void expect_follow_ups() { scattered_ = true; }
  void expect_increments() { adds_ = true; }
  std::vector<std::string> warnings() const override {
    if (!adds_) return {};
    return {
        "later rows of a session are read as what they add: each prompt is all before it, answers included"};
  }

 private:
  enum Key : unsigned {
    timestamp = 1,
    input = 2,
    output = 4,
    hash_ids = 8,
    session = 16,
    delay = 32,
    chat = 64,
    parent = 128,
    name = 256,
    wait_for = 512,
    tool_wait = 1024
  };
  static constexpr std::int64_t kNoChat = std::numeric_limits<std::int64_t>::min();
  static constexpr IntegerRange kChatRange{-1, std::numeric_limits<std::int64_t>::max()};

  bool has(Key key) const { return (seen_ & key) != 0; }
  void once(Key key, std::string_view name) {
    if (has(key)) rows_.reject(name, fmt::format("`{}` appears twice", name), "each key once");
    seen_ |= key;
  }

  void read(TraceRow& row, std::string_view key, simdjson::dom::element value) {
    if (value.is_null()) return;
    if (key == "timestamp" || key == "created_time") {
      once(timestamp, key);
      row.stamp = rows_.duration(key, value, format_.time_unit);
    } else if (key == "input_length" || key == "input_tokens") {
      once(input, key);
      row.input_tokens = rows_.integer(key, value, kTokenRange);
    } else if (key == "output_length" || key == "output_tokens") {
      once(output, key);
      row.output_tokens = rows_.integer(key, value, kTokenRange);
    } else if (key == "hash_ids") {
      once(hash_ids, key);
      add_blocks(row.prompt, key, value);
    } else if (key == "session_id") {
      once(session, key);
      row.session = session_of(key, value);
    } else if (key == "delay" || key == "delay_ms") {
      once(delay, key);
      row.wait = rows_.duration(key, value, 1ms);
    } else if (key == "chat_id") {
      once(chat, key);
      chat_ = rows_.integer(key, value, kChatRange);
    } else if (key == "parent_chat_id") {
      once(parent, key);
      parent_ = rows_.integer(key, value, kChatRange);
    } else if (graph_ && key == "request_id") {
      once(name, key);
      row.name = call_name(key, value);
      if (!calls_.insert(row.name).second)
        rows_.reject(key, "an earlier row has the same `request_id`", "ids that differ");
    } else if (key == "wait_for") {
      once(wait_for, key);
      if (!graph_) fail_unforeseen_graph();
      read_wait_for(row, key, value);
    } else if (graph_ && key == "tool_wait_ms") {
      once(tool_wait, key);
      tool_wait_ = rows_.duration(key, value, 1ms);
    }
  }

  std::uint64_t call_name(std::string_view key, simdjson::dom::element value) const {
    return number_of_name(rows_.text(key, value));
  }

  void read_wait_for(TraceRow& row, std::string_view key, simdjson::dom::element value) const {
    for (const simdjson::dom::element element : rows_.array(key, value)) {
      const std::uint64_t awaited = call_name(key, element);
      if (!calls_.contains(awaited)) {
        rows_.reject(key, "this row waits for one that is not above it", "the `request_id` of an earlier row",
                     shown(element));
      }
      if (std::ranges::find(row.waits_for, awaited) == row.waits_for.end()) row.waits_for.push_back(awaited);
    }
  }

  // A row of a graph waits as long after all others as `delay` and its tools take together; one that waits
  // for none is sent at its time.
  void finish_call(TraceRow& row) {
    if (!has(name)) rows_.missing("request_id");
    if (std::ranges::find(row.waits_for, row.name) != row.waits_for.end())
      rows_.reject("wait_for", "this row waits for itself", "the `request_id` of an earlier row");
    const Duration delay = row.wait.value_or(Duration{0});
    const Duration tools = std::exchange(tool_wait_, Duration{0});
    if (tools > Duration::max() - delay) rows_.reject("tool_wait_ms", "this row waits too long", "292 years");
    row.wait.reset();
    if (row.waits_for.empty()) return;
    row.wait = delay + tools;
    row.stamp.reset();
  }

  // Blocks that were first seen together are numbered one after the other, and meet again in that order. So
  // ids that count up are one stream, named by its first: two prompts that are equal up to where it begins
  // share as many of its blocks as they would block by block, and runs are few.
  void add_blocks(std::vector<ContentRun>& prompt, std::string_view key, simdjson::dom::element ids) {
    constexpr std::int32_t kMostTokens = std::numeric_limits<std::int32_t>::max();
    blocks_ = 0;
    ContentId last = kPrivateContent;
    for (const simdjson::dom::element id : rows_.array(key, ids)) {
      const ContentId content = content_of(key, id);
      ++blocks_;
      if (blocks_ > 1 && content == last + 1 && prompt.back().tokens <= kMostTokens - format_.block_tokens) {
        prompt.back().tokens += format_.block_tokens;
      } else {
        prompt.push_back({content, format_.block_tokens});
      }
      last = content;
    }
  }

  // Ids are any 64 bits; zero is one like any other, but names private content in a ContentRun.
  ContentId content_of(std::string_view key, simdjson::dom::element id) const {
    std::uint64_t number = 0;
    std::int64_t negative = 0;
    if (id.get(number) != simdjson::SUCCESS) {
      if (id.get(negative) != simdjson::SUCCESS)
        rows_.reject(key, "bad id in `hash_ids`", "whole numbers", shown(id));
      number = static_cast<std::uint64_t>(negative);
    }
    constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
    return number == kLast ? kLast : number + 1;
  }

  std::uint64_t session_of(std::string_view key, simdjson::dom::element value) const {
    std::string_view name;
    if (value.get(name) == simdjson::SUCCESS) return number_of_name(name);
    return number_of_name(std::to_string(rows_.integer(key, value, kChatRange)));
  }

  // A chat without a parent starts a session; its descendants belong to it.
  std::uint64_t session_of_chat() {
    const auto found = parent_ >= 0 ? sessions_.find(parent_) : sessions_.end();
    const std::uint64_t session = found != sessions_.end()
                                      ? found->second
                                      : number_of_name(std::to_string(parent_ >= 0 ? parent_ : chat_));
    if (!sessions_.emplace(chat_, session).second) {
      rows_.reject("chat_id", "an earlier row has the same `chat_id`", "ids that differ");
    }
    return session;
  }

  [[noreturn]] void fail_unforeseen() const {
    fail_file(rows_.place("delay"),
              {.message = "this is the first row with a `delay`, too far down for a trace that is streamed",
               .expected = "one with `session_id` or `delay` within the first 64 KiB, in a file, not a pipe",
               .hint = "a session moved to the top makes this a trace of sessions"});
  }

  [[noreturn]] void fail_unforeseen_graph() const {
    fail_file(rows_.place("wait_for"),
              {.message = "this is the first row with `wait_for`, too far down for a trace that is streamed",
               .expected = "one within the first 64 KiB, or a file, not a pipe, whose first rows have a "
                           "`request_id`"});
  }

  void cut_last_block(TraceRow& row) const {
    const std::int64_t blocks = blocks_of(row.input_tokens, format_.block_tokens);
    if (blocks_ != blocks) {
      rows_.reject("hash_ids", "`hash_ids` and `input_length` contradict each other",
                   fmt::format("{} ids for {} tokens, one for each {} or part of them", blocks,
                               row.input_tokens, format_.block_tokens),
                   fmt::format("{} ids", blocks_));
    }
    row.prompt.back().tokens -= static_cast<std::int32_t>(blocks * format_.block_tokens - row.input_tokens);
  }

  HashedFormat format_;
  bool scattered_;
  bool adds_ = false;  // later rows of a session say what they add, not the whole prompt
  SessionIncrements increments_;
  bool graph_ = false;  // rows wait for several others each
  std::unordered_set<std::uint64_t> calls_;
  Duration tool_wait_{0};  // of the row
  JsonRows rows_;
  unsigned seen_ = 0;
  std::int64_t blocks_ = 0;  // of the row, by its ids
  std::int64_t chat_ = kNoChat, parent_ = kNoChat;
  std::unordered_map<std::int64_t, std::uint64_t> sessions_;  // by chat
};

// Whether some row has the key that `mark` begins. Where the head does not tell and has the key `beside`, the
// file is read once more: a row that waits is no request like any other.
bool has_mark(const LineReader& lines, std::string_view mark, std::string_view beside) {
  if (lines.head().find(mark) != std::string_view::npos) return true;
  if (lines.head().find(beside) == std::string_view::npos) return false;
  std::error_code none;
  if (!std::filesystem::is_regular_file(lines.name(), none)) return false;
  LineReader again(lines.name());
  for (std::string_view line; again.next(line);) {
    if (line.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

// A session's row, for telling whole prompts from what turns add.
struct Turn {
  std::int64_t tokens = 0;  // prompt and answer
  std::int64_t first_id = -1;
};

// Whether rows that wait have prompts too short to hold what was said before them, and begin otherwise: by
// the rows of the head that can be compared.
bool holds_increments(std::string_view text) {
  simdjson::dom::parser parser;
  std::unordered_map<std::string, Turn> last;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    simdjson::dom::element row, session;
    if (parser.parse(line.data(), line.size()).get(row) != simdjson::SUCCESS ||
        row["session_id"].get(session) != simdjson::SUCCESS)
      continue;
    std::int64_t input = 0, output = 0;
    if (row["input_length"].get(input) != simdjson::SUCCESS &&
        row["input_tokens"].get(input) != simdjson::SUCCESS)
      continue;
    if (row["output_length"].get(output) != simdjson::SUCCESS) output = 0;
    std::int64_t first_id = -1;
    if (row["hash_ids"].at(0).get(first_id) != simdjson::SUCCESS) first_id = -1;
    const bool waits =
        row["delay"].error() == simdjson::SUCCESS || row["delay_ms"].error() == simdjson::SUCCESS;
    const auto [known, is_new] = last.try_emplace(shown(session));
    if (waits && !is_new) {
      const bool same_beginning = first_id >= 0 && first_id == known->second.first_id;
      if (!same_beginning && input < known->second.tokens) return true;
    }
    known->second = {input + output, first_id};
  }
  return false;
}

}  // namespace

std::unique_ptr<TraceReader> open_hashed(LineReader lines, const HashedFormat& format) {
  const bool graph = has_mark(lines, "\"wait_for\"", "\"request_id\"");
  const bool delays = !graph && has_mark(lines, "\"delay", "\"session_id\"");
  const bool adds = delays && holds_increments(lines.head());
  auto reader = std::make_unique<HashedReader>(std::move(lines), format);
  if (graph) reader->expect_graph();
  if (delays) reader->expect_follow_ups();
  if (adds) reader->expect_increments();
  return reader;
}

std::int32_t hash_block_tokens(const TraceHead& head) {
  constexpr int kEnoughLines = 100;
  simdjson::dom::parser parser;
  std::string_view text = head.text;
  for (int i = 0; i < kEnoughLines && !text.empty(); ++i) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    simdjson::dom::element row;
    simdjson::dom::array ids;
    std::int64_t tokens = 0;
    if (parser.parse(line.data(), line.size()).get(row) != simdjson::SUCCESS) continue;
    if (row["hash_ids"].get(ids) != simdjson::SUCCESS || row["input_length"].get(tokens) != simdjson::SUCCESS)
      continue;
    const auto count = static_cast<std::int64_t>(ids.size());
    const bool fits_16 = count == blocks_of(tokens, 16);
    const bool fits_512 = count == blocks_of(tokens, 512);
    if (fits_16 != fits_512) return fits_16 ? 16 : 512;
  }
  return 0;
}

}  // namespace blis
