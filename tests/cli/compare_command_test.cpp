// blis compare as users run it: documents, exit statuses, folders.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"
#include "tools/output/shell_word.h"

namespace blis {
namespace {

using nlohmann::json;

const std::string kScenario = small_scenario(250);

class CompareCommand : public testing::Test {
 protected:
  CompareCommand() { folder_.write("a.yaml", kScenario); }
  Finished compare(std::vector<std::string> more, const std::string& file = "a.yaml") {
    std::vector<std::string> arguments{"compare", folder_.path(file), "--data-dir", BLIS_SOURCE_DIR};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments);
  }
  json document(std::vector<std::string> more, const std::string& file = "a.yaml") {
    more.insert(more.end(), {"--output-format", "json"});
    const Finished finished = compare(more, file);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return json::parse(finished.out);
  }
  TempFolder folder_;
};

TEST_F(CompareCommand, GivesTheSameBytesWithAnyNumberOfThreads) {
  const std::vector<std::string> grid{"--vary", "tp=1,2", "--vary",          "replicas=1,2", "--seeds",
                                      "0..2",   "--slo",  "p99_ttft_ms=200", "--price",      "H100=2"};
  for (const char* const format : {"text", "json", "csv"}) {
    std::vector<std::string> one = grid, two = grid;
    one.insert(one.end(), {"--output-format", format, "-j", "1"});
    two.insert(two.end(), {"--output-format", format, "-j", "2"});
    EXPECT_EQ(compare(one).out, compare(two).out) << format;
  }
}

TEST_F(CompareCommand, HasAPointForEachConfigurationWithSeedsFoldedIn) {
  const json d = document({"--vary", "replicas=1,2,4", "--seeds", "0,1", "--pareto", "gpus,p99_ttft_ms"});
  ASSERT_EQ(d.at("points").size(), 3U);
  const json& point = d["points"][1];
  EXPECT_EQ(point.at("settings").at("replicas"), 2);
  EXPECT_EQ(point.at("status"), "ok");
  EXPECT_EQ(point.at("gpus"), 2);
  EXPECT_EQ(point.at("replications").size(), 2U);
  EXPECT_GT(point.at("p99_ttft_ms"), 0);
  const json interval = point.at("confidence").at("p99_ttft_ms");
  EXPECT_LE(interval[0], point.at("p99_ttft_ms"));
  EXPECT_GE(interval[1], point.at("p99_ttft_ms"));
  EXPECT_TRUE(d["points"][0].at("pareto").get<bool>()) << "nothing has fewer GPUs";
}

TEST_F(CompareCommand, RowsComeInTheOrderAskedFor) {
  const std::vector<std::string> grid{"--vary", "tp=4,1,2", "--vary", "replicas=2,1"};
  const auto order = [&](const std::string& by) {
    std::vector<std::string> flags = grid;
    if (!by.empty()) flags.insert(flags.end(), {"--sort-by", by});
    return document(flags).at("order");
  };
  EXPECT_EQ(order("tp,replicas"), json({0, 1, 2, 3, 4, 5})) << "as the values were given";
  EXPECT_EQ(order("engine.tensor_parallel_size"), json({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(order("replicas,tp"), json({0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(order("gpus,tp"), json({3, 2, 5, 1, 4, 0})) << "1, 2, 2, 4, 4, 8 GPUs";
  const auto twice =
      document({"--vary", "tp=4,1,2", "--vary", "replicas=2,1", "--sort-by", "replicas", "--sort-by", "tp"});
  EXPECT_EQ(twice.at("order"), order("replicas,tp")) << "lists add up";
}

TEST_F(CompareCommand, ShowsTheColumnsThatAreNamedWhateverTheWidth) {
  const auto table = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"compare", folder_.path("a.yaml"), "--vary", "tp=1,2", "-q", "--data-dir",
                                 BLIS_SOURCE_DIR});
    return run_blis(flags, "", "COLUMNS=40").out;
  };
  EXPECT_NE(table({}).find("Left out for the width: "), std::string::npos) << table({});
  const std::string all = table({"--columns", "all"});
  for (const char* const heading : {"TTFT p50", "ITL p99", "served/s", "KV peak %", "bound by"}) {
    EXPECT_NE(all.find(heading), std::string::npos) << heading << "\n" << all;
  }
  EXPECT_EQ(all.find("Left out"), std::string::npos) << all;
  const std::string named = table({"--columns", "std_itl_ms,p99_ttft_ms,bound_by"});
  EXPECT_NE(named.find("TP  std_itl_ms  TTFT p99  bound by\n"), std::string::npos) << named;
  const std::string twice = table({"--columns", "std_itl_ms", "--columns", "p99_ttft_ms,bound_by"});
  EXPECT_EQ(twice, named) << "lists add up";
}

TEST_F(CompareCommand, SaysWhyAColumnThatWasAskedForIsEmpty) {
  const Finished bare = compare({"--vary", "tp=1,2", "--columns", "usd_per_hour,gpus"});
  EXPECT_NE(bare.err.find("`usd_per_hour` needs your price of every GPU"), std::string::npos) << bare.err;
  EXPECT_NE(bare.out.find("$/h  GPUs\n"), std::string::npos) << bare.out;
  const Finished priced =
      compare({"--vary", "tp=1,2", "--columns", "usd_per_hour,gpus", "--price", "H100=2"});
  EXPECT_EQ(priced.err.find("needs your price"), std::string::npos) << priced.err;
  EXPECT_NE(priced.out.find("4.00     2"), std::string::npos) << priced.out;
}

TEST_F(CompareCommand, WritesMarkdownWithTheSameRows) {
  const Finished finished =
      compare({"--vary", "tp=1,2", "--slo", "p99_ttft_ms=200", "--output-format", "markdown"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(finished.out.starts_with("## a: 2 points, TP 1, 2\n\n")) << finished.out;
  EXPECT_NE(finished.out.find("| TP | verdict |"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("TP 1"), std::string::npos) << "the advice\n" << finished.out;
}

TEST_F(CompareCommand, DrawsTheLoadCurveOfASearchWithItsKnee) {
  const std::vector<std::string> flags{"--find", "max-rate", "--slo", "p99_ttft_ms=150"};
  const json search = document(flags).at("points").at(0).at("search");
  const std::string text = compare(flags).out;
  EXPECT_NE(text.find("Load curve of a:\n"), std::string::npos) << text;
  for (const json& trial : search.at("trials")) {
    const std::string rate = fmt::format("{:.4g}", trial.at("request_rate").get<double>());
    EXPECT_NE(text.find(rate + "  "), std::string::npos) << rate << "\n" << text;
    EXPECT_TRUE(trial.at("values").contains("p99_ttft_ms"));
    EXPECT_GT(trial.at("output_throughput"), 0);
  }
  const std::string knee = fmt::format("{:.4g}", search.at("max_request_rate").get<double>());
  const std::size_t mark = text.find("<- the highest");
  ASSERT_NE(mark, std::string::npos) << text;
  const std::size_t line = text.rfind('\n', mark) + 1;
  EXPECT_NE(text.substr(line, mark - line).find(knee), std::string::npos) << text;
  EXPECT_EQ(text.find("<- the highest", mark + 1), std::string::npos);
}

// With flags and without: one rule for which requests count.
TEST_F(CompareCommand, AgreesWithRunToTheLastDigit) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, {"--detect-warmup"}, {"--warmup-requests", "20"}}) {
    std::vector<std::string> grid{"--vary", "replicas=2", "--set", "workload.num_requests=400"};
    grid.insert(grid.end(), flags.begin(), flags.end());
    const json d = document(grid);
    std::vector<std::string> run{"run",
                                 folder_.path("a.yaml"),
                                 "--replicas",
                                 "2",
                                 "--set",
                                 "workload.num_requests=400",
                                 "--output-format",
                                 "json",
                                 "--data-dir",
                                 BLIS_SOURCE_DIR};
    run.insert(run.end(), flags.begin(), flags.end());
    const json single = json::parse(run_blis(run).out);
    int compared = 0;
    for (const auto& [key, value] : d["points"][0].items()) {
      if (!single.contains(key) || !value.is_number()) continue;
      ++compared;
      EXPECT_EQ(value, single.at(key)) << key;
    }
    EXPECT_GT(compared, 40) << "every flat figure of result.json";
  }
}

// As a shell reads it, with settings that it would take apart.
TEST_F(CompareCommand, GivesTheCommandThatRunsAPointByItself) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, {"--detect-warmup"}, {"--seeds", "3,4", "--slo", "p99_ttft_ms=200"}}) {
    std::vector<std::string> grid{"--vary", "replicas=1,2", "--num-prompts",
                                  "150",    "--set",        "name=it's a test"};
    if (flags.empty()) grid.back() = "name=plain";
    grid.insert(grid.end(), flags.begin(), flags.end());
    std::vector<std::string> arguments{"compare",       folder_.path("a.yaml"), "--data-dir",
                                       BLIS_SOURCE_DIR, "--output-format",      "json"};
    std::string line = "'" BLIS_BINARY "'";
    for (const std::string& argument : arguments) line += " " + shell_word(argument);
    for (const std::string& argument : grid) line += " " + shell_word(argument);
    ASSERT_EQ(std::system((line + " >" + folder_.path("grid.json")).c_str()), 0) << line;
    const json d = json::parse(contents(folder_.path("grid.json")));
    for (const json& point : d.at("points")) {
      std::string command = point.at("command");
      ASSERT_TRUE(command.starts_with("blis run ")) << command;
      command.replace(0, 4, "'" BLIS_BINARY "'");
      command += std::string(" --data-dir ") + BLIS_SOURCE_DIR + " --output-format json >" +
                 folder_.path("run.json");
      ASSERT_EQ(std::system(command.c_str()), 0) << command;
      const json single = json::parse(contents(folder_.path("run.json")));
      if (d.at("seeds").size() > 1) {
        EXPECT_EQ(single.at("scenario").at("seed"), d.at("seeds")[0]) << command;
        continue;
      }
      for (const char* const key : {"p99_ttft_ms", "median_e2el_ms", "output_throughput", "completed"}) {
        EXPECT_EQ(single.at(key), point.at(key)) << command;
      }
    }
  }
}

TEST_F(CompareCommand, GivesNoCommandForWhatIsNotOneRun) {
  const json none = document({"--vary", "model=llama-3.1-8b-instruct,llama-3.1-70b-instruct"});
  for (const json& point : none.at("points")) {
    EXPECT_EQ(point.at("command").is_null(), point.at("status") == "infeasible") << point.at("label");
  }
  const json search = document({"--find", "max-rate", "--slo", "p99_ttft_ms=200"});
  EXPECT_TRUE(search.at("points")[0].at("command").is_null());
}

// Limits from kept to missed, with refused requests among them, with a latency model whose errors are known
// and with one whose are not: one verdict, from one value.
TEST_F(CompareCommand, JudgesAsRunDoes) {
  const std::size_t from = kScenario.find("latency:");
  std::string scored = kScenario;
  scored.erase(from, scored.find('\n', from) + 1 - from);
  folder_.write("scored.yaml", scored);
  std::set<std::string> verdicts;
  for (const char* const file : {"a.yaml", "scored.yaml"}) {
    for (const char* const limit :
         {"p99_ttft_ms=1", "p99_ttft_ms=45", "p99_e2el_ms=10000", "p99_queue_ms=1000"}) {
      for (const char* const longest : {"4096", "395"}) {
        const std::vector<std::string> flags{"--slo", limit, "--max-model-len", longest};
        std::vector<std::string> run{"run",  folder_.path(file), "--output-format",
                                     "json", "--data-dir",       BLIS_SOURCE_DIR};
        run.insert(run.end(), flags.begin(), flags.end());
        const json alone = json::parse(run_blis(run).out).at("slo").at(0);
        EXPECT_EQ(document(flags, file)["points"][0].at("slo").at(0), alone) << file << " " << limit;
        verdicts.insert(alone.at("verdict").get<std::string>());
      }
    }
  }
  EXPECT_EQ(verdicts, (std::set<std::string>{"meets", "misses", "too close to call"}));
}

TEST_F(CompareCommand, KeepsInfeasiblePointsWithTheArithmetic) {
  const std::vector<std::string> grid{"--vary", "model=llama-3.1-8b-instruct,llama-3.1-70b-instruct"};
  const json d = document(grid);
  ASSERT_EQ(d.at("points").size(), 2U);
  EXPECT_TRUE(d["points"][0].at("feasible").get<bool>());
  EXPECT_FALSE(d["points"][1].at("feasible").get<bool>());
  EXPECT_NE(d["points"][1].at("reason").get<std::string>().find("weights"), std::string::npos);
  EXPECT_TRUE(d["points"][1].at("p99_ttft_ms").is_null());
  const Finished text = compare(grid);
  EXPECT_NE(text.out.find("infeasible [1]"), std::string::npos) << text.out;
}

TEST_F(CompareCommand, ExitsWithThreeIfNothingFits) {
  const Finished finished = compare({"--vary", "model=llama-3.1-70b-instruct"});
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.out.find("No point can exist"), std::string::npos);
}

