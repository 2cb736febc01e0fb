// Traces of sessions: all small ones, in every order in which requests can end, against what
// docs/workloads.md says about each row.
#include "workloads/session_chains.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "tests/workloads/toy_server.h"
#include "workloads/trace_stats.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// A row of a small trace. `at` is its time stamp; unset, it waits for the row above it in its session.
struct Row {
  int session = 1;
  std::optional<Duration> at;
  Duration wait{0};
  std::optional<std::size_t> follows{};  // the row it waits for
  bool broken = false;                   // it waits, and its session has no row above it
};
using Rows = std::vector<Row>;

void find_what_they_follow(Rows& rows) {
  std::optional<std::size_t> last[3];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::optional<std::size_t>& above = last[rows[i].session];
    if (!rows[i].at) rows[i].follows = above;
    rows[i].broken = !rows[i].at && !above;
    if (!rows[i].broken) above = i;
  }
}

// All traces of 1 to `most` rows in two sessions, the first of which begins.
void for_all_small_traces(std::size_t most, const std::function<void(const Rows&)>& visit) {
  Rows rows;
  const std::function<void(Duration)> grow = [&](Duration now) {
    if (!rows.empty()) {
      Rows known = rows;
      find_what_they_follow(known);
      visit(known);
    }
    if (rows.size() == most) return;
    for (int session = 1; session <= (rows.empty() ? 1 : 2); ++session) {
      for (const Duration gap : {4ns, 0ns}) {
        if (gap == 0ns && rows.size() > 2) continue;  // among the first rows stamps can be equal
        rows.push_back({.session = session, .at = now + gap});
        grow(now + gap);
        rows.pop_back();
      }
      rows.push_back({.session = session, .at = {}, .wait = rows.size() % 2 == 0 ? 0ns : 3ns});
      grow(now);
      rows.pop_back();
    }
  };
  grow(0ns);
}

std::string to_string(const Rows& rows) {
  std::string text;
  for (const Row& row : rows) {
    text += row.at ? fmt::format("{}@{} ", row.session, row.at->count())
                   : fmt::format("{}+{} ", row.session, row.wait.count());
  }
  return text;
}

// What has become of each row.
struct Fate {
  std::optional<Time> sent, ended;
  bool well = true;
};

// A replay under way: copied wherever it can go on in several ways.
struct Replay {
  SessionChains chains;
  std::vector<Fate> fates;
  std::vector<std::size_t> sent;  // rows, by request
  Time now{};
};

class EveryOrderOfEnds {
 public:
  explicit EveryOrderOfEnds(const Rows& rows) : rows_(rows) {}

  std::int64_t run() {
    Replay start;
    start.fates.resize(rows_.size());
    std::uint64_t chains = 0;
    std::vector<std::uint64_t> chain(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      chain[i] = rows_[i].follows ? chain[*rows_[i].follows] : ++chains;
      TraceRow row;
      row.input_tokens = static_cast<std::int64_t>(i);  // which row it is
      row.session = static_cast<std::uint64_t>(rows_[i].session);
      row.chain = chain[i];
      if (rows_[i].at) {
        start.chains.open(Time{*rows_[i].at}, row);
      } else {
        row.wait = rows_[i].wait;
        start.chains.follow(row);
      }
    }
    go_on(start);
    return orders_;
  }

 private:
  // Either the next row is sent, or one of those in flight ends: now, or when the next row is due.
  void go_on(const Replay& replay) {
    if (::testing::Test::HasFailure()) return;
    bool over = true;
    const Time next = replay.chains.next();
    if (next != kNever) {
      over = false;
      Replay then = replay;
      send(then);
      go_on(then);
    }
    for (std::size_t request = 0; request < replay.sent.size(); ++request) {
      const std::size_t row = replay.sent[request];
      if (replay.fates[row].ended) continue;
      over = false;
      const bool followed = std::ranges::any_of(rows_, [&](const Row& r) { return r.follows == row; });
      for (const bool well : {true, false}) {
        if (!well && !followed) continue;
        Replay then = replay;
        if (row % 2 == 1) then.now = next == kNever ? then.now + 1ns : next;
        then.fates[row].ended = then.now;
        then.fates[row].well = well;
        then.chains.ended(static_cast<RequestIndex>(request), then.now,
                          well ? Outcome::completed : Outcome::aborted);
        go_on(then);
      }
    }
    if (over) check_end(replay);
  }

