// Whole comparisons in this process: searches against brute force, and what interruption leaves.
#include <gtest/gtest.h>

#include <atomic>

#include "scenarios/catalog.h"
#include "tests/scenarios/temp_folder.h"
#include "tests/study/small_scenario.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/comparison.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/find_cheapest.h"
#include "tools/study/compare/find_rate.h"
#include "tools/study/compare/left_undone.h"
#include "tools/study/compare/one_warmup.h"
#include "tools/study/compare/steady_rate.h"

namespace blis {
namespace {

// Steps of 10 ms and 0.05 ms a prompt token: about 90 requests a second at most.
const std::string kScenario = small_scenario(300, "slo: { p99_ttft_ms: 120 }\n");

class CompareSearch : public testing::Test {
 protected:
  CompareSearch() { folder_.write("a.yaml", kScenario); }

  Sweep sweep(const std::string& rest) {
    return parse_sweep("version: 1\nbase: a.yaml\n" + rest, "sweep.yaml", folder_.path());
  }
  std::vector<PointResult> prepared(const Sweep& sweep) {
    return prepare_points(sweep, expand(sweep), catalog_, 2);
  }
  Runner runner(
      int threads, std::function<bool()> going_on = [] { return true; }) {
    return Runner({.threads = threads, .going_on = std::move(going_on)}, bar_);
  }
  static CompareReport report_of(const Sweep& sweep, std::vector<PointResult> points,
                                 CompareReport report = {}) {
    report.sweep = sweep;
    report.points = std::move(points);
    report.objectives = {figure_index("usd_per_hour"), figure_index("p99_ttft_ms")};
    report.sort_by = {{.figure = report.objectives[0]}};
    finish(report);
    return report;
  }
  static CompareReport interrupted() {
    CompareReport report;
    report.interrupted = true;
    return report;
  }
  static std::string json(const Sweep& sweep, std::vector<PointResult> points) {
    return to_json(report_of(sweep, std::move(points)));
  }

