// Traffic that depends on when requests end, against a toy server.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "tests/workloads/toy_server.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using Kind = Distribution::Kind;
using Process = ArrivalSpec::Process;

std::int64_t tokens(const std::vector<ContentRun>& runs) {
  std::int64_t sum = 0;
  for (const ContentRun& run : runs) sum += run.tokens;
  return sum;
}

ClientSpec chatting_client() {
  return {.input_tokens = {.kind = Kind::uniform, .min = 20, .max = 60},
          .output_tokens = {.kind = Kind::uniform, .min = 5, .max = 50},
          .session = SessionSpec{.turns = {.kind = Kind::uniform, .min = 1, .max = 6},
                                 .think_time_s = {.kind = Kind::constant, .value = 5}}};
}

SyntheticSpec chat(std::int64_t n) {
  return {.num_requests = n, .arrival = ArrivalSpec{.request_rate = 2}, .clients = {chatting_client()}};
}

std::map<std::uint64_t, std::vector<Served>> by_session(const ServedWorkload& served) {
  std::map<std::uint64_t, std::vector<Served>> sessions;
  for (const Served& request : served.requests) sessions[request.spec.session].push_back(request);
  return sessions;
}

TEST(Sessions, ALaterTurnIsSentAThinkTimeAfterTheAnswer) {
  for (const Duration token_time : {1ms, 100ms}) {
    for (const auto& [session, turns] : by_session(serve({.kind = chat(500)}, token_time))) {
      for (std::size_t i = 1; i < turns.size(); ++i) ASSERT_EQ(turns[i].spec.arrival, turns[i - 1].end + 5s);
    }
  }
}

TEST(Sessions, EachPromptRepeatsTheConversationSoFar) {
  for (const auto& [session, turns] : by_session(serve({.kind = chat(500)}))) {
    for (std::size_t i = 0; i < turns.size(); ++i) {
      ASSERT_EQ(tokens(turns[i].prompt), turns[i].spec.prompt_tokens);
      if (i == 0) continue;
      std::vector<ContentRun> expected = turns[i - 1].prompt;
      expected.push_back({turns[i - 1].spec.output_content, turns[i - 1].spec.output_tokens});
      ASSERT_NE(turns[i - 1].spec.output_content, kPrivateContent);
      ASSERT_EQ(turns[i].prompt.size(), expected.size() + 1);
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), turns[i].prompt.begin()));
      for (const ContentRun& run : expected)
        ASSERT_NE(run.content, kPrivateContent) << "it could never be a hit";
    }
  }
}

TEST(Sessions, RequestsAreCountedOverAllTurns) {
  for (const std::int64_t n : {1, 7, 500}) EXPECT_EQ(std::ssize(serve({.kind = chat(n)}).requests), n);
}

TEST(Sessions, WhatIsSaidDoesNotDependOnHowFastItIsAnswered) {
  const auto fast = by_session(serve({.kind = chat(300)}, 1ms));
  const auto slow = by_session(serve({.kind = chat(300)}, 500ms));
  ASSERT_EQ(fast.size(), slow.size());
  for (const auto& [session, turns] : fast) {
    const auto& others = slow.at(session);
    ASSERT_EQ(turns.size(), others.size());
    for (std::size_t i = 0; i < turns.size(); ++i) {
      EXPECT_EQ(turns[i].prompt, others[i].prompt);
      EXPECT_EQ(turns[i].spec.output_tokens, others[i].spec.output_tokens);
    }
  }
}

TEST(Sessions, AFailedRequestEndsItsSession) {
  const ServedWorkload all = serve({.kind = chat(300)});
  RequestIndex victim = 0;  // a first turn with a second one
  const auto sessions = by_session(all);
  while (sessions.at(all.requests[victim].spec.session).size() < 2) ++victim;
  const ServedWorkload cut = serve({.kind = chat(300)}, 10ms, {victim});
  EXPECT_EQ(by_session(cut).at(all.requests[victim].spec.session).size(), 1U);
  ASSERT_EQ(cut.warnings.size(), 1U);
  EXPECT_NE(cut.warnings[0].find("later turns of sessions were never sent"), std::string::npos);
}