TEST_F(CompareCommand, SaysOverloadedInsteadOfPercentiles) {
  const json d = document({"--vary", "request-rate=5,2000", "--set", "workload.num_requests=3000"});
  EXPECT_EQ(d["points"][0].at("status"), "ok");
  EXPECT_EQ(d["points"][1].at("status"), "overloaded");
  EXPECT_TRUE(d["points"][1].at("p99_ttft_ms").is_null());
  EXPECT_GT(d["points"][1].at("output_throughput"), 0);
  EXPECT_NE(d["points"][1]["replications"][0].at("saturation").get<std::string>().find("saturated"),
            std::string::npos);
}

TEST_F(CompareCommand, CostsComeFromTheUsersPricesAlone) {
  const json without = document({"--vary", "gpu=H100,A100"});
  EXPECT_TRUE(without["points"][0].at("usd_per_hour").is_null());
  const json with = document({"--vary", "gpu=H100,A100", "--price", "H100-SXM=2.5", "--price", "A100=1.5"});
  EXPECT_EQ(with["points"][0].at("usd_per_hour"), 2.5);
  EXPECT_EQ(with["points"][1].at("usd_per_hour"), 1.5);
  EXPECT_EQ(with.at("objectives")[0].at("key"), "usd_per_million_output_tokens");
}

