// Estimates, the pool, the front, tables: the parts of a comparison on their own.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <set>

#include "blis/error.hpp"
#include "tools/output/text_table.h"
#include "tools/simulate/pool.h"
#include "tools/study/compare/analysis.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/effects.h"
#include "tools/study/compare/estimate.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/find_rate.h"

namespace blis {
namespace {

TEST(Estimate, IsStudentsInterval) {
  // Tables: t(0.975, 2) = 4.3027, t(0.975, 29) = 2.0452.
  EXPECT_NEAR(student_t(2), 4.3027, 1e-4);
  EXPECT_NEAR(student_t(29), 2.0452, 1e-4);
  const std::vector<double> values{1, 2, 3};
  const Estimate e = estimate(values);
  EXPECT_DOUBLE_EQ(e.mean, 2);
  EXPECT_NEAR(e.half_width, 4.3027 / std::sqrt(3.0), 1e-4);
}

TEST(Estimate, OfWhatIsNeverNegativeEndsAtZero) {
  const std::vector<double> values{0.1, 0.1, 2};
  EXPECT_LT(estimate(values).low(), 0);
  EXPECT_EQ(estimate(values).low_end(), 0);
  EXPECT_GT(estimate(std::vector<double>{1, 1.1}).low_end(), 0);
  EXPECT_TRUE(std::isnan(estimate({}).low_end()));
}

TEST(Estimate, OfOneReplicationHasNoInterval) {
  const std::vector<double> one{5};
  EXPECT_EQ(estimate(one).mean, 5);
  EXPECT_FALSE(estimate(one).has_interval());
  EXPECT_EQ(estimate(one).low(), 5);
  EXPECT_TRUE(std::isnan(estimate({}).mean));
}

TEST(Estimate, OfEqualReplicationsIsTheirValueWithoutSpread) {
  const std::vector<double> prices(3, 5.6);  // whose sum rounds
  EXPECT_EQ(estimate(prices).mean, 5.6);
  EXPECT_EQ(estimate(prices).half_width, 0);
}

TEST(Pool, DoesEachPieceOnce) {
  for (const int threads : {1, 2, 8, 100}) {
    std::vector<std::atomic<int>> times(50);
    parallel_for(times.size(), threads, [&](std::size_t i) { ++times[i]; });
    for (const auto& count : times) EXPECT_EQ(count, 1) << threads << " threads";
  }
  parallel_for(0, 4, [](std::size_t) { FAIL(); });
}

TEST(Pool, ThrowsWhatTheLowestPieceThrew) {
  for (int round = 0; round < 50; ++round) {
    try {
      parallel_for(100, 4, [](std::size_t i) {
        if (i % 10 == 7) throw std::runtime_error(std::to_string(i));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "7");
    }
  }
}

TEST(Figures, HaveOneKeyEach) {
  std::set<std::string> keys;
  for (const FigureKind& kind : figure_kinds()) EXPECT_TRUE(keys.insert(kind.key).second) << kind.key;
  EXPECT_EQ(figure_kinds()[figure_index("p99_ttft_ms")].key, "p99_ttft_ms");
  EXPECT_THROW(figure_index("p99_tttft_ms", "--sort-by"), InputError);
}

// Rows that have only a cost and a latency.
std::vector<Row> rows(const std::vector<std::pair<double, double>>& values) {
  std::vector<Row> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[i].status = Status::ok;
    result[i].figures.resize(figure_kinds().size());
    result[i].figures[figure_index("gpus")].mean = values[i].first;
    result[i].figures[figure_index("p99_ttft_ms")].mean = values[i].second;
  }
  return result;
}

TEST(Front, HoldsWhatNothingBeats) {
  const double none = std::nan("");
  std::vector<Row> all = rows({{1, 100}, {2, 50}, {2, 60}, {4, 50}, {1, 100}, {8, none}, {3, 70}});
  mark_front(all, {figure_index("gpus"), figure_index("p99_ttft_ms")});
  std::vector<bool> front;
  for (const Row& row : all) front.push_back(row.on_front);
  EXPECT_EQ(front, (std::vector<bool>{true, true, false, false, true, false, false}));
}

TEST(Front, MoreThroughputIsBetter) {
  EXPECT_TRUE(better(figure_index("output_throughput"), 2, 1));
  EXPECT_TRUE(better(figure_index("p99_ttft_ms"), 1, 2));
  EXPECT_FALSE(better(figure_index("p99_ttft_ms"), std::nan(""), 2));
  EXPECT_TRUE(better(figure_index("p99_ttft_ms"), 2, std::nan("")));
}

PointResult point_with(const std::vector<double>& p99s, std::vector<SloTarget> targets = {}) {
  PointResult point;
  auto resolved = std::make_shared<ResolvedScenario>();
  resolved->latency = &latency_models().front();
  point.resolved = std::move(resolved);
  point.targets = std::move(targets);
  for (std::size_t i = 0; i < p99s.size(); ++i) {
    Replication run;
    run.seed = i;
    run.figures.assign(figure_kinds().size(), 1.0);
    run.figures[figure_index("p99_ttft_ms")] = p99s[i];
    run.figures[figure_index("failed_share")] = run.figures[figure_index("gave_up_share")] = 0;
    for (const SloTarget& target : point.targets)
      run.slo_values.push_back(run.figures[figure_index(target.key)]);
    run.attainment_if_slower = run.attainment_if_faster = 1;
    point.runs.push_back(run);
  }
  return point;
}

struct Case {
  std::vector<double> p99s;
  double limit;
  Verdict verdict;
  bool met;
};
class Verdicts : public testing::TestWithParam<Case> {};

TEST_P(Verdicts, CountTheWholeInterval) {
  const PointResult point = point_with(GetParam().p99s, {{"p99_ttft_ms", GetParam().limit}});
  const Row row = analyse(point);
  EXPECT_EQ(row.verdict, GetParam().verdict);
  EXPECT_EQ(row.met, GetParam().met);
}

// 100, 102, 104 have the mean 102 and a half width of 4.97.
INSTANTIATE_TEST_SUITE_P(Limits, Verdicts,
                         testing::Values(Case{{100, 102, 104}, 107, Verdict::meets, true},
                                         Case{{100, 102, 104}, 106, Verdict::too_close, true},
                                         Case{{100, 102, 104}, 101, Verdict::too_close, false},
                                         Case{{100, 102, 104}, 97, Verdict::misses, false},
                                         Case{{100}, 100, Verdict::meets, true},
                                         Case{{100}, 99, Verdict::misses, false}));

TEST(Verdict, OfAnOverloadedPointIsNoPercentile) {
  PointResult point = point_with({10, 10, 11}, {{"p99_ttft_ms", 100}});
  point.runs[1].overloaded = true;
  Row row = analyse(point);
  EXPECT_EQ(row.status, Status::overloaded);
  EXPECT_EQ(row.verdict, Verdict::too_close) << "with two of three seeds it kept up";
  EXPECT_FALSE(row.met);
  EXPECT_TRUE(std::isnan(row.value(figure_index("p99_ttft_ms"))));
  EXPECT_FALSE(std::isnan(row.value(figure_index("output_throughput"))));
  point.runs[0].overloaded = point.runs[2].overloaded = true;
  row = analyse(point);
  EXPECT_EQ(row.verdict, Verdict::misses);
}

TEST(Verdict, IsAMissWhereThePercentileFallsAmongWhatWasNotServed) {
  PointResult point = point_with({10}, {{"p99_ttft_ms", 100}});
  EXPECT_TRUE(analyse(point).met);
  point.runs[0].slo_values = {std::numeric_limits<double>::infinity()};
  point.runs[0].figures[figure_index("failed_share")] = 0.3;
  const Row row = analyse(point);
  EXPECT_FALSE(row.met);
  EXPECT_EQ(row.verdict, Verdict::misses);
  EXPECT_EQ(too_many_unserved(row), "30 % of requests were not served");
  EXPECT_EQ(row.value(figure_index("p99_ttft_ms")), 10) << "the table's is of those that were served";
}

TEST(Unanswered, IsSaidFromATenthOfTheTailOn) {
  PointResult point = point_with({10});
  auto& figures = point.runs[0].figures;
  figures[figure_index("failed_share")] = 0.001;
  EXPECT_EQ(unanswered(analyse(point)), "");
  figures[figure_index("failed_share")] = 0.0011;
  EXPECT_NE(unanswered(analyse(point)).find("0.11 % of the measured requests"), std::string::npos);
  EXPECT_EQ(unanswered(analyse(point)).find("gave up"), std::string::npos);
  figures[figure_index("gave_up_share")] = 0.0011;
  EXPECT_NE(unanswered(analyse(point)).find("(0.11 % gave up)"), std::string::npos);
}

TEST(Verdict, OfReplicationsThatCannotDifferHasNoInterval) {
  const PointResult point = point_with({10, 10, 10});
  const Row row = analyse(point);
  EXPECT_TRUE(row.identical_runs);
  EXPECT_FALSE(row.figures[figure_index("p99_ttft_ms")].has_interval());
}

// A report over points of one axis, `gpu` or `seqs`, as if they had been simulated.
CompareReport report_over(const std::vector<std::string>& values, std::vector<PointResult> points,
                          const std::string& key = "engine.max_num_seqs") {
  CompareReport report;
  report.sweep.scenarios = {"a.yaml"};
  report.sweep.axes = {{.keys = {key}, .rows = {}}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    points[i].point.settings = {{key, values[i], "--vary"}};
  }
  report.points = std::move(points);
  report.objectives = {figure_index("usd_per_hour"), figure_index("p99_ttft_ms")};
  report.sort_by = {{.figure = report.objectives[0]}};
  finish(report);
  return report;
}
PointResult costing(double usd, double p99, double limit) {
  PointResult point = point_with({p99}, {{"p99_ttft_ms", limit}});
  point.runs[0].figures[figure_index("usd_per_hour")] = usd;
  return point;
}

TEST(Advice, NamesTheMissThatIsNearest) {
  const CompareReport report = report_over({"1", "2", "3", "4"}, {costing(8, 145, 100), costing(8, 113, 100),
                                                                  costing(8, 90, 100), costing(9, 101, 100)});
  const std::string text = advise(report).text;
  EXPECT_EQ(text,
            "Of those that keep p99_ttft_ms <= 100: max seqs 3 at $8 an hour. The nearest that does not: "
            "max seqs 2 at $8 an hour, but it misses p99_ttft_ms by 13 %. The choice would be another if "
            "p99_ttft_ms were 11 % longer than simulated.");
}

TEST(Advice, CallsWhatIsWithinTheNoiseATie) {
  const CompareReport report = report_over({"1", "2"}, {costing(8, 60, 100), costing(8.0001, 50, 100)});
  const Advice advice = advise(report);
  EXPECT_EQ(advice.point, 0U);
  EXPECT_NE(advice.text.find("next, max seqs 2 is a tie: the difference is within the noise, but has "
                             "p99_ttft_ms 50 against 60"),
            std::string::npos)
      << advice.text;
}

TEST(Advice, SaysThatNothingMattersInsteadOfMarkingAll) {
  const CompareReport report =
      report_over({"1", "2", "3"}, {costing(8, 60, 100), costing(8, 60.2, 100), costing(8.01, 60.1, 100)});
  EXPECT_EQ(
      advise(report).text,
      "None of these settings matters here: 3 points differ in usd_per_hour by 0.12 % and in p99_ttft_ms by "
      "0.33 % at most; all of them keep p99_ttft_ms <= 100. The choice would be another if p99_ttft_ms were "
      "67 % longer than simulated.");
  for (const Row& row : report.rows) EXPECT_FALSE(row.on_front);
}

TEST(Advice, DoesNotPraiseAPointForWhatItRefused) {
  PointResult refuses = costing(8, 50, 100), serves = costing(8, 60, 100);
  refuses.runs[0].slo_values[0] = 90;  // of those that were served alone: 50
  const CompareReport report = report_over({"1", "2"}, {refuses, serves});
  EXPECT_FALSE(report.rows[0].on_front);
  EXPECT_TRUE(report.rows[1].on_front);
  const Advice advice = advise(report);
  EXPECT_EQ(advice.point, 1U);
  EXPECT_NE(advice.text.find("and has p99_ttft_ms 90 against 60 with what was not served"), std::string::npos)
      << advice.text;
}

TEST(Advice, DoesNotCallAMissWhatIsTooCloseToCall) {
  PointResult point = costing(8, 110, 100);
  MetricErrors errors{.metric = "ttft_p99",
                      .figures = 9,
                      .groups = 3,
                      .median_pct = 5,
                      .p90_pct = 30,
                      .factors = {},
                      .inside_pct = 90};
  for (const std::string& feature : run_features(deployment_kind(*point.resolved), 1, false)) {
    errors.factors.emplace_back(feature, 1);
  }
  point.bands = std::make_shared<const ErrorBands>(ErrorBands{{errors}});
  const CompareReport report = report_over({"1"}, {point});
  EXPECT_EQ(report.rows[0].verdict, Verdict::too_close);
  EXPECT_NE(advise(report).text.find("is simulated 10 % above p99_ttft_ms 100, which is within the error"),
            std::string::npos)
      << advise(report).text;
}

TEST(Ties, AreSmallOrWithinTheDifferencesSeedBySeed) {
  const std::size_t figure = figure_index("p99_ttft_ms");
  const auto tie = [&](const std::vector<double>& a, const std::vector<double>& b) {
    const PointResult x = point_with(a), y = point_with(b);
    return tied(analyse(x), analyse(y), figure);
  };
  EXPECT_TRUE(tie({100}, {100.5}));
  EXPECT_FALSE(tie({100}, {101}));
  EXPECT_TRUE(tie({100, 110, 90}, {103, 108, 95})) << "once more, once less";
  EXPECT_FALSE(tie({100, 110, 90}, {102, 112, 92})) << "with every seed by 2 ms, whatever the seeds spread";
  EXPECT_FALSE(tie({100, 200, 50}, {200, 110, 100})) << "beyond 5 % chance has to be shown, not assumed";
}

TEST(Effects, AreMeansOverTheSameCombinations) {
  // Twice the cost with the second value of `b`, and ten more with the second of `a`; one combination is
  // missing.
  CompareReport report;
  report.sweep.scenarios = {"a.yaml"};
  report.sweep.axes = {{.keys = {"engine.a"}, .rows = {}}, {.keys = {"engine.b"}, .rows = {}}};
  const struct {
    const char *a, *b;
    double usd;
  } cases[] = {{"1", "1", 10}, {"1", "2", 20}, {"1", "3", 7}, {"2", "1", 20}, {"2", "2", 40}};
  for (const auto& c : cases) {
    PointResult point = costing(c.usd, 1, 2);
    point.point.settings = {{"engine.a", c.a, ""}, {"engine.b", c.b, ""}};
    report.points.push_back(point);
  }
  report.objectives = {figure_index("usd_per_hour")};
  finish(report);
  const std::vector<Effect> effects = main_effects(report, report.objectives[0]);
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(effects[0].setting, "b") << "the larger effect is first";
  EXPECT_EQ(effects[0].combinations, 1U) << "with a = 2 the third value of b is missing";
  EXPECT_EQ(effects[1].setting, "a");
  EXPECT_EQ(effects[1].combinations, 2U);
  EXPECT_DOUBLE_EQ(effects[1].at[0].mean, 15);
  EXPECT_DOUBLE_EQ(effects[1].at[1].mean, 30);
  EXPECT_DOUBLE_EQ(effects[1].spread(), 1);
}

TEST(Dominance, NeedsEverySeedAndAMargin) {
  const std::vector<std::size_t> objectives{figure_index("gpus"), figure_index("p99_ttft_ms")};
  std::vector<PointResult> points{point_with({100, 110}), point_with({120, 130}), point_with({111, 113}),
                                  point_with({105, 200})};
  EXPECT_EQ(dominated_by(points, 0, objectives), std::nullopt);
  EXPECT_EQ(dominated_by(points, 1, objectives), std::optional<std::size_t>{0});
  EXPECT_EQ(dominated_by(points, 2, objectives), std::nullopt) << "by one per cent only";
  EXPECT_EQ(dominated_by(points, 3, objectives), std::nullopt) << "one of its seeds is better";
}

TEST(Rates, LieAtMostAPerCentApartAndPrintAsTheyAre) {
  for (int i = -600; i < 1500; ++i) {
    const double low = rate_at(i), high = rate_at(i + 1);
    ASSERT_GT(high, low);
    ASSERT_LE(high / low, 1.0101) << i;
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", low);
    ASSERT_EQ(std::stod(text), low);
    ASSERT_EQ(rate_index(low), i);
  }
  EXPECT_EQ(rate_at(0), 1);
}

TEST(TextTable, LeavesOutWhatDoesNotFit) {
  const std::vector<TextColumn> columns{
      {"name", {"a", "bb"}, 0, true}, {"first", {"1", "2"}, 1, false}, {"second", {"3", "4"}, 2, false}};
  EXPECT_EQ(fit_table(columns, 2, 0).text, "name  first  second\na         1       3\nbb        2       4\n");
  const TextTable narrow = fit_table(columns, 2, 12);
  EXPECT_EQ(narrow.text, "name  first\na         1\nbb        2\n");
  EXPECT_EQ(narrow.left_out, std::vector<std::string>{"second"});
  EXPECT_EQ(fit_table(columns, 2, 1).left_out.size(), 2U) << "columns of rank 0 stay";
}

TEST(TextTable, CountsCharactersNotBytes) {
  const std::vector<TextColumn> columns{{"x", {"1 ±2", "3"}, 0, false}, {"y", {"4", "5"}, 0, false}};
  EXPECT_EQ(fit_table(columns, 2, 0).text, "   x  y\n1 ±2  4\n   3  5\n");
}

TEST(TextTable, WrapsAtSpaces) {
  EXPECT_EQ(wrap_text("aaa bbb ccc ddd", 7, 2), "aaa bbb\n  ccc\n  ddd");
  EXPECT_EQ(wrap_text("aaa bbb", 0, 0), "aaa bbb");
  EXPECT_EQ(wrap_text("averylongword b", 5, 0), "averylongword\nb");
}

}  // namespace
}  // namespace blis