  void send(Replay& replay) {
    const Time at = replay.chains.next();
    ASSERT_GE(at, replay.now) << "sent in the past: " << to_string(rows_);
    replay.now = at;
    const TraceRow sent = replay.chains.send(static_cast<RequestIndex>(replay.sent.size()));
    const auto i = static_cast<std::size_t>(sent.input_tokens);
    Fate& fate = replay.fates[i];
    ASSERT_FALSE(fate.sent) << "row " << i << " is sent twice: " << to_string(rows_);
    fate.sent = at;
    replay.sent.push_back(i);
    if (rows_[i].at) {
      ASSERT_EQ(at, Time{*rows_[i].at}) << "row " << i << ": " << to_string(rows_);
      return;
    }
    const Fate& before = replay.fates[*rows_[i].follows];
    ASSERT_TRUE(before.ended && before.well) << "row " << i << ": " << to_string(rows_);
    ASSERT_EQ(at, *before.ended + rows_[i].wait) << "row " << i << ": " << to_string(rows_);
  }

  void check_end(const Replay& replay) {
    ++orders_;
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Fate* const before = rows_[i].follows ? &replay.fates[*rows_[i].follows] : nullptr;
      const bool should = before == nullptr || (before->ended && before->well);
      ASSERT_EQ(replay.fates[i].sent.has_value(), should) << "row " << i << ": " << to_string(rows_);
      missing += should ? 0 : 1;
    }
    ASSERT_EQ(replay.chains.never_sent(), missing) << to_string(rows_);
  }

  const Rows& rows_;
  std::int64_t orders_ = 0;
};

TEST(SessionChains, SendEachRowOnceWhenItMayBeSentInEveryOrderOfEnds) {
  std::int64_t traces = 0, orders = 0;
  for_all_small_traces(5, [&](const Rows& rows) {
    if (HasFailure() || std::ranges::any_of(rows, &Row::broken)) return;
    ++traces;
    orders += EveryOrderOfEnds(rows).run();
  });
  EXPECT_GT(traces, 1'000);
  EXPECT_GT(orders, 100'000);
  RecordProperty("traces", std::to_string(traces));
  RecordProperty("orders", std::to_string(orders));
}

// Mooncake rows of `output_length` i + 1, by which they are known again.
std::string as_mooncake(const Rows& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string when = rows[i].at ? fmt::format("\"timestamp\": {}", rows[i].at->count())
                                        : fmt::format("\"delay\": {}", rows[i].wait.count());
    text += fmt::format("{{\"session_id\": \"{}\", {}, \"input_length\": 8, \"output_length\": {}}}\n",
                        rows[i].session, when, i + 1);
  }
  return text;
}

TEST(SessionTraces, OfAllSmallKindsAreReplayedAsTheyReadOrRefusedByEveryReader) {
  std::int64_t replayed = 0, refused = 0;
  for_all_small_traces(4, [&](const Rows& rows) {
    const TempFile file(as_mooncake(rows), ".jsonl");
    const TraceSpec spec{.path = file.path(), .format = "mooncake"};
    const auto broken = std::ranges::find_if(rows, &Row::broken);
    if (broken != rows.end()) {
      const std::string error = trace_error(spec);
      const std::string line = std::to_string(broken - rows.begin() + 1);
      ASSERT_TRUE(error.starts_with(file.path() + ":" + line + ":") &&
                  error.find("its session has none") != std::string::npos)
          << error << "\n"
          << to_string(rows);
      ASSERT_THROW(inspect_trace(spec), InputError) << to_string(rows);
      ++refused;
      return;
    }
    ASSERT_EQ(inspect_trace(spec).requests, std::ssize(rows)) << to_string(rows);
    ++replayed;
    if (!open_workload({.kind = spec})->has_feedback()) {  // nobody waits
      const std::vector<ReadRequest> requests = read_trace(spec).requests;
      ASSERT_EQ(requests.size(), rows.size()) << to_string(rows);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        ASSERT_EQ(requests[i].spec.arrival, Time{(*rows[i].at - *rows[0].at).count() * 1ms});
      }
      return;
    }
    for (const Duration token_time : {Duration{1us}, Duration{2ms}}) {
      const ServedWorkload served = serve({.kind = spec}, token_time);
      ASSERT_EQ(served.requests.size(), rows.size()) << to_string(rows);
      std::vector<Served> by_row(rows.size());
      for (const Served& s : served.requests) by_row[static_cast<std::size_t>(s.spec.output_tokens) - 1] = s;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Time expected = rows[i].at ? Time{(*rows[i].at - *rows[0].at).count() * 1ms}
                                         : by_row[*rows[i].follows].end + rows[i].wait.count() * 1ms;
        ASSERT_EQ(by_row[i].spec.arrival, expected) << "row " << i << ": " << to_string(rows);
      }
    }
  });
  EXPECT_GT(replayed, 250);
  EXPECT_GT(refused, 50);
}