TEST_F(CompareCommand, WritesAFolderThatCanBeRunAgainAndResumed) {
  folder_.write(
      "sweep.yaml",
      "version: 1\nbase: a.yaml\nproduct: { replicas: [1, 2] }\nseeds: [0, 1]\nslo: { p99_ttft_ms: 200 }\n");
  const std::string out = folder_.path("out");
  ASSERT_EQ(compare({"-o", out}, "sweep.yaml").status, 0);
  const std::string whole = contents(out + "/compare.json");
  EXPECT_EQ(json::parse(whole).at("points").size(), 2U);
  EXPECT_NE(contents(out + "/points.csv").find("p99_ttft_ms_plus_minus"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out + "/points"), {}), 2);

  EXPECT_EQ(compare({"-o", out}, "sweep.yaml").status, 2) << "there is a comparison already";
  EXPECT_EQ(compare({"-o", out, "--resume"}, "sweep.yaml").status, 0);
  EXPECT_EQ(contents(out + "/compare.json"), whole);

  // A point's file that lacks what an SLO is held against is as good as none.
  const auto point = std::filesystem::directory_iterator(out + "/points")->path();
  json cut = json::parse(contents(point.string()));
  cut.at("replications")[0]["slo_values"] = json::array();
  folder_.write("out/points/" + point.filename().string(), cut.dump());
  EXPECT_EQ(compare({"-o", out, "--resume"}, "sweep.yaml").status, 0);
  EXPECT_EQ(contents(out + "/compare.json"), whole);

  // Wider than before: the points that are known are not simulated again.
  EXPECT_EQ(compare({"-o", out, "--resume", "--vary", "replicas=1,2,3"}, "sweep.yaml").status, 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out + "/points"), {}), 3);

  const Finished again = compare({"-o", folder_.path("again")}, "out/sweep.resolved.yaml");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(json::parse(contents(folder_.path("again/compare.json"))).at("points").size(), 3U);
}

