// Parts of a simulation that users of the library bring along.
#include <gtest/gtest.h>

#include <algorithm>
#include <blis/blis.hpp>
#include <limits>
#include <memory>

namespace blis {
namespace {

const SimulateOptions kOfTheSource{.data_folder = BLIS_SOURCE_DIR};

Scenario two_replicas() {
  const Setting settings[] = {{"num-prompts", "30"}, {"replicas", "2"}, {"latency.host.api_ms", "0"}};
  return read_scenario(BLIS_SOURCE_DIR "/scenarios/chat.yaml", settings);
}

NextRequest one_a_second(int count) {
  return [count, sent = std::make_shared<int>(0)]() -> std::optional<SentRequest> {
    if (*sent == count) return std::nullopt;
    return SentRequest{.arrival_s = static_cast<double>((*sent)++), .input_tokens = 100, .output_tokens = 11};
  };
}

TEST(Plugins, AStepTakesAsLongAsTheFunctionSays) {
  const Report report =
      simulate(two_replicas(),
               {.step_time = [](const PricedWork& work) { return work.prefill_tokens > 0 ? 0.2 : 0.01; },
                .next_request = one_a_second(5)},
               kOfTheSource);
  EXPECT_EQ(report.figure("completed"), 5);
  EXPECT_DOUBLE_EQ(report.figure("median_tpot_ms").value(), 10);
  EXPECT_NE(to_json(report).find("no accuracy is claimed"), std::string::npos);
}

TEST(Plugins, AStepsTimeLeavesThePickerAsItIs) {
  const Setting settings[] = {{"num-prompts", "30"}, {"replicas", "2"}, {"router.policy", "epp"}};
  const Report report = simulate(read_scenario(BLIS_SOURCE_DIR "/scenarios/chat.yaml", settings),
                                 {.step_time = [](const PricedWork&) { return 0.01; }}, kOfTheSource);
  EXPECT_EQ(report.figure("completed"), 30);
}

TEST(Plugins, ARouterSeesWhatItSent) {
  std::vector<std::int64_t> seen;
  const Report report =
      simulate(two_replicas(),
               {.choose_replica =
                    [&](const RoutedRequest& request, std::span<const ReplicaState> replicas) {
                      EXPECT_GT(request.input_tokens, 0);
                      seen.push_back(replicas[1].requests);
                      return std::size_t{1};
                    }},
               kOfTheSource);
  ASSERT_EQ(seen.size(), 30U);
  EXPECT_EQ(seen[0], 0);
  EXPECT_GT(*std::max_element(seen.begin(), seen.end()), 0);
  EXPECT_EQ(report.figure("completed"), 30);
}

TEST(Plugins, AnswersOutOfRangeAreMistakes) {
  const auto refused = [](const Plugins& plugins) {
    try {
      simulate(two_replicas(), plugins, kOfTheSource);
      return std::string();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double seconds : {0.0, -1.0, 1e9, nan}) {
    EXPECT_NE(refused({.step_time = [=](const PricedWork&) { return seconds; }}).find("step_time"),
              std::string::npos);
  }
  EXPECT_NE(refused({.choose_replica = [](auto&&, auto&&) { return std::size_t{2}; }}).find("choose_replica"),
            std::string::npos);
  for (const SentRequest& wrong : {SentRequest{.arrival_s = -1, .input_tokens = 1, .output_tokens = 1},
                                   SentRequest{.arrival_s = nan, .input_tokens = 1, .output_tokens = 1},
                                   SentRequest{.input_tokens = 0, .output_tokens = 1},
                                   SentRequest{.input_tokens = 1, .output_tokens = std::int64_t{1} << 40}}) {
    EXPECT_NE(refused({.next_request = [=] { return std::optional(wrong); }}).find("next_request"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace blis