TEST(Sessions, AConversationEndsBeforeItOutgrowsItsContext) {
  SyntheticSpec spec = chat(500);
  spec.clients[0].session->max_context_tokens = 200;
  spec.clients[0].prefix = PrefixSpec{.groups = 2, .tokens = {.kind = Kind::constant, .value = 50}};
  bool some_were_cut = false;
  for (const auto& [session, turns] : by_session(serve({.kind = spec}))) {
    for (const Served& turn : turns) {
      ASSERT_LE(turn.spec.prompt_tokens + turn.spec.output_tokens, 200);
      ASSERT_EQ(turn.prompt[0].tokens, 50);
      EXPECT_EQ(turn.prompt[0], turns[0].prompt[0]) << "a session keeps its system prompt";
    }
    some_were_cut |= turns.size() == 2;
  }
  EXPECT_TRUE(some_were_cut);
}

TEST(ClosedLoop, UsersSendAgainWhenTheirAnswerHasCome) {
  SyntheticSpec spec{.num_requests = 100,
                     .arrival = ArrivalSpec{.process = Process::closed_loop, .users = 4, .ramp_up_s = 8},
                     .clients = {chatting_client()}};
  spec.clients[0].session.reset();
  const ServedWorkload served = serve({.kind = spec});
  ASSERT_EQ(served.requests.size(), 100U);
  std::vector<Time> starts;
  for (std::size_t i = 0; i < served.requests.size(); ++i) {
    const Served& request = served.requests[i];
    EXPECT_LE(request.in_flight, 4);
    const bool joins = request.spec.arrival.time_since_epoch() % 2s == 0s && request.spec.arrival < Time{8s};
    const bool follows =
        std::any_of(served.requests.begin(), served.requests.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Served& other) { return other.end == request.spec.arrival; });
    EXPECT_TRUE(joins || follows) << i;
  }
  EXPECT_EQ(served.requests[50].in_flight, 4);
}

TEST(ClosedLoop, UsersThinkBetweenTurnsAndConversations) {
  SyntheticSpec spec = chat(60);
  spec.arrival = ArrivalSpec{.process = Process::closed_loop, .users = 1};
  const ServedWorkload served = serve({.kind = spec});
  ASSERT_EQ(served.requests.size(), 60U);
  for (std::size_t i = 1; i < 60; ++i)
    EXPECT_EQ(served.requests[i].spec.arrival, served.requests[i - 1].end + 5s);
}

TEST(ClosedLoop, NobodyStartsAfterTheDuration) {
  SyntheticSpec spec = chat(1);
  spec.num_requests.reset();
  spec.duration_s = 30;
  spec.arrival = ArrivalSpec{.process = Process::closed_loop, .users = 3};
  spec.clients[0].session.reset();
  const ServedWorkload served = serve({.kind = spec});
  EXPECT_GT(served.requests.size(), 200U);
  EXPECT_LT(served.requests.back().spec.arrival, Time{30s});
}

// Fifty users for 20 s, each of whose requests ends at once unless `takes` says how long it takes.
std::int64_t requests_of_users(const std::function<Duration(std::int64_t)>& takes, Outcome outcome) {
  SyntheticSpec spec = chat(1);
  spec.num_requests.reset();
  spec.duration_s = 20;
  spec.arrival = ArrivalSpec{.process = Process::closed_loop, .users = 50, .ramp_up_s = 60};
  spec.clients[0].session.reset();
  const auto source = open_workload({.kind = spec});
  RequestSpec request;
  std::int64_t n = 0;
  for (; source->next_arrival() != kNever && source->next(request); ++n) {
    source->on_ended(static_cast<RequestIndex>(n), request.arrival + takes(n), outcome, 1);
    if (n > 2'000'000) throw std::logic_error("it never ends");
  }
  return n;
}

TEST(ClosedLoop, EndsWithASentenceWhereTimeStandsStill) {
  for (const Outcome outcome : {Outcome::too_long, Outcome::completed}) {
    try {
      requests_of_users([](std::int64_t) { return Duration{0}; }, outcome);
      ADD_FAILURE() << to_string(outcome);
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("time stands still at 0 s"), std::string::npos)
          << error.what();
      EXPECT_EQ(error.kind(), ErrorKind::usage);
    }
  }
}