TEST(SessionTraces, ARowFollowsTheRowAboveItThoughAnEarlierOneIsInFlight) {
  // The answer to the first row comes after the second row was sent.
  const TempFile file(R"({"timestamp": 0, "input_length": 9, "output_length": 100, "session_id": "a"}
{"timestamp": 1, "input_length": 9, "output_length": 1, "session_id": "a"}
{"session_id": "a", "delay": 5000, "input_length": 9, "output_length": 2}
)");
  const ServedWorkload served = serve({.kind = TraceSpec{.path = file.path()}});
  ASSERT_EQ(served.requests.size(), 3U);
  EXPECT_EQ(served.requests[2].spec.arrival, Time{1ms + 10ms + 5s});
}

TEST(SessionTraces, ARowIsNotSentBeforeTheRowAboveIt) {
  const TempFile file(R"({"timestamp": 0, "input_length": 9, "output_length": 1, "session_id": "a"}
{"timestamp": 10000, "input_length": 9, "output_length": 1, "session_id": "a"}
{"session_id": "a", "delay": 1000, "input_length": 9, "output_length": 1}
)");
  const ServedWorkload served = serve({.kind = TraceSpec{.path = file.path()}});
  ASSERT_EQ(served.requests.size(), 3U);
  EXPECT_EQ(served.requests[2].spec.arrival, Time{10s + 10ms + 1s});
}

TEST(SessionTraces, AnAgentsSecondChainRunsBesideItsFirst) {
  const TempFile file(
      R"({"session_id": "a", "arrival_time_ns": 1, "sub_requests": [{"input_toks": 3, "output_toks": 4, "tool_duration_ns": 2000000000}, {"input_toks": 4, "output_toks": 2}]}
{"session_id": "a", "arrival_time_ns": 2, "sub_requests": [{"input_toks": 3, "output_toks": 9, "tool_duration_ns": 1000000000}, {"input_toks": 5, "output_toks": 6}]}
)");
  const ServedWorkload served = serve({.kind = TraceSpec{.path = file.path()}});
  ASSERT_EQ(served.requests.size(), 4U);
  EXPECT_EQ(served.requests[2].spec.output_tokens, 6);
  EXPECT_EQ(served.requests[2].spec.arrival, Time{1ns + 90ms + 1s});
  EXPECT_EQ(served.requests[3].spec.output_tokens, 2);
  EXPECT_EQ(served.requests[3].spec.arrival, Time{40ms + 2s});
}

TEST(SessionTraces, AFirstRowWithATimeStampOpensItsSessionWhateverItsDelay) {
  const TempFile file(
      R"({"session_id": "a", "timestamp": 40, "delay": 0, "input_length": 9, "output_length": 1}
{"session_id": "a", "delay": 100, "input_length": 9, "output_length": 1}
)");
  EXPECT_EQ(serve({.kind = TraceSpec{.path = file.path()}}).requests.size(), 2U);
}

