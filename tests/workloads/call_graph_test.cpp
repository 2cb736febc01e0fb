// Agents' graphs of calls: all small ones, in every order in which calls can end, and Dynamo's rows of them.
#include "workloads/call_graph.h"

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

// By row, those that it waits for.
using Graph = std::vector<std::vector<std::size_t>>;

void for_all_graphs(std::size_t rows, const std::function<void(const Graph&)>& visit) {
  Graph graph;
  const std::function<void()> grow = [&] {
    if (graph.size() == rows) return visit(graph);
    const std::size_t above = graph.size();
    for (std::size_t chosen = 0; chosen < std::size_t{1} << above; ++chosen) {
      graph.emplace_back();
      for (std::size_t i = 0; i < above; ++i) {
        if ((chosen >> i) % 2 == 1) graph.back().push_back(i);
      }
      grow();
      graph.pop_back();
    }
  };
  grow();
}

constexpr Duration wait_of(std::size_t row) {
  return row * 3ns;
}

struct Play {
  CallGraph calls;
  std::vector<std::optional<Time>> sent, ended;
  std::vector<bool> well;
  std::vector<std::size_t> by_request;
  Time now{};
};

class EveryOrder {
 public:
  explicit EveryOrder(const Graph& graph) : graph_(graph) {}

  std::int64_t run() {
    const std::size_t rows = graph_.size();
    Play play{.calls = {}, .sent = {}, .ended = {}, .well = std::vector<bool>(rows, true), .by_request = {}};
    play.sent.resize(rows);
    play.ended.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      TraceRow row;
      row.name = i + 1;
      row.input_tokens = static_cast<std::int64_t>(i);
      for (const std::size_t awaited : graph_[i]) row.waits_for.push_back(awaited + 1);
      if (row.waits_for.empty()) {
        play.calls.open(Time{wait_of(i)}, row);
      } else {
        row.wait = wait_of(i);
        play.calls.follow(row);
      }
    }
    go_on(play);
    return orders_;
  }

 private:
  void go_on(const Play& play) {
    if (::testing::Test::HasFailure()) return;
    bool over = true;
    if (const Time next = play.calls.next(); next != kNever) {
      over = false;
      Play then = play;
      send(then, next);
      go_on(then);
    }
    for (std::size_t request = 0; request < play.by_request.size(); ++request) {
      const std::size_t row = play.by_request[request];
      if (play.ended[row]) continue;
      over = false;
      for (const bool well : {true, false}) {
        Play then = play;
        then.ended[row] = then.now;
        then.well[row] = well;
        then.calls.ended(static_cast<RequestIndex>(request), then.now,
                         well ? Outcome::completed : Outcome::aborted);
        go_on(then);
      }
    }
    if (over) check_end(play);
  }

  void send(Play& play, Time at) {
    ASSERT_GE(at, play.now) << "sent in the past";
    play.now = at;
    const auto row = static_cast<std::size_t>(
        play.calls.send(static_cast<RequestIndex>(play.by_request.size())).input_tokens);
    ASSERT_FALSE(play.sent[row]) << "sent twice";
    play.sent[row] = at;
    play.by_request.push_back(row);
    Time expected{wait_of(row)};
    Time last{};
    for (const std::size_t awaited : graph_[row]) {
      ASSERT_TRUE(play.ended[awaited] && play.well[awaited]) << "row " << row << " before " << awaited;
      last = std::max(last, *play.ended[awaited]);
    }
    if (!graph_[row].empty()) expected = last + wait_of(row);
    ASSERT_EQ(at, expected) << "row " << row;
  }

  void check_end(const Play& play) {
    ++orders_;
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      const bool should = std::ranges::all_of(
          graph_[i], [&](std::size_t awaited) { return play.ended[awaited] && play.well[awaited]; });
      ASSERT_EQ(play.sent[i].has_value(), should) << "row " << i;
      missing += should ? 0 : 1;
    }
    ASSERT_EQ(play.calls.never_sent(), missing);
  }

  const Graph& graph_;
  std::int64_t orders_ = 0;
};

