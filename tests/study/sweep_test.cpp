// Sweep files and --vary: which points they mean, and what is wrong with bad ones, by line and column.
#include "tools/study/compare/sweep.h"

#include <gtest/gtest.h>

#include "blis/error.hpp"

namespace blis {
namespace {

// With the version at the end, where it moves no line.
std::string versioned(const std::string& text) {
  return text.find("version") == std::string::npos ? text + "version: 1\n" : text;
}

Sweep sweep(const std::string& text) {
  return parse_sweep(versioned(text), "sweep.yaml", "");
}

// "tp=1 gpu=A | tp=1 gpu=B": the points with the last parts of their keys.
std::string points_of(const Sweep& sweep) {
  std::string text;
  for (const Point& point : expand(sweep)) {
    if (!text.empty()) text += " | ";
    std::string line;
    for (const Override& setting : point.settings) {
      line +=
          (line.empty() ? "" : " ") + setting.key.substr(setting.key.rfind('.') + 1) + "=" + setting.value;
    }
    text += line;
  }
  return text;
}

// All that is wrong, as users see it.
std::string mistakes(const std::string& text) {
  try {
    expand(sweep(text));
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    std::string all;
    for (const Problem& problem : error.problems()) all += to_string(problem) + "\n";
    return all;
  }
  return "";
}

TEST(Sweep, AProductVariesItsLastKeyFastest) {
  EXPECT_EQ(points_of(sweep("base: a.yaml\nproduct: { x.a: [1, 2], x.b: [u, v] }\n")),
            "a=1 b=u | a=1 b=v | a=2 b=u | a=2 b=v");
}

TEST(Sweep, ZippedKeysVaryTogetherInsideTheProduct) {
  EXPECT_EQ(
      points_of(sweep(
          "base: a.yaml\nproduct: { x.a: [1, 2] }\nzip:\n  - { y.c: 3, y.b: 4 }\n  - { y.b: 6, y.c: 5 }\n")),
      "a=1 c=3 b=4 | a=1 c=5 b=6 | a=2 c=3 b=4 | a=2 c=5 b=6");
}

TEST(Sweep, ExclusionsNeedAllTheirSettingsToMatch) {
  EXPECT_EQ(points_of(sweep(
                "base: a.yaml\nproduct: { x.a: [1, 2], x.b: [u, v] }\nexclude:\n  - { x.a: 1.0, x.b: v }\n")),
            "a=1 b=u | a=2 b=u | a=2 b=v");
  EXPECT_EQ(points_of(sweep(
                "base: a.yaml\nproduct: { x.a: [1, 2], x.b: [u, v] }\nexclude: [{ x.a: 1 }, { x.b: u }]\n")),
            "a=2 b=v");
}

TEST(Sweep, ManyScenariosAreTheOutermostAxis) {
  const auto points = expand(sweep("base: [a.yaml, b.yaml]\nproduct: { x: [1, 2] }\n"));
  ASSERT_EQ(points.size(), 4U);
  EXPECT_EQ(points[1].scenario, 0U);
  EXPECT_EQ(points[2].scenario, 1U);
}

TEST(Sweep, NothingVariesMeansOnePoint) {
  EXPECT_EQ(expand(sweep("base: a.yaml\n")).size(), 1U);
}

TEST(Sweep, SeedsAreReplicationsWhereverTheyStand) {
  EXPECT_EQ(sweep("base: a.yaml\nseeds: [3, 4]\n").seeds, (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(sweep("base: a.yaml\nseeds: 0..3\n").seeds, (std::vector<std::uint64_t>{0, 1, 2, 3}));
  const Sweep varied = sweep("base: a.yaml\nproduct: { seed: [1, 2] }\n");
  EXPECT_EQ(varied.seeds, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(varied.axes.empty());
}

TEST(Sweep, AnSloHasTheScenariosForm) {
  const Sweep s =
      sweep("base: a.yaml\nslo: { p99_ttft_ms: 800, goodput: { ttft_ms: 500, attainment: 0.99 } }\n");
  ASSERT_EQ(s.set.size(), 3U);
  EXPECT_EQ(s.set[0].key, "slo.p99_ttft_ms");
  EXPECT_EQ(s.set[2].key, "slo.goodput.attainment");
  EXPECT_EQ(s.set[2].value, "0.99");
}

TEST(Sweep, PathsStartAtItsFolder) {
  const Sweep s =
      parse_sweep("version: 1\nbase: a.yaml\nproduct: { workload.path: [t.csv] }\n", "dir/sweep.yaml", "dir");
  EXPECT_EQ(s.scenarios[0], "dir/a.yaml");
  EXPECT_EQ(s.axes[0].rows[0][0].value, "dir/t.csv");
}

TEST(Sweep, ItsResolvedFormMeansTheSame) {
  const std::string text =
      "base: a.yaml\nset: { engine.dtype: \"0.20\" }\nproduct: { x.a: [1, null], hardware.gpu: [\"A, "
      "B\", C] }\n"
      "zip: [{ y.b: 1, y.c: true }, { y.b: 2, y.c: false }]\nexclude: [{ x.a: 1, y.b: 2 }]\nseeds: [0, 5]\n"
      "slo: { p99_ttft_ms: 800 }\nobjectives: [gpus, p99_ttft_ms]\nprices: { H100: 2.5 }\n";
  const Sweep first = sweep(text);
  const Sweep again = parse_sweep(to_yaml(first, "out"), "out/sweep.resolved.yaml", "out");
  EXPECT_EQ(again.scenarios, first.scenarios);
  EXPECT_EQ(points_of(again), points_of(first));
  EXPECT_EQ(again.seeds, first.seeds);
  ASSERT_EQ(again.set.size(), first.set.size());
  for (std::size_t i = 0; i < first.set.size(); ++i) EXPECT_EQ(again.set[i].value, first.set[i].value);
  EXPECT_EQ(again.objectives.size(), 2U);
  EXPECT_EQ(again.prices.at(0).usd_per_hour, 2.5);
  EXPECT_EQ(to_yaml(again, "out"), to_yaml(first, "out"));
}

TEST(Sweep, PathsInItsResolvedFormStartAtTheFolderOfThat) {
  const Sweep first = parse_sweep(
      "version: 1\nbase: a.yaml\nset: { workload.arrival: { process: servegen, path: \"x-trace.csv\" } }\n"
      "product: { workload.path: [\"t.csv\", u.csv], latency.profile: [p] }\n"
      "exclude: [{ workload.path: t.csv }]\n",
      "dir/sweep.yaml", "dir");
  const std::string text = to_yaml(first, "out");
  EXPECT_NE(text.find("\"../dir/t.csv\""), std::string::npos) << text;
  const Sweep again = parse_sweep(text, "out/sweep.resolved.yaml", "out");
  EXPECT_EQ(points_of(again), points_of(first));
  EXPECT_EQ(points_of(again), "path=dir/u.csv profile=dir/p");
  EXPECT_EQ(again.set.at(0).value, first.set.at(0).value);
}

struct Mistake {
  const char *text, *message;
};
class BadSweep : public testing::TestWithParam<Mistake> {};

TEST_P(BadSweep, IsReportedWithItsPlace) {
  const std::string all = mistakes(GetParam().text);
  EXPECT_NE(all.find(GetParam().message), std::string::npos) << "got: " << all;
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadSweep,
    testing::Values(
        Mistake{"base: a.yaml\nprodukt: { a: [1] }\n", "sweep.yaml:2:1: unknown key `produkt`"},
        Mistake{"version: 2\nbase: a.yaml\n", "sweep.yaml:1:10"},
        Mistake{"version: 1\nbase: a.yaml\nproduct:\n  a: 3\n", "sweep.yaml:4:6: `a` has no values to vary"},
        Mistake{"base: a.yaml\nproduct: { a: [] }\n", "sweep.yaml:2:15: `a` has no values to vary"},
        Mistake{"base: a.yaml\nproduct: [1]\n", "sweep.yaml:2:10: `product` is no map"},
        Mistake{"base: []\n", "a sweep needs a scenario to start from"},
        Mistake{"base: a.yaml\nproduct: { a: [1, 2, 1.0] }\n",
                "sweep.yaml:2:22: `a` has the value 1.0 twice"},
        Mistake{"base: a.yaml\nproduct: { a: [1], a.b: [2] }\n",
                "sweep.yaml:2:26: `a.b` varies twice, as `a`"},
        Mistake{"base: a.yaml\nproduct: { a: [1] }\nzip: [{ a: 2, b: 3 }]\n",
                "sweep.yaml:3:12: `a` varies twice"},
        Mistake{"base: a.yaml\nzip:\n  - { a: 1, b: 2 }\n  - { a: 1, c: 2 }\n",
                "sweep.yaml:4:5: the rows of `zip` vary together"},
        Mistake{"base: a.yaml\nzip: { a: 1 }\n", "sweep.yaml:2:6: `zip` is no list"},
        Mistake{"base: a.yaml\nset: { a: 1 }\nproduct: { a: [2] }\n",
                "sweep.yaml:2:11: `a` is set for all points, and `a` varies"},
        Mistake{"base: a.yaml\nproduct: { a: [1, 2] }\nexclude: [{ b: 1 }]\n",
                "sweep.yaml:3:16: `exclude` names `b`, which does not vary"},
        Mistake{"base: a.yaml\nproduct: { a: [1, 2] }\nexclude: [{ a: 3 }]\n",
                "sweep.yaml:3:16: `a` never is 3"},
        Mistake{"base: a.yaml\nproduct: { a: [1] }\nexclude: [{ a: 1 }]\n", "excludes every point"},
        Mistake{"base: a.yaml\nseeds: [1, 1]\n", "sweep.yaml:2:8: a seed is given twice"},
        Mistake{"base: a.yaml\nseeds: [-1]\n", "sweep.yaml:2:8: `-1` is no seed"},
        Mistake{"base: a.yaml\nprices: { H100: -1 }\n", "sweep.yaml:2:17"},
        Mistake{"base: a.yaml\nbase: b.yaml\n", "sweep.yaml:2:1"}));

TEST(Sweep, AGridBeyondAllMeasureIsRefused) {
  std::string text = "base: a.yaml\nproduct:\n";
  for (int key = 0; key < 6; ++key)
    text += "  k" + std::to_string(key) + ": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n";
  EXPECT_NE(mistakes(text).find("more than 100000 points"), std::string::npos);
}

TEST(Sweep, IsToldFromAScenarioByItsBase) {
  EXPECT_TRUE(is_sweep("version: 1\nbase: a.yaml\n", "f"));
  EXPECT_FALSE(is_sweep("version: 1\nmodel: m\n", "f"));
}

struct Variation {
  const char *text, *key, *values;
};
class Vary : public testing::TestWithParam<Variation> {};

TEST_P(Vary, MeansTheseValues) {
  const Axis axis = parse_vary(GetParam().text, [](const std::string& name) {
    return name == "tp" ? std::string("engine.tensor_parallel_size") : name;
  });
  std::string values;
  for (const auto& row : axis.rows) values += (values.empty() ? "" : "|") + row[0].value;
  EXPECT_EQ(axis.keys.at(0), GetParam().key);
  EXPECT_EQ(values, GetParam().values);
}

INSTANTIATE_TEST_SUITE_P(
    Flags, Vary,
    testing::Values(Variation{"engine.max_num_seqs=64,128", "engine.max_num_seqs", "64|128"},
                    Variation{"tp=1,2", "engine.tensor_parallel_size", "1|2"},
                    Variation{"hardware.gpu=H100, A100", "hardware.gpu", "H100|A100"},
                    Variation{"request-rate=0.5..2:0.5", "workload.arrival.request_rate", "0.5|1|1.5|2"},
                    Variation{"num-prompts=10,20", "workload.num_requests", "10|20"},
                    Variation{"replicas=1..4", "replicas", "1|2|3|4"},
                    Variation{"replicas=1..9*2,12", "replicas", "1|2|4|8|12"},
                    Variation{"a=0.1..0.3:0.1", "a", "0.1|0.2|0.3"},
                    Variation{"a={b: 1, c: 2},[3, 4]", "a", "{b: 1, c: 2}|[3, 4]"},
                    Variation{"a=\"x, y\"", "a", "\"x, y\""},
                    Variation{"workload.path=../a..b.csv", "workload.path", "../a..b.csv"}));

TEST(Vary, ATrafficFlagIsWrittenAndReadUnderItsName) {
  Sweep s = sweep("base: a.yaml\nproduct: { workload.arrival.request_rate: [1, 2] }\n");
  add_axis(s, parse_vary("request-rate=3,inf"));
  const std::string text = to_yaml(s, "");
  EXPECT_NE(text.find("  request-rate: [3, inf]\n"), std::string::npos) << text;
  EXPECT_EQ(to_yaml(parse_sweep(text, "again.yaml", ""), ""), text);
}

TEST(Vary, RefusesWhatMeansNothing) {
  for (const char* const text : {"a", "=1", "a=", "a=1,,2", "a=4..1", "a=1..4*1", "a=0..4*2", "a=1..4:0"}) {
    EXPECT_THROW(parse_vary(text), InputError) << text;
  }
  EXPECT_THROW(parse_vary("a=1..1e9"), InputError) << "a thousand million values";
}

TEST(Vary, AFlagReplacesTheFilesAxisOfThatKey) {
  Sweep s = sweep("base: a.yaml\nproduct: { x: [1, 2], y: [3] }\n");
  add_axis(s, parse_vary("x=7"));
  EXPECT_EQ(points_of(s), "x=7 y=3");
}

}  // namespace
}  // namespace blis
