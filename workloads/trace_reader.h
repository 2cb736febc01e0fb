// What every trace format is read into: rows in the file's order, on the trace's own clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "sim/request.h"

namespace blis {

// One request of a trace.
struct TraceRow {
  std::optional<Duration> stamp;   // when it arrived; where the trace's clock starts does not matter.
                                   // Unset if the format has no times, or the row has a `wait` only
  std::int64_t input_tokens = 0;   // 1 to kMaxTokensPerRequest
  std::int64_t output_tokens = 0;  // the same; 0 where the trace leaves it to TraceSpec::output_tokens
  std::vector<ContentRun> prompt;  // sums to input_tokens, or empty: private content
  ContentId output_content = kPrivateContent;
  std::uint64_t session = 0;     // 0: none
  std::optional<Duration> wait;  // to be sent this long after the row above it in `session` ended
  // Of a graph of calls: what the row is called, and those all of which it waits for; then `wait` is after
  // the last of them, whatever their session.
  std::uint64_t name = 0;
  std::vector<std::uint64_t> waits_for;
  std::optional<Duration> timeout;
  std::int32_t priority = 0;
  AdapterIndex adapter = 0;
  bool structured_output = false;
  bool prompt_logprobs = false;
  ContentId cache_salt = 0;
  std::vector<MultimodalItem> items;  // as RequestSpec has them
  std::uint64_t chain = 0;            // set by SessionOrder, not by readers

  void clear() {
    prompt.clear();
    stamp.reset();
    wait.reset();
    timeout.reset();
    output_content = kPrivateContent;
    session = chain = name = 0;
    waits_for.clear();
    priority = 0;
    adapter = 0;
    structured_output = prompt_logprobs = false;
    cache_salt = 0;
    items.clear();
  }
};

// Where rows lie that wait for another (TraceRow::wait): the one above them in their session, or several.
enum class FollowUps : std::uint8_t {
  none,      // the trace has none
  adjacent,  // right behind the row that they wait for
  anywhere,
  graph,  // anywhere behind all those that they wait for (TraceRow::waits_for)
};

class TraceReader {
 public:
  virtual ~TraceReader() = default;

  // Fills `row` (cleared by the caller) with the next row; false at the end. Throws BadRow for a
  // broken row, after which `next` goes on with the row that follows, and InputError for a file
  // that cannot be read on.
  virtual bool next(TraceRow& row) = 0;

  // Of the row that `next` filled last.
  virtual Place place() const = 0;

  // Complete once `next` has returned false: what a user should know about what was read.
  virtual std::vector<std::string> warnings() const { return {}; }

  // Advice beside a complaint that there are no arrival times, and that time goes back; empty for none.
  virtual std::string hint_without_times() const { return {}; }
  virtual std::string hint_about_order() const { return {}; }

  virtual FollowUps follow_ups() const { return FollowUps::none; }

  // Tokens that a hash id of the format stands for; 0 if it has none.
  virtual std::int32_t block_tokens() const { return 0; }
};

}  // namespace blis