// In the foreground, timeout sends one signal; otherwise a second to its group, which kills.
TEST_F(CompareCommand, InterruptedSaysWhatIsLeftAndTheFolderCanBeResumed) {
  const std::string out = folder_.path("out");
  const std::string command = "'" BLIS_BINARY "' compare " + folder_.path("a.yaml") + " --data-dir " +
                              BLIS_SOURCE_DIR + " --set workload.num_requests=20000 --seeds 0..399 -j 1" +
                              " --output-format json -o " + out + " >" + folder_.path("json") + " 2>" +
                              folder_.path("err");
  json stopped;
  for (const char* const seconds : {"1", "4", "16"}) {  // a busy machine may have no seed's run done in one
    std::filesystem::remove_all(out);
    const std::string timed = std::string("timeout --foreground --preserve-status -s INT ") + seconds + " ";
    const int status = std::system((timed + command).c_str());
    ASSERT_EQ(WEXITSTATUS(status), 130) << contents(folder_.path("err"));
    stopped = json::parse(contents(folder_.path("json")));
    if (!stopped.at("seeds").empty()) break;
  }
  EXPECT_TRUE(stopped.at("interrupted").get<bool>());
  EXPECT_NE(contents(folder_.path("err"))
                .find("warning: interrupted: " + stopped.at("left_undone").get<std::string>() +
                      "; the same command with --resume runs the rest"),
            std::string::npos)
      << contents(folder_.path("err"));
  const json& point = stopped.at("points")[0];
  EXPECT_TRUE(point.at("interrupted").get<bool>());
  EXPECT_EQ(stopped.at("seeds").size(), point.at("replications").size());
  EXPECT_LT(stopped.at("seeds").size(), 400U);
  EXPECT_NE(contents(out + "/points.csv").find(",interrupted,"), std::string::npos);
  EXPECT_NE(contents(out + "/sweep.resolved.yaml").find(", 398, 399]"), std::string::npos)
      << "the sweep is what was asked for";

  ASSERT_FALSE(stopped.at("seeds").empty()) << "the machine is too slow for this test";
  const std::size_t ran = stopped.at("seeds").size();
  const json whole = document({"--set", "workload.num_requests=20000", "--seeds",
                               "0.." + std::to_string(ran - 1), "--resume", "-o", out});
  EXPECT_FALSE(whole.at("interrupted").get<bool>());
  EXPECT_TRUE(whole.at("left_undone").is_null());
  EXPECT_EQ(whole.at("points")[0].at("replications"), point.at("replications"));
  EXPECT_EQ(whole.at("points")[0].at("p99_ttft_ms"), point.at("p99_ttft_ms"));
}

