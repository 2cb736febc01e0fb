// Sessions, closed loops and timeouts on the real engine, with a step of fixed cost.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/fleet/simulation.h"
#include "tests/sim/fleet/toys.h"
#include "tests/workloads/temp_file.h"
#include "workloads/workload.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using Kind = Distribution::Kind;
constexpr int kBlock = 16;

// Remembers what it passes on.
class Recorded : public RequestSource {
 public:
  explicit Recorded(const WorkloadSpec& spec) : source_(open_workload(spec)) {}

  bool next(RequestSpec& spec) override {
    if (!source_->next(spec)) return false;
    sent.push_back(spec);
    sent.back().prompt = {};
    return true;
  }
  bool has_feedback() const override { return source_->has_feedback(); }
  Time next_arrival() const override { return source_->next_arrival(); }
  void on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) override {
    source_->on_ended(request, at, outcome, output_tokens);
  }

  std::vector<RequestSpec> sent;

 private:
  std::unique_ptr<WorkloadSource> source_;
};

struct ServedRun {
  std::vector<RequestSpec> sent;
  LargeVector<RequestRecord> records;
};

ServedRun run(const WorkloadSpec& workload, int num_blocks = 100'000, int replicas = 1) {
  OnePool config;
  config.replicas = replicas;
  config.engine.scheduler.max_model_len = 100'000;
  config.engine.scheduler.block_size = kBlock;
  config.engine.scheduler.num_blocks = num_blocks;
  Recorded source(workload);
  RunResult result = simulate(config, FixedLatency(10ms), source);
  return {std::move(source.sent), std::move(result.requests)};
}

SyntheticSpec chat() {
  return {.num_requests = 400,
          .arrival = ArrivalSpec{.request_rate = 3},
          .clients = {{.input_tokens = {.kind = Kind::uniform, .min = 20, .max = 300},
                       .output_tokens = {.kind = Kind::uniform, .min = 1, .max = 80},
                       .prefix = PrefixSpec{.groups = 3, .tokens = {.kind = Kind::constant, .value = 200}},
                       .session = SessionSpec{.turns = {.kind = Kind::uniform, .min = 1, .max = 6},
                                              .think_time_s = {.kind = Kind::uniform, .min = 0, .max = 4}}}}};
}

std::map<std::uint64_t, std::vector<std::size_t>> turns_of(const ServedRun& r) {
  std::map<std::uint64_t, std::vector<std::size_t>> sessions;
  for (std::size_t i = 0; i < r.sent.size(); ++i) sessions[r.sent[i].session].push_back(i);
  return sessions;
}

TEST(SessionsOnTheEngine, ALaterTurnNeverStartsBeforeTheEarlierOneEnds) {
  for (const int replicas : {1, 3}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      SCOPED_TRACE(::testing::Message() << replicas << " replicas, seed " << seed);
      const ServedRun r = run({.kind = chat(), .seed = seed}, 100'000, replicas);
      ASSERT_EQ(r.records.size(), 400U);
      for (const auto& [session, turns] : turns_of(r)) {
        for (std::size_t k = 1; k < turns.size(); ++k) {
          EXPECT_GE(r.records[turns[k]].arrival, r.records[turns[k - 1]].last_token);
          EXPECT_LE(r.records[turns[k]].arrival, r.records[turns[k - 1]].last_token + 4s);
        }
      }
    }
  }
}

TEST(SessionsOnTheEngine, WhatWasSaidAndAnsweredIsAPrefixHit) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    const ServedRun r = run({.kind = chat(), .seed = seed});
    std::int64_t later_turns = 0;
    for (const auto& [session, turns] : turns_of(r)) {
      for (std::size_t k = 1; k < turns.size(); ++k) {
        // The last generated token has not been through the model: its keys and values are not there.
        const RequestRecord& before = r.records[turns[k - 1]];
        const int known = before.input_tokens + before.output_tokens - 1;
        EXPECT_EQ(r.records[turns[k]].hit_tokens, known / kBlock * kBlock);
        ++later_turns;
      }
    }
    EXPECT_GT(later_turns, 200);
  }
}