TEST(ClosedLoop, GoesOnWhereOneRequestOfManyTakesTime) {
  const auto takes = [](std::int64_t i) { return i % 5'000 == 4'999 ? Duration{30s} : Duration{0}; };
  EXPECT_GT(requests_of_users(takes, Outcome::too_long), 50'000);
}

TEST(ClosedLoop, OfACountOfRequestsEndsThoughAllAreRefusedAtOnce) {
  SyntheticSpec spec = chat(300'000);
  spec.arrival = ArrivalSpec{.process = Process::closed_loop, .users = 2};
  spec.clients[0].session.reset();
  const auto source = open_workload({.kind = spec});
  RequestSpec request;
  RequestIndex n = 0;
  for (; source->next_arrival() != kNever && source->next(request); ++n) {
    source->on_ended(n, request.arrival, Outcome::too_long, 0);
  }
  EXPECT_EQ(n, 300'000U);
}

TEST(MaxConcurrency, KeepsAtMostSoManyInFlightAndTheOrder) {
  SyntheticSpec spec = chat(200);
  spec.clients[0].session.reset();
  spec.arrival = ArrivalSpec{.process = Process::at_once};
  std::vector<std::int32_t> open_loop;
  for (const ReadRequest& r : read_workload({.kind = spec}).requests)
    open_loop.push_back(r.spec.prompt_tokens);
  spec.max_concurrency = 8;
  const ServedWorkload served = serve({.kind = spec});
  ASSERT_EQ(served.requests.size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(served.requests[i].spec.prompt_tokens, open_loop[i]);
    EXPECT_LE(served.requests[i].in_flight, 8);
    const bool follows =
        std::any_of(served.requests.begin(), served.requests.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Served& other) { return other.end == served.requests[i].spec.arrival; });
    EXPECT_EQ(follows, i >= 8) << "the first eight are sent at once, each other one when an answer has come";
  }
}

TEST(MaxConcurrency, LeavesAloneWhatNeverReachesIt) {
  SyntheticSpec spec = chat(100);
  spec.clients[0].session.reset();
  const auto free = read_workload({.kind = spec}).requests;
  spec.max_concurrency = 1000;
  const ServedWorkload served = serve({.kind = spec});
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(served.requests[i].spec.arrival, free[i].spec.arrival);
}

TEST(MaxConcurrency, HoldsBackSessionsToo) {
  SyntheticSpec spec = chat(300);
  spec.arrival->request_rate = 100;
  spec.max_concurrency = 3;
  const ServedWorkload served = serve({.kind = spec});
  ASSERT_EQ(served.requests.size(), 300U);
  for (const Served& request : served.requests) ASSERT_LE(request.in_flight, 3);
  for (const auto& [session, turns] : by_session(served)) {
    for (std::size_t i = 1; i < turns.size(); ++i) EXPECT_GE(turns[i].spec.arrival, turns[i - 1].end + 5s);
  }
}

TEST(Stages, AStageStartsAfterTheOneBeforeHasDrained) {
  SyntheticSpec spec = chat(1);
  spec.clients[0].session.reset();
  spec.clients[0].output_tokens = {.kind = Kind::constant, .value = 10};
  spec.num_requests.reset();
  spec.duration_s = 1000;
  spec.arrival = ArrivalSpec{.process = Process::normalized_exponential, .stages = {{5, 20}, {10, 20}}};
  const ServedWorkload served = serve({.kind = spec}, 300ms);  // an answer takes 3 s
  ASSERT_EQ(served.requests.size(), 300U);
  EXPECT_EQ(served.requests[99].spec.arrival, Time{20s});
  const Time second_stage = Time{20s} + 3s + 1s;
  EXPECT_GT(served.requests[100].spec.arrival, second_stage);
  EXPECT_EQ(served.requests[299].spec.arrival, second_stage + 20s);
}

TEST(Stages, AStageIsNotDrainedWhileTurnsAreStillToCome) {
  SyntheticSpec spec = chat(1);
  spec.clients[0].session = SessionSpec{.turns = {.kind = Kind::constant, .value = 3},
                                        .think_time_s = {.kind = Kind::constant, .value = 50}};
  spec.num_requests.reset();
  spec.duration_s = 1000;
  spec.arrival = ArrivalSpec{.process = Process::normalized_exponential, .stages = {{1, 5}, {1, 5}}};
  const ServedWorkload served = serve({.kind = spec});
  ASSERT_EQ(served.requests.size(), 30U);
  Time drained{};  // of the first five sessions; nobody is in flight while all of them think
  for (std::uint64_t session = 0; const auto& [id, turns] : by_session(served)) {
    if (session++ < 5)
      drained = std::max(drained, turns.back().end);
    else
      EXPECT_GE(turns.front().spec.arrival, drained + 1s);
  }
}

TEST(Stages, AFirstStageWithoutRequestsKeepsNobodyWaiting) {
  SyntheticSpec spec = chat(1);
  spec.clients[0].session.reset();
  spec.num_requests.reset();
  spec.duration_s = 1000;
  spec.arrival = ArrivalSpec{.process = Process::normalized_exponential, .stages = {{0.001, 10}, {10, 20}}};
  const ServedWorkload served = serve({.kind = spec});
  ASSERT_EQ(served.requests.size(), 200U);
  EXPECT_EQ(served.requests[199].spec.arrival, Time{30s});
}

TEST(Feedback, OnlyTrafficThatDependsOnAnswersAsksForIt) {
  const auto asks = [](const SyntheticSpec& spec) { return open_workload({.kind = spec})->has_feedback(); };
  SyntheticSpec spec = chat(10);
  EXPECT_TRUE(asks(spec));
  spec.clients[0].session.reset();
  for (const Process process : {Process::poisson, Process::gamma, Process::weibull, Process::constant,
                                Process::at_once, Process::normalized_exponential}) {
    spec.arrival->process = process;
    EXPECT_FALSE(asks(spec)) << static_cast<int>(process);
  }
  EXPECT_FALSE(open_workload({.kind = TraceSpec{.path = fixture("azure2023.csv")}})->has_feedback());
  spec.max_concurrency = 2;
  EXPECT_TRUE(asks(spec));
}

TEST(AgenticTrace, ACallIsSentAToolTimeAfterTheOneBeforeEnded) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = fixture("llmservingsim_agentic.jsonl")}});
  ASSERT_EQ(served.requests.size(), 8U);
  const auto sessions = by_session(served);
  int chains = 0;
  for (const auto& [session, calls] : sessions) {
    if (session == 0) continue;
    ++chains;
    for (std::size_t i = 1; i < calls.size(); ++i) {
      const Duration tool_time = calls[i].spec.arrival - calls[i - 1].end;
      EXPECT_TRUE(tool_time == 2s || tool_time == 500ms || tool_time == 0s) << tool_time.count();
    }
  }
  EXPECT_EQ(chains, 2);
  EXPECT_EQ(sessions.at(0).size(), 2U) << "flat requests belong to no session";
}