  TempFolder folder_;
  Catalog catalog_{BLIS_SOURCE_DIR};
  ProgressBar bar_{false};
  std::shared_ptr<PointNames> names_ = std::make_shared<PointNames>(catalog_);
  PointStore nowhere_{"", names_};
};

TEST_F(CompareSearch, MaxRateAgreesWithBruteForce) {
  const Sweep s = sweep("set: { workload.num_requests: 1000 }\nproduct: { replicas: [1, 2] }\n");
  auto points = prepared(s);
  Runner search = runner(2);
  find_max_rate(points, {0, 1}, search, nowhere_, false);
  for (const PointResult& point : points) {
    ASSERT_TRUE(point.search && point.search->met && point.search->fails);
    EXPECT_LE(*point.search->fails / *point.search->met, 1.0101);
    // Every rate from 15 % below on, run as the sweep of a user would, until one fails.
    double last_met = 0;
    const int found = rate_index(*point.search->met);
    for (int index = found - 16; index <= found + 1; ++index) {
      auto trial = prepared(sweep("set: { workload.num_requests: 1000, workload.arrival.request_rate: " +
                                  std::to_string(rate_at(index)) +
                                  ", replicas: " + std::to_string(point.gpus()) + " }\n"));
      Runner plain = runner(1);
      simulate_points(trial, {.seeds = {0, 1}}, plain, nowhere_, false);
      if (!analyse(trial[0]).met) break;
      last_met = rate_at(index);
    }
    EXPECT_DOUBLE_EQ(last_met, *point.search->met) << point.gpus() << " replicas";
  }
  EXPECT_GT(*points[1].search->met, 1.5 * *points[0].search->met) << "two replicas serve more than one";
}

TEST_F(CompareSearch, MaxRateDoesNotDependOnThreads) {
  const Sweep s = sweep("product: { replicas: [1, 2], engine.max_num_seqs: [4, 64] }\n");
  auto one = prepared(s), many = prepared(s);
  Runner first = runner(1), second = runner(4);
  find_max_rate(one, {0, 1}, first, nowhere_, false);
  find_max_rate(many, {0, 1}, second, nowhere_, false);
  EXPECT_EQ(json(s, std::move(one)), json(s, std::move(many)));
}

TEST_F(CompareSearch, ASloThatNothingKeepsIsSaidSo) {
  auto points = prepared(sweep("slo: { p99_ttft_ms: 1 }\n"));
  Runner search = runner(2);
  find_max_rate(points, {}, search, nowhere_, false);
  EXPECT_FALSE(points[0].search->met);
  EXPECT_TRUE(points[0].search->fails);
}

TEST_F(CompareSearch, MaxRateDoesNotClimbOnRequestsThatGaveUp) {
  auto points =
      prepared(sweep("set: { workload.timeout_s: 0.5, workload.num_requests: 1000 }\n"
                     "slo: { p99_ttft_ms: 100000 }\n"));
  Runner search = runner(2);
  find_max_rate(points, {}, search, nowhere_, false);
  const RateSearch& found = *points[0].search;
  ASSERT_TRUE(found.met && found.fails);
  const auto fails = std::ranges::find(found.trials, *found.fails, &RateTrial::rate);
  EXPECT_NE(fails->failed.find("% of requests were not served"), std::string::npos) << fails->failed;
  EXPECT_LE(points[0].runs.at(0).figures[figure_index("gave_up_share")], 0.01)
      << "beyond it p99 is among them";
}

TEST_F(CompareSearch, TheHighestRateDoesNotDependOnTheLengthOfTheRun) {
  auto points = prepared(sweep("set: { workload.num_requests: 60 }\n"));
  Runner search = runner(2);
  find_steady_rate(points, {}, search, nowhere_, false);
  const RateSearch& found = *points[0].search;
  ASSERT_GE(found.lengths.size(), 2U);
  EXPECT_EQ(found.lengths[0].requests, 60);
  EXPECT_EQ(found.lengths[1].requests, 240);
  EXPECT_EQ(found.met, found.lengths.back().met);
  EXPECT_GT(*found.lengths[0].met, *found.met) << "60 requests end before a backlog shows";
  EXPECT_EQ(found.steady,
            std::abs(*found.lengths.end()[-2].met - *found.met) <= kSteady * *found.lengths.end()[-2].met);
  auto once = prepared(sweep("set: { workload.num_requests: 960 }\n"));
  find_max_rate(once, {}, search, nowhere_, false);
  EXPECT_NEAR(*found.met, *once[0].search->met, 0.03 * *found.met);
}

TEST_F(CompareSearch, ClientsThatWaitHaveNoHighestRate) {
  auto points = prepared(sweep("set: { workload.max_concurrency: 8 }\n"));
  Runner search = runner(1);
  EXPECT_THROW(find_steady_rate(points, {}, search, nowhere_, false), InputError);
}

TEST_F(CompareSearch, TrafficWithoutARateIsRefused) {
  auto points = prepared(sweep("set: { workload.arrival: { process: at_once } }\n"));
  Runner search = runner(1);
  EXPECT_THROW(find_max_rate(points, {}, search, nowhere_, false), InputError);
  auto without_slo = prepared(sweep("set: { slo: null }\n"));
  EXPECT_THROW(find_max_rate(without_slo, {}, search, nowhere_, false), InputError);
}

TEST_F(CompareSearch, TheCheapestAgreesWithTheWholeGrid) {
  const Sweep s = sweep(
      "set: { workload.arrival.request_rate: 200, workload.num_requests: 600 }\n"
      "product: { replicas: [1, 2, 3, 4, 5, 6, 7, 8], engine.max_num_seqs: [8, 64] }\n");
  auto searched = prepared(s), whole = prepared(s);
  Runner run = runner(2);
  const CheapestSearch found = find_cheapest(searched, Least::gpus, {}, run, nowhere_, false);
  simulate_points(whole, {}, run, nowhere_, false);
  int least = 1000;
  for (const PointResult& point : whole) {
    if (analyse(point).met) least = std::min(least, point.gpus());
  }
  ASSERT_FALSE(found.keep.empty());
  EXPECT_EQ(searched[found.keep[0]].gpus(), least);
  EXPECT_GT(least, 1) << "a search that ends at its first step shows nothing";
  EXPECT_LT(found.tried.size(), whole.size()) << "dearer points are not run";
}

TEST_F(CompareSearch, ResumedAfterAnInterruptionItGivesTheSameBytes) {
  const Sweep s = sweep("product: { replicas: [1, 2, 3], engine.max_num_seqs: [4, 64] }\nseeds: [0, 1, 2]\n");
  auto plain = prepared(s);
  Runner whole = runner(2);
  simulate_points(plain, {.seeds = s.seeds}, whole, nowhere_, false);

  std::filesystem::create_directories(folder_.path("out/points"));
  const PointStore store(folder_.path("out"), names_);
  auto broken = prepared(s);
  std::atomic<int> left = 5;
  Runner stopped = runner(1, [&left] { return left-- > 0; });
  simulate_points(broken, {.seeds = s.seeds}, stopped, store, false);
  std::size_t done = 0;
  for (const PointResult& point : broken) done += point.runs.size();
  ASSERT_GT(done, 0U);
  ASSERT_LT(done, 18U);

  auto resumed = prepared(s);
  std::atomic<int> runs = 0;
  Runner rest = runner(2, [&runs] { return ++runs, true; });
  simulate_points(resumed, {.seeds = s.seeds}, rest, store, true);
  const std::string bytes = json(s, resumed);
  EXPECT_EQ(bytes, json(s, plain));

  // And once more, with nothing left to run.
  auto again = prepared(s);
  runs = 0;
  simulate_points(again, {.seeds = s.seeds}, rest, store, true);
  EXPECT_EQ(json(s, again), bytes);
}

TEST_F(CompareSearch, InterruptedItSaysWhatIsLeftUndone) {
  const Sweep s = sweep("product: { replicas: [1, 2, 3] }\nseeds: [0, 1, 2, 3]\n");
  const auto after = [&](int runs) {
    std::atomic<int> left = 1 + runs;  // the first look is before any run
    auto points = prepared(s);
    Runner broken = runner(1, [&left] { return left-- > 0; });
    simulate_points(points, {.seeds = s.seeds}, broken, nowhere_, false);
    return report_of(s, std::move(points), interrupted());
  };
  const CompareReport one = after(1), some = after(6), all = after(12);

  EXPECT_EQ(left_undone(one), "2 of 3 points were not run, 1 point has 1 of the 4 seeds");
  EXPECT_EQ(seeds_run(one), std::vector<std::uint64_t>{0});
  EXPECT_NE(to_text(one, 200).find("One seed so far"), std::string::npos) << to_text(one, 200);

  EXPECT_EQ(left_undone(some), "1 of 3 points was not run, 1 point has 2 of the 4 seeds");
  EXPECT_EQ(seeds_run(some), s.seeds);
  const std::string text = to_text(some, 200);
  for (const char* const part :
       {"Interrupted: 1 of 3 points was not run, 1 point has 2 of the 4 seeds.",
        "[1] interrupted after 2 of 4 seeds", "over 2 to 4 of 4 seeds", "<= 120 so far: replicas "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }

  EXPECT_FALSE(all.interrupted) << "it came too late to cost anything";
  EXPECT_EQ(left_undone(all), "");
  EXPECT_EQ(seeds_run(all), s.seeds);
}

TEST_F(CompareSearch, AnInterruptedSearchForTheHighestRateDoesNotPassForAWholeOne) {
  const Sweep s = sweep("product: { replicas: [1, 2] }\nseeds: [0, 1]\n");
  auto points = prepared(s);
  std::atomic<int> left = 40;  // looks; each of the two takes about twelve rates of two seeds
  Runner stopped = runner(1, [&left] { return left-- > 0; });
  find_max_rate(points, s.seeds, stopped, nowhere_, false);
  CompareReport start = interrupted();
  start.goal = Goal::max_rate;
  const CompareReport report = report_of(s, std::move(points), std::move(start));
  EXPECT_EQ(left_undone(report), "2 of 2 searches had not ended");
  const std::string text = to_text(report, 200);
  EXPECT_NE(text.find("its highest rate may be another"), std::string::npos) << text;
}

TEST_F(CompareSearch, AnInterruptedSearchForTheCheapestHasNoAnswer) {
  const Sweep s = sweep("product: { replicas: [1, 2, 3, 4] }\nslo: { p99_ttft_ms: 1 }\nseeds: [0, 1]\n");
  auto points = prepared(s);
  std::atomic<int> left = 7;  // looks: two and a run for each seed at the first point, three at the second
  Runner stopped = runner(1, [&left] { return left-- > 0; });
  CompareReport start = interrupted();
  start.goal = Goal::min_gpus;
  start.cheapest = find_cheapest(points, Least::gpus, s.seeds, stopped, nowhere_, false);
  EXPECT_FALSE(start.cheapest->complete);
  EXPECT_EQ(start.cheapest->tried, (std::vector<std::size_t>{0, 1}));
  const CompareReport report = report_of(s, std::move(points), std::move(start));
  EXPECT_EQ(left_undone(report), "2 of 4 points were not run, 1 point has 1 of the 2 seeds");
  const std::string text = to_text(report, 200);
  EXPECT_EQ(text.find("which cost more, were not run"), std::string::npos) << text;
  EXPECT_NE(text.find("None of the points so far keeps"), std::string::npos) << text;
}

TEST_F(CompareSearch, ASearchForTheHighestRateCanBeResumed) {
  const Sweep s = sweep("product: { replicas: [1, 2] }\nseeds: [0, 1]\n");
  auto plain = prepared(s);
  Runner whole = runner(2);
  find_max_rate(plain, s.seeds, whole, nowhere_, false);

  std::filesystem::create_directories(folder_.path("out/points"));
  const PointStore store(folder_.path("out"), names_);
  const auto stored = [&] {
    return std::distance(std::filesystem::directory_iterator(folder_.path("out/points")), {});
  };
  auto broken = prepared(s);
  std::atomic<int> left = 12;
  Runner stopped = runner(1, [&left] { return left-- > 0; });
  find_max_rate(broken, s.seeds, stopped, store, false);
  const auto kept = stored();
  ASSERT_GT(kept, 0);

  auto resumed = prepared(s);
  Runner rest = runner(2);
  find_max_rate(resumed, s.seeds, rest, store, true);
  const auto all = stored();
  EXPECT_GT(all, kept);
  const std::string bytes = json(s, std::move(plain));
  EXPECT_EQ(json(s, std::move(resumed)), bytes);

  // And once more, with nothing left to run.
  auto again = prepared(s);
  find_max_rate(again, s.seeds, rest, store, true);
  EXPECT_EQ(json(s, std::move(again)), bytes);
  EXPECT_EQ(stored(), all);
}

TEST_F(CompareSearch, AStoredPointIsUsedOnlyForTheSameScenario) {
  std::filesystem::create_directories(folder_.path("out/points"));
  const PointStore store(folder_.path("out"), names_);
  auto points = prepared(sweep("product: { replicas: [1] }\n"));
  Runner run = runner(1);
  simulate_points(points, {}, run, store, false);
  EXPECT_EQ(store.load(*points[0].resolved).runs.size(), 1U);
  const auto other = prepared(sweep("product: { replicas: [2] }\n"));
  EXPECT_TRUE(store.load(*other[0].resolved).runs.empty());
  folder_.write("out/points/" + store.file_name(*points[0].resolved), "{ cut off");
  EXPECT_TRUE(store.load(*points[0].resolved).runs.empty());
}

TEST_F(CompareSearch, AStoredPointIsNotUsedOnceAFileThatItsScenarioNamesHasChanged) {
  const PointStore store(folder_.path("out"), names_);
  const std::string row = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:00:00.0000000,100,10\n";
  for (const char* const file : {"lengths.csv", "inputs.csv", "x-trace.csv"}) folder_.write(file, row);
  folder_.write("x-dataset.json", "{}");
  const std::string empirical = "{ distribution: empirical, path: inputs.csv }";
  const std::string constant = "{ distribution: constant, value: 5 }";
  const struct {
    std::string workload, changed;
  } cases[] = {
      {"{ kind: synthetic, num_requests: 9, arrival: { process: at_once }, lengths_path: lengths.csv }",
       "lengths.csv"},
      {"{ kind: synthetic, num_requests: 9, arrival: { process: at_once }, input_tokens: " + empirical +
           ", output_tokens: " + constant + " }",
       "inputs.csv"},
      {"{ kind: synthetic, num_requests: 9, arrival: { process: servegen, path: x-trace.csv }, "
       "input_tokens: " +
           constant + ", output_tokens: " + constant + " }",
       "x-dataset.json"},
      {"{ kind: trace, path: lengths.csv, arrival: { process: servegen, path: x-trace.csv } }",
       "x-trace.csv"},
  };
  for (const auto& c : cases) {
    const auto point = prepared(sweep("set: { workload: " + c.workload + " }\n"));
    const std::string before = store.file_name(*point[0].resolved);
    EXPECT_EQ(store.file_name(*point[0].resolved), before);
    folder_.write(c.changed, row + row + c.workload);
    EXPECT_NE(store.file_name(*point[0].resolved), before) << c.workload;
  }
}

TEST_F(CompareSearch, WhatStandardInputGaveIsNotUsedAgain) {
  std::filesystem::create_directories(folder_.path("out/points"));
  const PointStore store(folder_.path("out"), names_);
  auto points = prepared(sweep("product: { replicas: [1] }\n"));
  Runner run = runner(1);
  simulate_points(points, {}, run, store, false);
  auto piped = std::make_shared<ResolvedScenario>(*points[0].resolved);
  piped->scenario.workload.spec.kind = TraceSpec{.path = "-"};
  points[0].resolved = piped;
  store.save(points[0]);
  EXPECT_TRUE(store.load(*piped).runs.empty());
}

TEST_F(CompareSearch, ResumingWithOtherSeedsKeepsThoseThatWereStored) {
  std::filesystem::create_directories(folder_.path("out/points"));
  const PointStore store(folder_.path("out"), names_);
  const Sweep s = sweep("product: { replicas: [1] }\n");
  Runner run = runner(1);
  auto first = prepared(s), others = prepared(s), plain = prepared(s);
  simulate_points(first, {.seeds = {0, 1}}, run, store, false);
  simulate_points(others, {.seeds = {5, 6}}, run, store, true);
  EXPECT_EQ(store.load(*first[0].resolved).runs.size(), 4U);
  simulate_points(plain, {.seeds = {5, 6}}, run, nowhere_, false);
  EXPECT_EQ(json(s, others), json(s, plain)) << "whatever else is stored";
}

TEST_F(CompareSearch, DominatedPointsStopAlikeAtAnyNumberOfThreads) {
  const Sweep s = sweep(
      "set: { workload.arrival.request_rate: 60 }\n"
      "product: { engine.max_num_seqs: [1, 2, 64], replicas: [1, 2] }\nseeds: [0, 1, 2]\n");
  const ComparisonPlan plan{
      .seeds = s.seeds,
      .stop_dominated = true,
      .objectives = {figure_index("output_throughput_per_gpu"), figure_index("p99_e2el_ms")}};
  auto one = prepared(s), many = prepared(s);
  Runner first = runner(1), second = runner(4);
  simulate_points(one, plan, first, nowhere_, false);
  simulate_points(many, plan, second, nowhere_, false);
  EXPECT_TRUE(std::ranges::any_of(one, [](const PointResult& p) { return p.stopped_by.has_value(); }));
  for (const PointResult& point : one) {
    EXPECT_EQ(point.runs.size() < 3, point.stopped_by.has_value());
  }
  const std::string text = to_text(report_of(s, one), 200);
  EXPECT_NE(text.find("over 1 to 3 of 3 seeds"), std::string::npos) << text;
  EXPECT_EQ(json(s, std::move(one)), json(s, std::move(many)));
}

// The system fills up for a tenth of the run.
const std::string kFillsUp =
    "workload.num_requests: 1000, workload.arrival.request_rate: 20,\n"
    "  workload.output_tokens: { distribution: constant, value: 600 }, engine.max_model_len: 2048";

TEST_F(CompareSearch, AllPointsLeaveOutTheLongestWarmupOfAny) {
  const Sweep s = sweep("set: { " + kFillsUp +
                        " }\nproduct: { latency.coefficients.step_us: [2000, 10000], replicas: [1, 2] }\n"
                        "seeds: [3, 4]\n");
  const auto left_out_with = [&](int threads) {
    CompareReport report;
    report.sweep = s;
    report.points = prepared(s);
    Runner run = runner(threads);
    leave_out_warmup(report, run, nowhere_, false);
    simulate_points(report.points, {.seeds = s.seeds}, run, nowhere_, false);
    return report;
  };
  const CompareReport report = left_out_with(2);
  ASSERT_TRUE(report.warmup);
  EXPECT_GT(report.warmup->requests, 0U);
  std::uint32_t longest = 0, shortest = 1000;
  for (const PointResult& point : report.points) {
    longest = std::max(longest, point.runs.front().fills_up.requests);
    shortest = std::min(shortest, point.runs.front().fills_up.requests);
    for (const Replication& run : point.runs) EXPECT_EQ(run.warmup_requests, report.warmup->requests);
  }
  EXPECT_EQ(report.warmup->requests, longest);
  EXPECT_LT(shortest, longest) << "points that fill up alike show nothing";
  EXPECT_EQ(left_out_with(1).warmup->requests, longest);
}

TEST_F(CompareSearch, AScenarioThatSaysItsWarmupKeepsIt) {
  CompareReport report;
  report.sweep = sweep("set: { " + kFillsUp + ", warmup.requests: 7 }\n");
  report.points = prepared(report.sweep);
  Runner run = runner(1);
  leave_out_warmup(report, run, nowhere_, false);
  EXPECT_EQ(report.warmup->points, 0U);
  EXPECT_EQ(report.points[0].resolved->scenario.warmup.requests, 7);
}

TEST_F(CompareSearch, TheWarmupIsLeftOutOfFoldedStepsToo) {
  const auto points = prepared(sweep("set: { " + kFillsUp + ", warmup.requests: 100 }\n"));
  TraceStore traces;
  const auto go = [] { return true; };
  const auto plain = replicate(*points[0].resolved, 0, {}, traces, go);
  ASSERT_EQ(plain->warmup_requests, 100U);
  const auto folded = replicate(*points[0].resolved, 0, {.keep_steps = 50}, traces, go);
  EXPECT_EQ(folded->warmup_requests, plain->warmup_requests);
  for (const char* const figure : {"mean_itl_ms", "p99_itl_ms", "p99_ttft_ms", "kv_usage_mean", "steps"}) {
    EXPECT_EQ(folded->figures[figure_index(figure)], plain->figures[figure_index(figure)]) << figure;
  }
}

TEST_F(CompareSearch, WhatTheModelWasNotMeasuredAtIsTooCloseToCall) {
  auto points = prepared(sweep("slo: { p99_ttft_ms: 100000 }\n"));
  Runner run = runner(1);
  simulate_points(points, {}, run, nowhere_, false);
  EXPECT_EQ(analyse(points[0]).verdict, Verdict::meets) << "a model without scores is taken at its word";
  const auto with_band = [&](const char* metric) {
    const MetricErrors errors{.metric = metric,
                              .figures = 9,
                              .groups = 3,
                              .median_pct = 5,
                              .p90_pct = 10,
                              .factors = {{"load above 0.4", 1}, {"load above 0.7", 1}},
                              .inside_pct = 90};
    points[0].bands = std::make_shared<const ErrorBands>(ErrorBands{{errors}});
    return analyse(points[0]);
  };
  EXPECT_EQ(with_band("ttft_p99").verdict, Verdict::meets);
  const Row beyond = with_band("tpot_mean");
  EXPECT_EQ(beyond.verdict, Verdict::too_close);
  EXPECT_TRUE(beyond.met);
  EXPECT_TRUE(beyond.beyond_measurement);
}

TEST_F(CompareSearch, AFasterRateIsTheSameTrafficSooner) {
  const auto points = prepared(sweep("set: { workload.arrival.request_rate: 2 }\n"));
  TraceStore traces;
  const auto go = [] { return true; };
  const std::size_t offered = figure_index("offered_request_rate"),
                    tokens = figure_index("total_input_tokens");
  const auto slow = replicate(*points[0].resolved, 0, {}, traces, go);
  ResolvedScenario faster = *points[0].resolved;
  scale_rates(faster.scenario.workload.spec, 2, 8, faster.scenario.origins);
  const auto fast = replicate(faster, 0, {}, traces, go);
  const auto asked = prepared(sweep("set: { workload.arrival.request_rate: 8 }\n"));
  const auto plain = replicate(*asked[0].resolved, 0, {}, traces, go);
  EXPECT_EQ(slow->figures[tokens], fast->figures[tokens]);
  EXPECT_NEAR(fast->figures[offered] / slow->figures[offered], 4, 1e-6);
  EXPECT_EQ(fast->figures[figure_index("p99_ttft_ms")], plain->figures[figure_index("p99_ttft_ms")]);
}

}  // namespace
}  // namespace blis