TEST(SessionsOnTheEngine, EveryRequestEndsOnceUnderPressure) {
  SyntheticSpec spec = chat();
  spec.clients[0].timeout_s = 0.7;
  spec.arrival->request_rate = 100;
  for (const std::uint64_t seed : {1, 2}) {
    SCOPED_TRACE(seed);
    const ServedRun r = run({.kind = spec, .seed = seed}, 200);
    std::map<Outcome, int> outcomes;
    for (const RequestRecord& record : r.records) ++outcomes[record.outcome];
    EXPECT_EQ(outcomes[Outcome::unfinished], 0);
    EXPECT_GT(outcomes[Outcome::aborted], 0) << "the timeout is never reached: no pressure";
    EXPECT_GT(outcomes[Outcome::completed], 0);
    for (const auto& [session, turns] : turns_of(r)) {
      for (std::size_t k = 0; k + 1 < turns.size(); ++k) {
        EXPECT_EQ(r.records[turns[k]].outcome, Outcome::completed)
            << "a session goes on only after an answer";
      }
    }
  }
}

TEST(SessionsOnTheEngine, MaxConcurrencyHoldsOnTheEngineToo) {
  SyntheticSpec spec = chat();
  spec.max_concurrency = 5;
  spec.arrival->request_rate = 50;
  const ServedRun r = run({.kind = spec});
  ASSERT_EQ(r.records.size(), 400U);
  std::vector<std::pair<Time, int>> changes;
  for (const RequestRecord& record : r.records) {
    changes.emplace_back(record.arrival, 1);
    changes.emplace_back(record.last_token, -1);
  }
  std::sort(changes.begin(), changes.end());  // at one instant, ends come first
  int in_flight = 0;
  for (const auto& [at, change] : changes) {
    in_flight += change;
    EXPECT_LE(in_flight, 5);
  }
}

TEST(SessionsOnTheEngine, AnAgentsChainRunsCallByCall) {
  const ServedRun r = run({.kind = TraceSpec{.path = fixture("llmservingsim_agentic.jsonl")}});
  ASSERT_EQ(r.records.size(), 8U);
  for (const RequestRecord& record : r.records) EXPECT_EQ(record.outcome, Outcome::completed);
  for (const auto& [session, calls] : turns_of(r)) {
    if (session == 0) continue;
    for (std::size_t k = 1; k < calls.size(); ++k) {
      const Duration tool = r.records[calls[k]].arrival - r.records[calls[k - 1]].last_token;
      EXPECT_TRUE(tool == 2s || tool == 500ms || tool == 0s) << tool.count();
    }
  }
}

TEST(SessionsOnTheEngine, AnAgentsCallFindsTheAnswerBeforeItInTheCache) {
  // 40 tokens in and 24 out are four blocks of 16; the call after repeats them and adds 10.
  const auto ids = [](int from, int to) {
    std::string list;
    for (int id = from; id < to; ++id) list += (list.empty() ? "" : ", ") + std::to_string(id);
    return "[" + list + "]";
  };
  const TempFile file(
      "{\"arrival_time_ns\": 0, \"sub_requests\": [{\"input_toks\": 40, \"input_tok_ids\": " + ids(0, 40) +
      ", \"output_toks\": 24, \"output_tok_ids\": " + ids(40, 64) +
      "}, {\"input_toks\": 74, \"input_tok_ids\": " + ids(0, 74) + ", \"output_toks\": 5}]}\n");
  const ServedRun r = run({.kind = TraceSpec{.path = file.path()}});
  ASSERT_EQ(r.records.size(), 2U);
  EXPECT_EQ(r.records[1].outcome, Outcome::completed);
  EXPECT_EQ(r.records[1].hit_tokens, 48) << "the answer's last token is computed with the token after it";
}

}  // namespace
}  // namespace blis