TEST(SessionTraces, ARowThatCameBeforeWhatItWaitsForIsRefused) {
  const TempFile file(R"({"session_id": "a", "timestamp": 40, "input_length": 9, "output_length": 1}
{"session_id": "a", "timestamp": 30, "delay": 5, "input_length": 9, "output_length": 1}
)");
  for (const bool sort : {false, true}) {
    const std::string error = trace_error({.path = file.path(), .sort = sort});
    EXPECT_EQ(error.find(file.path() + ":2:"), 0U) << error;
    EXPECT_NE(error.find("came 10 ms before it"), std::string::npos) << error;
    EXPECT_THROW(inspect_trace({.path = file.path(), .sort = sort}), InputError);
  }
  EXPECT_EQ(read_trace({.path = file.path(), .sort = true, .closed_loop_sessions = false}).requests.size(),
            2U);
}

TEST(SessionTraces, ARowWithoutAFirstOneCanBeSkippedAsABrokenRow) {
  const TempFile file(R"({"session_id": "a", "timestamp": 0, "input_length": 9, "output_length": 1}
{"session_id": "b", "delay": 5, "input_length": 9, "output_length": 1}
{"session_id": "a", "delay": 5, "input_length": 19, "output_length": 1}
)");
  const ServedWorkload served = serve({.kind = TraceSpec{.path = file.path(), .skip_bad_rows = true}});
  EXPECT_EQ(served.requests.size(), 2U);
  ASSERT_EQ(served.warnings.size(), 1U);
  EXPECT_EQ(served.warnings[0].find("1 broken row was skipped"), 0U) << served.warnings[0];
}

TEST(SessionTraces, ADelayFarDownIsFoundInAFile) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    text += fmt::format(
        "{{\"session_id\": \"s{}\", \"timestamp\": {}, \"input_length\": 9, "
        "\"output_length\": 1}}\n",
        i, i);
  }
  text += "{\"session_id\": \"s7\", \"delay\": 5, \"input_length\": 9, \"output_length\": 2}\n";
  const TempFile file(text);
  const ServedWorkload served = serve({.kind = TraceSpec{.path = file.path()}});
  ASSERT_EQ(served.requests.size(), 10'001U);
  const auto late =
      std::ranges::find_if(served.requests, [](const Served& s) { return s.spec.output_tokens == 2; });
  EXPECT_EQ(late->spec.arrival, Time{7ms + 10ms + 5ms});
}

TEST(SessionTraces, ADelayThatCouldNotBeForeseenIsRefused) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    text += fmt::format("{{\"timestamp\": {}, \"input_length\": 9, \"output_length\": 1}}\n", i);
  }
  text +=
      "{\"session_id\": \"s7\", \"timestamp\": 10000, \"delay\": 5, \"input_length\": 9, \"output_length\": "
      "2}\n";
  const TempFile file(text);
  EXPECT_NE(trace_error({.path = file.path()}).find("too far down"), std::string::npos);
}

TEST(SessionTraces, TimeGoesBackAcrossARowWithoutATimeStamp) {
  const TempFile file(R"({"session_id": "a", "timestamp": 10, "input_length": 9, "output_length": 1}
{"session_id": "a", "delay": 5, "input_length": 9, "output_length": 1}
{"session_id": "b", "timestamp": 5, "input_length": 9, "output_length": 1}
)");
  EXPECT_NE(trace_error({.path = file.path()}).find("time goes back"), std::string::npos);
  EXPECT_THROW(inspect_trace({.path = file.path()}), InputError);
}

TEST(SessionTraces, AWaitBeyondTheClockStaysBeyondIt) {
  SessionChains chains;
  TraceRow row;
  row.session = row.chain = 1;
  chains.open(Time{1s}, row);
  row.wait = Duration::max();
  chains.follow(row);
  chains.send(0);
  chains.ended(0, kLastTime, Outcome::completed);
  EXPECT_GE(chains.next(), kLastTime);
  EXPECT_THROW(check_arrival(1, chains.next()), InputError);
}

}  // namespace
}  // namespace blis
