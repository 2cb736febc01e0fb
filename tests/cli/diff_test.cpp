// blis diff: nothing where nothing differs, paired intervals where something does, and its gates.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"
#include "tools/study/diff/gate.h"
#include "tools/study/diff/paired.h"

namespace blis {
namespace {

using nlohmann::json;

const std::string kDiffScenario = small_scenario(400);

class Diff : public testing::Test {
 protected:
  Diff() {
    folder_.write("s.yaml", kDiffScenario);
    run("a", {});
    run("b", {"--set", "latency.coefficients.step_us=11000"});
  }
  void run(const std::string& out, std::vector<std::string> more) {
    std::vector<std::string> arguments{"run", folder_.path("s.yaml"), "--data-dir", BLIS_SOURCE_DIR,
                                       "-o",  folder_.path(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ASSERT_EQ(run_blis(arguments).status, 0);
  }
  Finished diff(const std::string& a, const std::string& b, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"diff", folder_.path(a), folder_.path(b)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments);
  }
  TempFolder folder_;
};

TEST_F(Diff, OfAResultWithItselfIsEmpty) {
  run("again", {});
  const Finished finished = diff("a", "again", {"--fail-on", "p99_ttft_ms>+0%"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out, "");
  const json d = json::parse(diff("a", "again", {"--output-format", "json"}).out);
  EXPECT_TRUE(d.at("equal").get<bool>());
  EXPECT_TRUE(d.at("differences").empty());
}

// What our own runs look like in the form of `vllm bench serve` must be what the folder of the run says.
TEST_F(Diff, TakesWhatALoadGeneratorMeasured) {
  const auto as_vllm = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"run",     folder_.path("s.yaml"), "--data-dir", BLIS_SOURCE_DIR,
                                       "--quiet", "--output-format",      "vllm-json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments).out;
  };
  folder_.write("measured.json", as_vllm({"--save-detailed"}));
  folder_.write("summary.json", as_vllm({}));
  const json simulated = json::parse(diff("a", "b", {"--output-format", "json"}).out);
  const json measured = json::parse(diff("measured.json", "b", {"--output-format", "json"}).out);
  EXPECT_EQ(measured.at("paired_requests"), 400);
  EXPECT_TRUE(measured.at("settings").empty());
  int compared = 0;
  for (const json& ours : simulated.at("differences")) {
    for (const json& theirs : measured.at("differences")) {
      if (ours.at("key") != theirs.at("key")) continue;
      ++compared;
      const double a = ours.at("a").get<double>();
      EXPECT_NEAR(theirs.at("a").get<double>(), a, 1e-4 * a) << ours.at("key");
      if (ours.at("key") == "p99_ttft_ms") {
        EXPECT_FALSE(theirs.at("low").is_null());
      }
    }
  }
  EXPECT_GT(compared, 15);
  const Finished same = diff("measured.json", "a", {"--fail-on", "p99_ttft_ms>+0.1%", "--quiet"});
  EXPECT_EQ(same.status, 0) << same.out << same.err;

  const Finished summary = diff("summary.json", "b");
  EXPECT_EQ(summary.status, 0) << summary.err;
  EXPECT_NE(summary.err.find("only totals were saved"), std::string::npos) << summary.err;
  EXPECT_NE(summary.out.find("mean_tpot_ms"), std::string::npos) << summary.out;
  EXPECT_NE(summary.out.find("nothing is paired"), std::string::npos) << summary.out;
}

TEST_F(Diff, HoldsTwoPredictionsAgainstOneMeasurement) {
  folder_.write("measured.json", run_blis({"run", folder_.path("s.yaml"), "--data-dir", BLIS_SOURCE_DIR,
                                           "--quiet", "--set", "latency.coefficients.step_us=11000",
                                           "--output-format", "vllm-json", "--save-detailed"})
                                     .out);
  const std::vector<std::string> measured{"--measured", folder_.path("measured.json")};
  const Finished text = diff("a", "b", measured);
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find(
                "B is nearer to measured.json: its latencies are off by 0.0 % in the mean, those of A by"),
            std::string::npos)
      << text.out;
  EXPECT_EQ(text.out.find("different traffic"), std::string::npos) << "it is the same";
  const auto json_of = [&](const std::string& a, const std::string& b) {
    return json::parse(
        diff(a, b, {"--output-format", "json", "--measured", folder_.path("measured.json")}).out);
  };
  const json against = json_of("a", "b").at("measured");
  EXPECT_EQ(json_of("b", "a").at("measured").at("mean_error_a"), against.at("mean_error_b"));
  EXPECT_LT(against.at("mean_error_b").get<double>(), 1e-4);
  EXPECT_GT(against.at("mean_error_a").get<double>(), 0.03);
  bool found = false;
  for (const json& figure : against.at("figures")) {
    if (figure.at("key") != "p99_tpot_ms") continue;
    found = true;
    EXPECT_NEAR(figure.at("error_a").get<double>(),
                figure.at("a").get<double>() / figure.at("measured").get<double>() - 1, 1e-12);
  }
  EXPECT_TRUE(found);
}

TEST_F(Diff, SaysWithFiguresHowTrafficDiffers) {
  run("half", {"--set", "workload.num_requests=200", "--set", "workload.arrival.request_rate=20"});
  const Finished text = diff("a", "half");
  EXPECT_NE(text.out.find("They differ in requests (400 and 200)"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find(", requests/s ("), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("in flight"), std::string::npos) << "that is no cause but follows";
  const Finished against = diff("a", "half", {"--measured", folder_.path("a/requests.csv")});
  EXPECT_NE(against.out.find("B and requests.csv are of different traffic, in requests (200 and 400)"),
            std::string::npos)
      << against.out;
}

TEST_F(Diff, TakesOtherLimitsOfConcurrencyForOtherTraffic) {
  run("limited", {"--set", "workload.max_concurrency=4"});
  const auto summary = [&](const std::string& limit) {
    return run_blis({"run", folder_.path("s.yaml"), "--data-dir", BLIS_SOURCE_DIR, "--quiet", "--set",
                     "workload.max_concurrency=" + limit, "--output-format", "vllm-json"})
        .out;
  };
  folder_.write("four.json", summary("4"));
  folder_.write("eight.json", summary("8"));
  const auto about = [&](const std::string& file) { return diff(file, "limited").out; };
  EXPECT_NE(about("eight.json").find("limit of concurrency (8 and 4)"), std::string::npos)
      << about("eight.json");
  EXPECT_EQ(about("four.json").find("limit of concurrency"), std::string::npos) << about("four.json");
}

TEST_F(Diff, SaysWhatWasChangedAndWhatChanged) {
  const json d = json::parse(diff("a", "b", {"--output-format", "json"}).out);
  EXPECT_FALSE(d.at("equal").get<bool>());
  EXPECT_TRUE(d.at("same_arrivals").get<bool>());
  EXPECT_EQ(d.at("paired_requests"), 400);
  ASSERT_EQ(d.at("settings").size(), 1U);
  EXPECT_EQ(d["settings"][0].at("key"), "latency.coefficients.step_us");
  bool found = false;
  for (const json& figure : d.at("differences")) {
    if (figure.at("key") != "mean_tpot_ms") continue;
    found = true;
    EXPECT_GT(figure.at("change"), 0);
    EXPECT_LT(figure.at("low"), figure.at("change"));
    EXPECT_GT(figure.at("high"), figure.at("change"));
    EXPECT_GT(figure.at("low"), 0) << "a step is a tenth longer for everybody";
  }
  EXPECT_TRUE(found);
}

TEST_F(Diff, IsATableInMarkdownWithTheFailedGateFirst) {
  const Finished finished = diff("a", "b", {"--output-format", "markdown", "--fail-on", "mean_tpot_ms>+5%"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_TRUE(finished.out.starts_with("**FAILED --fail-on mean\\_tpot\\_ms\\>+5%: +")) << finished.out;
  EXPECT_NE(finished.out.find("| figure | A | B | change |  | 95 % interval |"), std::string::npos)
      << finished.out;
  EXPECT_NE(finished.out.find("| mean\\_tpot\\_ms |"), std::string::npos) << finished.out;
  EXPECT_EQ(diff("a", "b", {"--output-format", "csv"}).status, 2);
}

TEST_F(Diff, IsAGate) {
  EXPECT_EQ(diff("a", "b", {"--fail-on", "mean_tpot_ms+5%"}).status, 1);
  EXPECT_EQ(diff("a", "b", {"--fail-on", "mean_tpot_ms+50%"}).status, 0);
  EXPECT_EQ(diff("b", "a", {"--fail-on", "mean_tpot_ms>+5%"}).status, 0);
  const Finished failed = diff("b", "a", {"--fail-on", "mean_tpot_ms<-5%"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_NE(failed.out.find("FAILED --fail-on mean_tpot_ms<-5%"), std::string::npos);
}

TEST_F(Diff, OfOtherTrafficPairsNothing) {
  run("other", {"--seed", "1"});
  const json d = json::parse(diff("a", "other", {"--output-format", "json"}).out);
  EXPECT_FALSE(d.at("same_traffic").get<bool>());
  EXPECT_EQ(d.at("paired_requests"), 0);
  for (const json& figure : d.at("differences")) EXPECT_TRUE(figure.at("low").is_null());
}

TEST_F(Diff, OfEqualPromptsWithOtherAnswersPairsNothing) {
  const std::vector<std::string> constant{"--set",
                                          "workload.input_tokens={ distribution: constant, value: 100 }"};
  std::vector<std::string> other = constant;
  other.insert(other.end(), {"--seed", "1"});
  run("constant", constant);
  run("constant-other", other);
  const json d = json::parse(diff("constant", "constant-other", {"--output-format", "json"}).out);
  EXPECT_FALSE(d.at("same_traffic").get<bool>());
  EXPECT_EQ(d.at("paired_requests"), 0);
}

TEST_F(Diff, RefusesWhatIsNoResult) {
  EXPECT_EQ(diff("a", "nowhere").status, 4);
  folder_.write("broken/result.json", "{");
  EXPECT_EQ(diff("a", "broken").status, 4);
  EXPECT_EQ(diff("a", "b", {"--fail-on", "p98_ttft_ms>+5%"}).status, 2);
  EXPECT_EQ(diff("a", "b", {"--fail-on", "p99_ttft_ms"}).status, 2);
}

TEST_F(Diff, NamesTheLineOfABrokenRow) {
  std::string text = contents(folder_.path("b/requests.csv"));
  text.replace(text.find("\n1,0,"), 5, "\n1,0,x");
  folder_.write("b/requests.csv", text);
  const Finished finished = diff("a", "b");
  EXPECT_EQ(finished.status, 4);
  EXPECT_NE(finished.err.find("requests.csv:3"), std::string::npos) << finished.err;
}

struct Condition {
  const char *text, *key;
  bool above;
  double limit;
  bool relative;
};
class Gates : public testing::TestWithParam<Condition> {};

TEST_P(Gates, Read) {
  const Gate gate = parse_gate(GetParam().text);
  EXPECT_EQ(gate.key, GetParam().key);
  EXPECT_EQ(gate.above, GetParam().above);
  EXPECT_DOUBLE_EQ(gate.limit, GetParam().limit);
  EXPECT_EQ(gate.relative, GetParam().relative);
}

INSTANTIATE_TEST_SUITE_P(Conditions, Gates,
                         testing::Values(Condition{"p99_ttft_ms>+5%", "p99_ttft_ms", true, 0.05, true},
                                         Condition{"p99_ttft_ms>5%", "p99_ttft_ms", true, 0.05, true},
                                         Condition{"p99_ttft_ms+5%", "p99_ttft_ms", true, 0.05, true},
                                         Condition{"x<-2%", "x", false, -0.02, true},
                                         Condition{"x-2%", "x", false, -0.02, true},
                                         Condition{"x>+20", "x", true, 20, false},
                                         Condition{"x>-1.5", "x", true, -1.5, false}));

RequestRecord answered(Duration arrival) {
  RequestRecord r;
  r.arrival = r.queued = r.scheduled = Time{arrival};
  r.first_token = r.last_token = r.arrival + std::chrono::milliseconds{1};
  r.outcome = Outcome::completed;
  r.input_tokens = r.output_tokens = 1;
  return r;
}

TEST(Pairs, StartPastTheWarmupOfEachByItsOwnArrivals) {
  StoredResult a, b;
  for (int i = 0; i < 10; ++i) {
    a.requests.push_back(answered(std::chrono::seconds{i}));
    b.requests.push_back(answered(std::chrono::seconds{2 * i}));
  }
  b.warmup.warmup = std::chrono::seconds{8};
  EXPECT_EQ(diff_results(a, b).paired, 6U) << "the fifth arrives at 8 s in B";
}

// The interval against many independent repetitions: it covers the true difference about as often as it says.
TEST(PairedInterval, CoversTheTruth) {
  std::mt19937_64 random(7);
  int covered = 0;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    StoredResult a, b;
    double sum_a = 0, sum_b = 0;
    constexpr int kRequests = 600;
    for (int i = 0; i < kRequests; ++i) {
      // Integer draws, the same everywhere: about exponential times with mean 100 ms, and 7 ms more in B.
      const auto draw = [&random] { return 1'000'000 + static_cast<std::int64_t>(random() % 198'000'000); };
      RequestRecord r;
      r.arrival = r.queued = r.scheduled = Time{std::chrono::milliseconds{i}};
      r.outcome = Outcome::completed;
      r.output_tokens = 1;
      r.input_tokens = 1;
      r.first_token = r.last_token = r.arrival + Duration{draw()};
      a.requests.push_back(r);
      sum_a += to_ms(r.first_token - r.arrival);
      r.first_token = r.last_token =
          r.first_token + Duration{static_cast<std::int64_t>(random() % 14'000'000)};
      b.requests.push_back(r);
      sum_b += to_ms(r.first_token - r.arrival);
    }
    a.order = {"mean_ttft_ms"};
    a.figures["mean_ttft_ms"] = sum_a / kRequests;
    b.figures["mean_ttft_ms"] = sum_b / kRequests;
    const ResultDiff diff = diff_results(a, b);
    ASSERT_TRUE(diff.figures.at(0).interval);
    const auto interval = *diff.figures[0].interval;
    covered += interval.low <= 7 && 7 <= interval.high;
    EXPECT_LT(interval.high - interval.low, 2) << "pairing takes the common part out of the difference";
  }
  EXPECT_GE(covered, kRounds * 90 / 100);
  EXPECT_LE(covered, kRounds * 99 / 100);
}

}  // namespace
}  // namespace blis