TEST_F(CompareCommand, OfATraceReplicationsAreIdentical) {
  folder_.write("t.csv", azure_trace(200));
  const json d = document({"--set", "workload={kind: trace, path: " + folder_.path("t.csv") + "}", "--vary",
                           "workload.time_scale=1,2", "--seeds", "0,1"});
  EXPECT_TRUE(d["points"][0].at("identical_replications").get<bool>());
  EXPECT_TRUE(d["points"][0].at("confidence").empty()) << "a trace has no chance in it";
}

TEST_F(CompareCommand, TrafficFlagsMeanWhatFitsEachScenario) {
  folder_.write("t.csv", azure_trace(200));
  const std::string trace = folder_.write("trace.yaml",
                                          "version: 1\n"
                                          "model: llama-3.1-8b-instruct\n"
                                          "hardware: { gpu: H100 }\n"
                                          "workload: { kind: trace, path: t.csv }\n");
  const std::string out = folder_.path("out");
  const json d = document({trace, "--vary", "request-rate=2,4", "--num-prompts", "60", "-o", out});
  ASSERT_EQ(d.at("points").size(), 4U);
  for (const json& point : d.at("points")) {
    EXPECT_NEAR(point.at("offered_request_rate").get<double>(),
                point["settings"].at("workload.arrival.request_rate").get<double>(), 1);
  }
  EXPECT_NE(contents(out + "/sweep.resolved.yaml").find("  num-prompts: 60\n"), std::string::npos);
  const Finished again = compare({"-o", folder_.path("again")}, "out/sweep.resolved.yaml");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(contents(folder_.path("again/compare.json")), contents(out + "/compare.json"));
}

TEST_F(CompareCommand, ComparesScenarios) {
  folder_.write("b.yaml", kScenario);
  const json d = document({folder_.path("b.yaml"), "--vary", "replicas=1,2"});
  ASSERT_EQ(d.at("points").size(), 4U);
  EXPECT_EQ(d["points"][3].at("settings").at("scenario"), "b");
}

struct Mistake {
  std::vector<std::string> flags;
  const char* message;
};
class CompareMistakes : public CompareCommand, public testing::WithParamInterface<Mistake> {};