TEST(SessionTrace, DelaysCountFromTheAnswerWhereverTheRowsLie) {
  const ServedWorkload served = serve({.kind = TraceSpec{.path = fixture("mooncake_sessions.jsonl")}});
  ASSERT_EQ(served.requests.size(), 7U);
  for (const auto& [session, turns] : by_session(served)) {
    for (std::size_t i = 1; i < turns.size(); ++i) {
      const Duration delay = turns[i].spec.arrival - turns[i - 1].end;
      EXPECT_TRUE(delay == 1500ms || delay == 200ms) << delay.count();
    }
  }
}

TEST(SessionTrace, TimeScaleShortensDelaysToo) {
  const ServedWorkload served =
      serve({.kind = TraceSpec{.path = fixture("mooncake_sessions.jsonl"), .time_scale = 2}});
  for (const auto& [session, turns] : by_session(served)) {
    for (std::size_t i = 1; i < turns.size(); ++i) {
      const Duration delay = turns[i].spec.arrival - turns[i - 1].end;
      EXPECT_TRUE(delay == 750ms || delay == 100ms) << delay.count();
    }
  }
}

TEST(SessionTrace, LimitCountsLaterRowsToo) {
  EXPECT_EQ(
      serve({.kind = TraceSpec{.path = fixture("mooncake_sessions.jsonl"), .limit = 4}}).requests.size(), 4U);
}

TEST(SessionTrace, AFailedRowEndsItsSession) {
  const ServedWorkload served =
      serve({.kind = TraceSpec{.path = fixture("mooncake_sessions.jsonl")}}, 10ms, {0});
  EXPECT_EQ(served.requests.size(), 5U);
  ASSERT_EQ(served.warnings.size(), 1U);
  EXPECT_EQ(served.warnings[0].find("2 later requests of sessions were never sent"), 0U);
}

}  // namespace
}  // namespace blis
