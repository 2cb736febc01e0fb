// What requests with LoRA adapters and with structured output wait for, and what their steps take.
#include <gtest/gtest.h>

#include <optional>

#include "blis/error.hpp"
#include "tests/sim/fleet/toys.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

OnePool with_adapters(OnePool config, int slots) {
  config.engine.scheduler.max_loras = slots;
  config.engine.adapters = {.slots = slots,
                            .in_host_memory = slots + 1,
                            .load = milliseconds{30},
                            .activate = milliseconds{2},
                            .slowdown = 0.5};
  return config;
}

ToyRequest adapted(Time arrival, int prompt, int output, AdapterIndex adapter) {
  ToyRequest request = toy(arrival, prompt, output);
  request.spec.adapter = adapter;
  return request;
}

TEST(Adapters, AStepWaitsForThemAndTakesLonger) {
  // Steps of 10 ms take 15 with adapters; a new one is loaded for 30 ms and gets its slot in 2.
  const RunResult run_of_one =
      run(with_adapters(small(), 1), {adapted(at_ms(0), 10, 2, 1), toy(at_ms(100), 10, 2)});
  EXPECT_EQ(ms(run_of_one.requests[0].first_token), 47);
  EXPECT_EQ(ms(run_of_one.requests[0].last_token), 62);
  EXPECT_EQ(ms(run_of_one.requests[1].last_token), 120) << "no step of the base model takes longer";
}

TEST(Adapters, OneMoreThanThereAreSlotsWaitsWhileOthersPass) {
  const RunResult result =
      run(with_adapters(small(), 1),
          {adapted(at_ms(0), 10, 4, 1), adapted(at_ms(1), 10, 4, 2), toy(at_ms(1), 10, 4)});
  EXPECT_LT(result.requests[2].scheduled, result.requests[1].scheduled);
  EXPECT_GE(result.requests[1].scheduled, result.requests[0].last_token);
}

TEST(Adapters, BlocksAreFoundUnderTheSameAdapterAlone) {
  std::vector<ToyRequest> requests;
  for (int i = 0; i < 4; ++i)
    requests.push_back(adapted(at_ms(200 * i), 64, 1, static_cast<AdapterIndex>(i % 2)));
  for (ToyRequest& request : requests) request.prompt = {{7, 64}};
  const RunResult result = run(with_adapters(small(), 1), requests);
  EXPECT_EQ(result.requests[1].hit_tokens, 0);
  EXPECT_EQ(result.requests[2].hit_tokens, 48) << "the block of the last token is computed";
  EXPECT_EQ(result.requests[3].hit_tokens, 48);
}

TEST(Grammars, ARequestIsAdmittedOnceItsGrammarIsCompiled) {
  OnePool config = small();
  config.engine.grammar_compile = milliseconds{25};
  std::vector<ToyRequest> requests{toy(at_ms(0), 10, 9), toy(at_ms(1), 10, 2), toy(at_ms(1), 10, 2)};
  requests[1].spec.structured_output = true;
  const RunResult result = run(config, requests);
  EXPECT_EQ(ms(result.requests[1].scheduled), 30);
  EXPECT_EQ(ms(result.requests[2].scheduled), 10);
}

// Nothing where vLLM stops: an adapter more than there are slots comes back from a step that it sat out.
std::optional<RunResult> run_unless_stopped(const OnePool& config, const std::vector<ToyRequest>& requests) {
  try {
    return run(config, requests, WorkLatency{});
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// With adapters and grammars, running ahead changes nothing either.
TEST(AdaptersAndGrammars, RunningAheadChangesNothing) {
  OnePool windows = small();
  windows.engine.scheduler.kv_groups = attention_groups({0, 40});
  windows.engine.attention_window = 40;
  const std::vector<OnePool> pools{
      small(), asynchronous(small()), two_ranks(), asynchronous(two_ranks()), pipeline(3), windows};
  int compared = 0;
  for (std::size_t p = 0; p < pools.size(); ++p) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(testing::Message() << "pool " << p << ", seed " << seed);
      std::mt19937_64 rng(seed);
      const auto below = [&rng](int n) { return static_cast<int>(rng() % static_cast<std::uint64_t>(n)); };
      OnePool config = with_adapters(pools[p], 1 + below(3));
      config.engine.grammar_compile = milliseconds{below(60)};
      config.engine.scheduler.num_blocks = 600;
      std::vector<ToyRequest> requests = random_traffic(rng, 100, 120, 60, 12);
      for (ToyRequest& request : requests) {
        request.spec.adapter = static_cast<AdapterIndex>(below(5));
        request.spec.structured_output = below(4) == 0;
      }
      const std::optional<RunResult> ahead = run_unless_stopped(config, requests);
      config.engine.run_ahead = false;
      const std::optional<RunResult> plain = run_unless_stopped(config, requests);
      ASSERT_EQ(ahead.has_value(), plain.has_value());
      if (!ahead) continue;
      ++compared;
      ASSERT_EQ(ahead->engines[0].steps.size(), plain->engines[0].steps.size());
      for (std::size_t i = 0; i < requests.size(); ++i) {
        const RequestRecord &a = ahead->requests[i], &b = plain->requests[i];
        ASSERT_EQ(a.outcome, Outcome::completed) << i;
        ASSERT_EQ(a.scheduled, b.scheduled) << i;
        ASSERT_EQ(a.first_token, b.first_token) << i;
        ASSERT_EQ(a.last_token, b.last_token) << i;
      }
    }
  }
  EXPECT_GT(compared, 40);
}

}  // namespace
}  // namespace blis
