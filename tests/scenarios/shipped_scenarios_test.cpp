// What ships must read, fit, run without any file from elsewhere, and be as short as promised.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "scenarios/build.h"
#include "scenarios/document.h"
#include "sim/attribution.h"
#include "sim/metrics.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shipped() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(BLIS_SOURCE_DIR) / "scenarios")) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class ShippedScenario : public testing::TestWithParam<std::string> {};

TEST_P(ShippedScenario, RunsAndAccountsForEveryRequest) {
  BuiltSimulation built = build(read_settings(GetParam()), Catalog(BLIS_SOURCE_DIR));
  const RunResult run = simulate(built.config, *built.source);
  const Metrics metrics = summarize(run, metrics_options(built.scenario()));
  EXPECT_GT(metrics.completed, 0);
  EXPECT_EQ(metrics.completed + metrics.failed, metrics.measured);
  EXPECT_EQ(metrics.outcomes[static_cast<std::size_t>(Outcome::unfinished)], 0);

  const Attributor attributor(run);
  for (const RequestRecord& r : run.requests) {
    if (!has_full_answer(r)) continue;
    const Attribution a = attributor.of(r);
    ASSERT_EQ(std::accumulate(a.parts.begin(), a.parts.end(), Duration{0}), r.last_token - r.arrival);
    ASSERT_GE(std::ranges::min(a.parts), Duration{0});
  }
}

TEST_P(ShippedScenario, BeginsWithWhatItShows) {
  const std::string text = read_file(GetParam(), "scenario");
  EXPECT_EQ(text.substr(0, 2), "# ");
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 25);
}

TEST_P(ShippedScenario, ResolvesToACopyThatIsItself) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const ScenarioSettings s = resolve(read_settings(GetParam()), catalog).scenario;
  EXPECT_EQ(to_json(resolve(parse_settings(to_yaml(s, s.folder), "copy.yaml", s.folder), catalog).scenario),
            to_json(s));
}

INSTANTIATE_TEST_SUITE_P(All, ShippedScenario, testing::ValuesIn(shipped()), [](const auto& info) {
  std::string name = fs::path(info.param).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

TEST(ShippedScenarios, AreEnoughToStartFrom) {
  EXPECT_GE(shipped().size(), 5u);
}

}  // namespace
}  // namespace blis
