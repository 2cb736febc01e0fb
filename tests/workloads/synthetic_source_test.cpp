#include "workloads/synthetic_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/workloads/read_requests.h"

namespace blis {
namespace {

using Kind = Distribution::Kind;

ClientSpec client(std::string name = {}) {
  return {.name = std::move(name),
          .input_tokens = {.kind = Kind::normal, .mean = 1000, .stddev = 300, .min = 2, .max = 7000},
          .output_tokens = {.kind = Kind::lognormal, .mean = 200, .stddev = 100, .min = 2, .max = 4000}};
}

SyntheticSpec one_client(std::int64_t n) {
  return {.num_requests = n, .arrival = ArrivalSpec{.request_rate = 20}, .clients = {client()}};
}

std::vector<ReadRequest> generate(SyntheticSpec spec, std::uint64_t seed = 0) {
  return read_workload({.kind = std::move(spec), .seed = seed}).requests;
}

// The places of the problems of a spec.
std::vector<std::string> problems(SyntheticSpec spec) {
  std::vector<std::string> keys;
  try {
    open_workload({.kind = std::move(spec)});
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    for (const Problem& problem : error.problems()) keys.push_back(problem.place.file);
  }
  return keys;
}

TEST(SyntheticSource, SendsAsManyRequestsAsItWasAsked) {
  EXPECT_EQ(generate(one_client(1)).size(), 1U);
  EXPECT_EQ(generate(one_client(1000)).size(), 1000U);
}

TEST(SyntheticSource, DurationBoundsTheArrivals) {
  SyntheticSpec spec = one_client(0);
  spec.num_requests.reset();
  spec.duration_s = 100;
  const auto requests = generate(spec);
  EXPECT_LT(arrival_ms(requests.back()), 100'000);
  EXPECT_NEAR(static_cast<double>(requests.size()), 2000, 150);
}

TEST(SyntheticSource, LengthsHaveTheMeansAndBoundsAskedFor) {
  const auto requests = generate(one_client(100'000));
  double input = 0;
  double output = 0;
  for (const ReadRequest& r : requests) {
    ASSERT_GE(r.spec.prompt_tokens, 2);
    ASSERT_LE(r.spec.prompt_tokens, 7000);
    ASSERT_GE(r.spec.output_tokens, 2);
    input += r.spec.prompt_tokens;
    output += r.spec.output_tokens;
  }
  EXPECT_NEAR(input / 100'000, 1000, 4);
  EXPECT_NEAR(output / 100'000, 200, 1.5);
  EXPECT_NEAR(arrival_ms(requests.back()) / 1e3, 5000, 80);
}

TEST(SyntheticSource, EqualSeedsGiveEqualRequests) {
  const auto signature = [](std::uint64_t seed) {
    std::vector<std::int64_t> all;
    for (const ReadRequest& r : generate(one_client(500), seed)) {
      all.push_back(since_start(r.spec.arrival).count());
      all.push_back(r.spec.prompt_tokens);
      all.push_back(r.spec.output_tokens);
    }
    return all;
  };
  EXPECT_EQ(signature(3), signature(3));
  EXPECT_NE(signature(3), signature(4));
}

TEST(SyntheticSource, ChangingTheRateChangesNothingButTheTimes) {
  SyntheticSpec fast = one_client(500);
  fast.arrival->request_rate = 200;
  const auto a = generate(one_client(500));
  const auto b = generate(fast);
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].spec.prompt_tokens, b[i].spec.prompt_tokens);
    ASSERT_EQ(a[i].spec.output_tokens, b[i].spec.output_tokens);
    ASSERT_NEAR(arrival_ms(a[i]), 10 * arrival_ms(b[i]), 1e-5);
  }
}

TEST(SyntheticSource, SharesDivideTheCommonArrivals) {
  SyntheticSpec spec = one_client(20'000);
  spec.clients = {client("a"), client("b"), client("c")};
  spec.clients[0].share = 0.7;
  std::map<int, int> sent;
  for (const ReadRequest& r : generate(spec)) ++sent[r.spec.client];
  EXPECT_NEAR(sent[0], 14'000, 300);
  EXPECT_NEAR(sent[1], 3000, 200) << "clients without a share divide the rest";
  EXPECT_NEAR(sent[2], 3000, 200);
}

TEST(SyntheticSource, ClientsWithTheirOwnArrivalsAreMergedInOrder) {
  SyntheticSpec spec{.num_requests = 10'000, .clients = {client("slow"), client("fast")}};
  spec.clients[0].arrival = ArrivalSpec{.request_rate = 5};
  spec.clients[1].arrival = ArrivalSpec{.request_rate = 45};
  spec.clients[1].priority = -1;
  spec.clients[1].timeout_s = 2.5;
  Time last{};
  std::map<int, int> sent;
  for (const ReadRequest& r : generate(spec)) {
    ASSERT_GE(r.spec.arrival, last);
    last = r.spec.arrival;
    ++sent[r.spec.client];
    EXPECT_EQ(r.spec.priority, r.spec.client == 1 ? -1 : 0);
    EXPECT_EQ(r.spec.timeout, r.spec.client == 1 ? Duration{2'500'000'000} : Duration{0});
  }
  EXPECT_NEAR(sent[0], 1000, 110);
  EXPECT_NEAR(to_ms(since_start(last)) / 1e3, 200, 8);
}

TEST(SyntheticSource, PrefixGroupsAreSharedAndComeOnTopOfTheInput) {
  SyntheticSpec spec = one_client(2000);
  spec.clients[0].input_tokens = {.kind = Kind::constant, .value = 100};
  spec.clients[0].prefix = PrefixSpec{.groups = 4, .tokens = {.kind = Kind::constant, .value = 500}};
  std::map<ContentId, int> groups;
  for (const ReadRequest& r : generate(spec)) {
    ASSERT_EQ(r.spec.prompt_tokens, 600);
    ASSERT_EQ(r.prompt.size(), 2U);
    EXPECT_EQ(r.prompt[0].tokens, 500);
    EXPECT_NE(r.prompt[0].content, kPrivateContent);
    EXPECT_EQ(r.prompt[1], (ContentRun{kPrivateContent, 100}));
    ++groups[r.prompt[0].content];
  }
  ASSERT_EQ(groups.size(), 4U);
  for (const auto& [content, times] : groups) EXPECT_NEAR(times, 500, 90);
}

TEST(SyntheticSource, APoolIsCycledInOrderWithOneLengthAPrompt) {
  SyntheticSpec spec = one_client(25);
  spec.clients[0].prompts = PromptPoolSpec{.pool = 10};
  spec.clients[0].prefix = PrefixSpec{.groups = 3, .tokens = {.kind = Kind::constant, .value = 50}};
  const auto requests = generate(spec);
  std::set<ContentId> distinct;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    distinct.insert(requests[i].prompt.back().content);
    if (i < 10) continue;
    EXPECT_EQ(requests[i].prompt, requests[i - 10].prompt) << "request n uses prompt n mod 10";
  }
  EXPECT_EQ(distinct.size(), 10U);
}

TEST(SyntheticSource, TwoClientsNeverShareContent) {
  SyntheticSpec spec = one_client(200);
  spec.clients = {client("a"), client("b")};
  for (ClientSpec& c : spec.clients)
    c.prefix = PrefixSpec{.groups = 1, .tokens = {.kind = Kind::constant, .value = 9}};
  std::map<ContentId, std::set<int>> users;
  for (const ReadRequest& r : generate(spec)) users[r.prompt[0].content].insert(r.spec.client);
  EXPECT_EQ(users.size(), 2U);
  for (const auto& [content, clients] : users) EXPECT_EQ(clients.size(), 1U);
}

TEST(SyntheticSource, TheClientsLimitCutsTheOutput) {
  SyntheticSpec spec = one_client(200);
  spec.clients[0].max_tokens = 150;
  for (const ReadRequest& r : generate(spec)) {
    EXPECT_LE(r.spec.output_tokens, 150);
    EXPECT_EQ(r.spec.max_tokens, 150);
  }
}

TEST(SyntheticSource, ARateThatFallsToZeroIsReported) {
  SyntheticSpec spec = one_client(1000);
  spec.arrival->process = ArrivalSpec::Process::constant;
  spec.arrival->curve = {.kind = RateCurve::Kind::piecewise, .points = {{0, 10}, {10, 10}, {10, 0}}};
  const ReadWorkload read = read_workload({.kind = spec});
  EXPECT_EQ(read.requests.size(), 100U);
  EXPECT_EQ(read.warnings,
            std::vector<std::string>{"only 100 of 1000 requests were sent: the arrival rate fell to 0"});
}

TEST(SyntheticSource, ImpossibleValuesAreReportedByTheirKeys) {
  SyntheticSpec spec = one_client(0);
  spec.arrival->request_rate = -1;
  spec.clients[0].input_tokens = {.kind = Kind::uniform, .min = 5};
  spec.clients[0].output_tokens = {.kind = Kind::lognormal, .mean = std::nan(""), .stddev = -1};
  EXPECT_EQ(problems(spec),
            (std::vector<std::string>{"workload.num_requests", "workload.input_tokens",
                                      "workload.output_tokens.mean", "workload.output_tokens.stddev",
                                      "workload.arrival.request_rate"}));
}

TEST(SyntheticSource, ContradictionsBetweenClientsAreReported) {
  SyntheticSpec spec = one_client(10);
  spec.clients = {client("a"), client("b")};
  spec.clients[0].share = 0.5;
  spec.clients[1].share = 0.4;
  EXPECT_EQ(problems(spec), std::vector<std::string>{"workload.clients"});
  spec.clients[1].share.reset();
  EXPECT_TRUE(problems(spec).empty());
  spec.arrival.reset();
  EXPECT_EQ(problems(spec), std::vector<std::string>{"workload.arrival"});
  EXPECT_EQ(problems(SyntheticSpec{}), (std::vector<std::string>{"workload", "workload.clients"}));
}

}  // namespace
}  // namespace blis