TEST(CallGraph, SendsEachCallOnceWhenAllThatItWaitsForHaveEnded) {
  std::int64_t graphs = 0, orders = 0;
  for (const std::size_t rows : {1U, 2U, 3U, 4U}) {
    for_all_graphs(rows, [&](const Graph& graph) {
      if (HasFailure()) return;
      ++graphs;
      orders += EveryOrder(graph).run();
    });
  }
  EXPECT_EQ(graphs, 1 + 2 + 8 + 64);
  EXPECT_GT(orders, 5'000);
}

// An agent that asks two others at once, and goes on when both have answered and its tool has run.
const std::string kForkAndJoin = fixture("mooncake_agentic.jsonl");

TEST(AgenticTraces, CallsForkAndJoin) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = kForkAndJoin}});
  ASSERT_EQ(served.requests.size(), 5U);
  std::vector<Time> at(5);
  for (const Served& s : served.requests)
    at[static_cast<std::size_t>(s.spec.output_tokens) / 10] = s.spec.arrival;
  EXPECT_EQ(at[1], Time{0ms}) << "plan is the first row";
  EXPECT_EQ(at[0], Time{100ms}) << "a row that waits for none is sent at its time, whatever its delay";
  EXPECT_EQ(at[2], Time{100ms + 5ms});
  EXPECT_EQ(at[3], Time{100ms + 40ms});
  EXPECT_EQ(at[4], Time{140ms + 300ms + 101ms}) << "after the later of the two";
  EXPECT_EQ(inspect_trace({.path = kForkAndJoin}).requests, 5);
}

TEST(AgenticTraces, NothingIsSentAfterACallThatFailed) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = kForkAndJoin}}, 10ms, {0});
  EXPECT_EQ(served.requests.size(), 2U);
  ASSERT_FALSE(served.warnings.empty());
  EXPECT_EQ(served.warnings.back(), "3 calls were never sent: one that they waited for failed");
}

TEST(AgenticTraces, WhatWaitsForRowsOutsideTheSliceIsLeftOut) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = kForkAndJoin, .start_s = 0.05}});
  EXPECT_EQ(served.requests.size(), 1U);
  ASSERT_FALSE(served.warnings.empty());
  EXPECT_EQ(served.warnings.back(), "3 calls are left out, with those that they waited for");
}

struct BadGraph {
  const char* name;
  const char* row;
  const char* message;
};
class BadGraphs : public testing::TestWithParam<BadGraph> {};

TEST_P(BadGraphs, AreRefusedWithTheirPlace) {
  const TempFile file(
      std::string(
          R"({"request_id": "a", "timestamp": 0, "input_length": 9, "output_length": 1, "wait_for": []})"
          "\n") +
      GetParam().row + "\n");
  const std::string error = trace_error({.path = file.path()});
  EXPECT_EQ(error.find(file.path() + ":2:"), 0U) << error;
  EXPECT_NE(error.find(GetParam().message), std::string::npos) << error;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadGraphs,
    testing::Values(
        BadGraph{"Unknown",
                 R"({"request_id": "b", "wait_for": ["c"], "input_length": 9, "output_length": 1})",
                 "waits for one that is not above it"},
        BadGraph{"Itself", R"({"request_id": "b", "wait_for": ["b"], "input_length": 9, "output_length": 1})",
                 "waits for itself"},
        BadGraph{"Twice", R"({"request_id": "a", "timestamp": 3, "input_length": 9, "output_length": 1})",
                 "the same `request_id`"},
        BadGraph{"Nameless", R"({"wait_for": ["a"], "input_length": 9, "output_length": 1})",
                 "there is no `request_id`"},
        BadGraph{"NoTime", R"({"request_id": "b", "input_length": 9, "output_length": 1})",
                 "there is no `timestamp`"},
        BadGraph{"NoList", R"({"request_id": "b", "wait_for": "a", "input_length": 9, "output_length": 1})",
                 "bad `wait_for`"}),
    [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace blis