TEST_P(CompareMistakes, AreUsageErrorsBeforeAnythingRuns) {
  const Finished finished = compare(GetParam().flags);
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find(GetParam().message), std::string::npos) << finished.err;
  EXPECT_EQ(finished.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Flags, CompareMistakes,
    testing::Values(
        Mistake{{"--vary", "engine.max_num_sequs=1,2"}, "did you mean `max_num_seqs`"},
        Mistake{{"--vary", "tpp=1,2"}, "did you mean `tp`?"},
        Mistake{{"--vary", "request-rat=1,2"}, "did you mean `request-rate`?"},
        Mistake{{"--vary", "gpu=H100,H999"}, "H999"}, Mistake{{"--vary", "tp=1,two"}, "--vary tp=1,two"},
        Mistake{{"--vary", "tp=1,2", "-tp", "4"}, "is set for all points"},
        Mistake{{"--vary", "tp=1,2", "--vary", "engine.tensor_parallel_size=4"}, "varies twice"},
        Mistake{{"--price", "H999=1"}, "H999"},
        Mistake{{"--sort-by", "p98_ttft_ms"}, "`p98_ttft_ms` does not vary, and is no figure"},
        Mistake{{"--sort-by", "tp", "--vary", "replicas=1,2", "--vary", "gpu=H100,A100"},
                "`engine.tensor_parallel_size` does not vary, and is no figure\n"
                "  expected: what varies: replicas, hardware.gpu; or a figure"},
        Mistake{{"--columns", "p99_tttft_ms"}, "did you mean `p99_ttft_ms`"},
        Mistake{{"--columns", "gpus", "--output-format", "csv"}, "all figures are written"},
        Mistake{{"--pareto", "steps"}, "neither better nor worse"},
        Mistake{{"--find", "max-speed"}, "there is no such goal"},
        Mistake{{"--find", "max-rate"}, "needs an SLO"}, Mistake{{"--find", "min-gpus"}, "needs an SLO"},
        Mistake{{"--find", "min-cost", "--slo", "p99_ttft_ms=100"}, "needs your price"},
        Mistake{
            {"--find", "min-gpus", "--slo", "p99_ttft_ms=100", "--set",
             "autoscaling={max_replicas: 20, startup_s: 9, metrics: [{name: running_requests, value: 9}]}"},
            "is not known before it runs"},
        Mistake{
            {"--find", "max-rate", "--slo", "p99_ttft_ms=100", "--set", "failures=[{replica: 0, at_s: 3}]"},
            "while replicas of it are dead is not judged"},
        Mistake{{"--resume"}, "no folder to resume from"}, Mistake{{"-j", "0"}, "no number of threads"},
        Mistake{{"--seeds", "1,1"}, "a seed is given twice"},
        Mistake{{"--output-format", "vllm-json"}, "no such output format"},
        Mistake{{"--slo", "p98_ttft_ms=3"}, "p98_ttft_ms"}));

TEST_F(CompareCommand, AnSloHasOneForm) {
  const json d = document({"--slo", "p99_ttft_ms=500", "--slo", "goodput.ttft_ms=400", "--slo",
                           "goodput.attainment=0.5", "--slo", "median_itl_ms=0.001"});
  const json& slo = d["points"][0].at("slo");
  ASSERT_EQ(slo.size(), 3U);
  EXPECT_EQ(slo[0].at("key"), "p99_ttft_ms");
  EXPECT_TRUE(slo[0].at("met").get<bool>());
  EXPECT_FALSE(slo[1].at("met").get<bool>());
  EXPECT_EQ(slo[2].at("key"), "goodput_attainment");
  EXPECT_EQ(d["points"][0].at("verdict"), "misses");
}

TEST_F(CompareCommand, CanFailABuild) {
  EXPECT_EQ(compare({"--slo", "p99_ttft_ms=0.001", "--fail-on-slo"}).status, 1);
  EXPECT_EQ(compare({"--slo", "p99_ttft_ms=5000", "--fail-on-slo"}).status, 0);
}

TEST_F(CompareCommand, AGateWithNothingToJudgeIsRefused) {
  const Finished bare = compare({"--fail-on-slo"});
  EXPECT_EQ(bare.status, 2);
  EXPECT_NE(bare.err.find("--fail-on-slo: no SLO is set"), std::string::npos) << bare.err;
  const Finished goodput = compare({"--fail-on-slo", "--goodput", "ttft:500"});
  EXPECT_EQ(goodput.status, 2);
  EXPECT_NE(goodput.err.find("--slo attainment=0.99"), std::string::npos) << goodput.err;
}

TEST_F(CompareCommand, APointWithoutAnSloDoesNotPassTheGateForTheOthers) {
  const std::string strict =
      folder_.write("strict.yaml", small_scenario(250, "slo: { p99_ttft_ms: 0.001 }\n"));
  EXPECT_EQ(compare({strict, "--fail-on-slo"}).status, 1);
}

TEST_F(CompareCommand, WhereNothingWasMeasuredNoLimitIsKept) {
  const Finished finished =
      compare({"--slo", "p99_ttft_ms=5000", "--warmup-requests", "250", "--fail-on-slo"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_NE(finished.out.find("has no p99_ttft_ms"), std::string::npos) << finished.out;
}

}  // namespace
}  // namespace blis
