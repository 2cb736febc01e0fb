// Whole runs of the program: what it prints is well-formed, repeats, and agrees with itself.
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "scenarios/scenario.h"
#include "sim/metrics.h"
#include "tests/cli/run_blis.h"

namespace blis {
namespace {

using nlohmann::json;

class Run : public testing::Test {
 protected:
  std::vector<std::string> replay(const std::string& trace, std::vector<std::string> more) {
    std::vector<std::string> arguments{"replay",          folder_.write("trace.csv", trace),
                                       "--model",         "llama-3.1-8b-instruct",
                                       "--gpu",           "H100",
                                       "--data-dir",      BLIS_SOURCE_DIR,
                                       "--latency-model", "roofline"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  TempFolder folder_;
};

TEST_F(Run, JsonOnStdoutIsOneDocument) {
  const Finished finished = run_blis(replay(azure_trace(200), {"--output-format", "json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const json result = json::parse(finished.out);
  EXPECT_EQ(result["schema"], "blis-result/1");
  EXPECT_EQ(result["completed"], 200);
  EXPECT_EQ(result["interrupted"], false);
}

TEST_F(Run, TheSecondRunHasTheSameBytes) {
  for (const std::string format : {"text", "json", "csv", "vllm-json"}) {
    const auto arguments = replay(azure_trace(300, 20), {"--output-format", format, "--save-detailed"});
    const Finished first = run_blis(arguments), second = run_blis(arguments);
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_EQ(first.out, second.out);
    EXPECT_EQ(first.err, second.err);
  }
}

TEST_F(Run, AResultFolderRepeatsButForItsMeta) {
  const auto to = [&](const std::string& name) {
    return replay(azure_trace(100), {"-o", folder_.path(name)});
  };
  ASSERT_EQ(run_blis(to("a")).status, 0);
  ASSERT_EQ(run_blis(to("b")).status, 0);
  for (const std::string file : {"result.json", "requests.csv", "series.json", "scenario.resolved.yaml"}) {
    EXPECT_EQ(contents(folder_.path("a/" + file)), contents(folder_.path("b/" + file))) << file;
    EXPECT_NE(contents(folder_.path("a/" + file)), "") << file;
  }
  const Finished again = run_blis(to("a"));
  EXPECT_EQ(again.status, 2);
  EXPECT_NE(again.err.find("--force"), std::string::npos) << again.err;
}

TEST_F(Run, TheResolvedScenarioGivesTheSameResult) {
  const Finished first =
      run_blis(replay(azure_trace(100), {"-o", folder_.path("a"), "--output-format", "csv"}));
  ASSERT_EQ(first.status, 0) << first.err;
  const Finished again = run_blis({"run", folder_.path("a/scenario.resolved.yaml"), "--data-dir",
                                   BLIS_SOURCE_DIR, "--output-format", "csv"});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(first.out, again.out);
}

// requests.csv as columns of numbers by name; an empty field is -1.
std::map<std::string, std::vector<double>> columns(const std::string& csv) {
  std::map<std::string, std::vector<double>> result;
  std::vector<std::string> names;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::size_t i = 0;
    for (std::string field; std::getline(fields, field, ','); ++i) {
      if (names.size() < 12) {
        names.push_back(field);
      } else if (i < 11) {
        result[names[i]].push_back(field.empty() ? -1 : std::stod(field));
      }
    }
  }
  return result;
}

TEST_F(Run, PercentilesAreThoseOfTheRowsOfRequestsCsv) {
  const Finished finished = run_blis(
      replay(azure_trace(500, 15), {"--output-format", "json", "--save-detailed", "-o", folder_.path("a")}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const json result = json::parse(finished.out);
  auto rows = columns(contents(folder_.path("a/requests.csv")));
  ASSERT_EQ(rows["arrival_ns"].size(), 500u);

  std::map<std::string, std::vector<double>> samples;
  for (std::size_t i = 0; i < 500; ++i) {
    const double arrival = rows["arrival_ns"][i], first = rows["first_token_ns"][i],
                 last = rows["last_token_ns"][i];
    const double output = rows["output_tokens"][i];
    samples["ttft_ms"].push_back((first - arrival) / 1e6);
    samples["e2el_ms"].push_back((last - arrival) / 1e6);
    samples["queue_ms"].push_back((rows["scheduled_ns"][i] - rows["queued_ns"][i]) / 1e6);
    if (output > 1) samples["tpot_ms"].push_back((last - first) / 1e6 / (output - 1));
    EXPECT_NEAR(result["ttfts"][i].get<double>(), (first - arrival) / 1e9, 1e-12);
    // End to end is the first token and the gaps after it.
    double end_to_end = result["ttfts"][i];
    for (const json& gap : result["itls"][i]) end_to_end += gap.get<double>();
    EXPECT_NEAR(end_to_end, (last - arrival) / 1e9, 1e-9);
    EXPECT_EQ(static_cast<double>(result["itls"][i].size()), output - 1);
    for (const json& gap : result["itls"][i]) samples["itl_ms"].push_back(gap.get<double>() * 1e3);
  }
  for (auto& [metric, values] : samples) {
    for (const auto& [name, q] :
         {std::pair{"median_", 50.0}, {"p90_", 90.0}, {"p95_", 95.0}, {"p99_", 99.0}}) {
      const double expected = percentile(values, q);
      EXPECT_NEAR(result[name + metric].get<double>(), expected, 1e-12 * expected) << name << metric;
    }
    double sum = 0;
    for (const double v : values) sum += v;
    EXPECT_NEAR(result["mean_" + metric].get<double>(), sum / static_cast<double>(values.size()), 1e-9 * sum);
  }
}

TEST_F(Run, OfATraceTheTrafficFlagsMeanWhatTheyMeanInAReplay) {
  const std::string trace = azure_trace(200);
  const std::vector<std::string> flags{"--num-prompts",   "50", "--request-rate", "3",
                                       "--output-format", "csv"};
  const Finished replayed = run_blis(replay(trace, flags));
  ASSERT_EQ(replayed.status, 0) << replayed.err;
  std::vector<std::string> arguments{"run",
                                     folder_.write("s.yaml",
                                                   "version: 1\n"
                                                   "model: llama-3.1-8b-instruct\n"
                                                   "hardware: { gpu: H100 }\n"
                                                   "latency: { model: roofline }\n"
                                                   "workload: { kind: trace, path: trace.csv }\n"),
                                     "--data-dir", BLIS_SOURCE_DIR};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  EXPECT_EQ(run_blis(arguments).out, replayed.out);
  EXPECT_NE(replayed.out.find("\n50,0,"), std::string::npos) << replayed.out;
}

TEST_F(Run, AnswersOfOneTokenHaveNoTimeBetweenTokensAndSaySo) {
  const Finished finished = run_blis(replay("arrival_s,input_tokens,output_tokens\n0,100,1\n1,50,1\n", {}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out.find("nan"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("P99 TPOT (ms):                           n/a"), std::string::npos)
      << finished.out;
}

TEST_F(Run, ALogIsReadByItsOwnNames) {
  const std::string log =
      "when;code;tok_in;tok_out\n2025-11-03T14:00:00Z;200;100;10\n2025-11-03T14:00:01Z;500;100;0\n"
      "2025-11-03T14:00:02Z;200;300;5\n";
  const Finished asked = run_blis(replay(log, {}));
  EXPECT_EQ(asked.status, 4) << asked.err;
  EXPECT_NE(asked.err.find("--columns arrival=when,input=tok_in,output=tok_out"), std::string::npos)
      << asked.err;
  const Finished read = run_blis(replay(log, {"--columns", "arrival=when,input=tok_in,output=tok_out",
                                              "--where", "code=200", "--output-format", "json"}));
  ASSERT_EQ(read.status, 0) << read.err;
  EXPECT_EQ(json::parse(read.out)["completed"], 2);
  EXPECT_NE(read.err.find("1 of 3 rows do not have code=200"), std::string::npos) << read.err;
  EXPECT_EQ(run_blis(replay(log, {"--columns", "when"})).status, 2);
  EXPECT_EQ(run_blis(replay(log, {"--columns", "arrive=when"})).status, 2);
}

TEST_F(Run, AGpuOfOnesOwnIsAFile) {
  const std::string gpu = folder_.write(
      "mine.json", R"({"Mine": {"TFlopsPeak": 990, "BwPeakTBs": 4.8, "MemoryGiB": 141, "NumSMs": 132}})");
  const Finished finished =
      run_blis({"run", "--model", "llama-3.1-8b-instruct", "--gpu", gpu, "--input-len", "100", "--output-len",
                "10", "--request-rate", "5", "--num-prompts", "20", "--output-format", "json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(json::parse(finished.out)["completed"], 20);
}

TEST_F(Run, WarmUpRequestsAreLeftOut) {
  const Finished finished = run_blis(
      replay(azure_trace(200), {"--output-format", "json", "--warmup-requests", "50", "--save-detailed"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const json result = json::parse(finished.out);
  EXPECT_EQ(result["completed"], 150);
  EXPECT_EQ(result["itls"].size(), 150u);
  std::vector<double> gaps;
  for (const json& request : result["itls"]) {
    for (const json& gap : request) gaps.push_back(gap.get<double>() * 1e3);
  }
  EXPECT_NEAR(result["p99_itl_ms"].get<double>(), percentile(gaps, 99), 1e-9);
}

TEST_F(Run, ASaturatedRunSaysSo) {
  const Finished finished = run_blis(replay(azure_trace(3000, 1), {"--output-format", "json"}));
  ASSERT_EQ(finished.status, 0);
  EXPECT_NE(finished.err.find("warning: saturated"), std::string::npos) << finished.err;
  bool listed = false;
  const json result = json::parse(finished.out);
  for (const json& warning : result["warnings"]) {
    listed = listed || warning.get<std::string>().starts_with("saturated");
  }
  EXPECT_TRUE(listed);
  const Finished quiet = run_blis(replay(azure_trace(3000, 1), {"--output-format", "json", "--quiet"}));
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, finished.out);
}

TEST_F(Run, AMissedSloIsAGateOnlyWhereItIsAsked) {
  const auto with = [&](std::vector<std::string> more) {
    return run_blis(replay(azure_trace(50), more)).status;
  };
  EXPECT_EQ(with({"--slo", "p99_ttft_ms=0.001"}), 0);
  EXPECT_EQ(with({"--slo", "p99_ttft_ms=0.001", "--fail-on-slo"}), 1);
  EXPECT_EQ(with({"--slo", "p99_ttft_ms=100000", "--fail-on-slo"}), 0);
}

TEST_F(Run, AGateWithNothingToJudgeIsRefused) {
  const auto refused = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--fail-on-slo", "-o", folder_.path("out")});
    const Finished finished = run_blis(replay(azure_trace(5), more));
    EXPECT_EQ(finished.status, 2);
    return finished.err;
  };
  EXPECT_NE(refused({}).find("--fail-on-slo: no SLO is set that could be met or missed"), std::string::npos);
  EXPECT_NE(refused({"--goodput", "ttft:500"}).find("--slo attainment=0.99"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out"))) << "it is said before anything is done";
}

TEST_F(Run, ALimitIsMissedWhereNothingWasMeasured) {
  for (const std::string limit : {"p99_ttft_ms=1e6", "std_itl_ms=1e6"}) {
    EXPECT_EQ(
        run_blis(replay(azure_trace(5), {"--slo", limit, "--fail-on-slo", "--warmup-requests", "5"})).status,
        1)
        << limit;
  }
}

TEST_F(Run, ReadsAScenarioFromStdin) {
  const std::string trace = folder_.write("trace.csv", azure_trace(5));
  const std::string scenario = folder_.write(
      "s.yaml",
      "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nlatency: { model: roofline }\n"
      "workload: { kind: trace, path: " +
          trace + " }\n");
  const Finished finished =
      run_blis({"run", "-", "--data-dir", BLIS_SOURCE_DIR, "--output-format", "csv"}, "<" + scenario);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(finished.out.starts_with("completed,")) << finished.out;
}

// A run of many seconds, stopped after one: it must end soon, say so, and leave what there is. In the
// foreground, timeout sends one signal; otherwise a second to its group, which kills.
TEST_F(Run, CtrlCStopsCleanly) {
  const std::string scenario = folder_.write("s.yaml", R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
latency: { model: roofline }
workload:
  kind: synthetic
  num_requests: 5000000
  arrival: { process: poisson, request_rate: 20 }
  input_tokens: { distribution: constant, value: 100 }
  output_tokens: { distribution: constant, value: 10 }
)");
  const std::string command = "timeout --foreground --preserve-status -s INT 1 '" BLIS_BINARY "' run " +
                              scenario + " --data-dir " + BLIS_SOURCE_DIR + " --output-format json -o " +
                              folder_.path("a") + " >" + folder_.path("out") + " 2>" + folder_.path("err");
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_NE(contents(folder_.path("err")).find("interrupted: "), std::string::npos);
  const json result = json::parse(contents(folder_.path("out")));
  EXPECT_EQ(result["interrupted"], true);
  EXPECT_GT(result["completed"], 0);
  EXPECT_EQ(contents(folder_.path("a/result.json")), contents(folder_.path("out")));
}

TEST(Step, HasItsTimeAndTerms) {
  const std::vector<std::string> arguments{"step",
                                           "--model",
                                           "llama-3.1-8b-instruct",
                                           "--gpu",
                                           "H100",
                                           "-tp",
                                           "2",
                                           "--latency-model",
                                           "roofline",
                                           "--data-dir",
                                           BLIS_SOURCE_DIR,
                                           "--prefill",
                                           "512@0",
                                           "--prefill",
                                           "100@64",
                                           "--decode",
                                           "32@1024"};
  auto as_json = arguments;
  as_json.insert(as_json.end(), {"--output-format", "json"});
  const Finished finished = run_blis(as_json);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const json result = json::parse(finished.out);
  EXPECT_GT(result["step_us"], 0);
  EXPECT_FALSE(result["terms"].empty());
  double sum = 0;
  for (const json& part : result["parts_us"]) sum += part.get<double>();
  EXPECT_NEAR(sum, result["step_us"].get<double>(), 1e-6 * sum);
  EXPECT_NE(run_blis(arguments).out.find("step "), std::string::npos);
}

TEST(Step, ABatchThatCannotBeIsPricedWithAWarning) {
  const std::vector<std::string> arguments{"step",
                                           "--model",
                                           "llama-3.1-8b-instruct",
                                           "--gpu",
                                           "H100",
                                           "--data-dir",
                                           BLIS_SOURCE_DIR,
                                           "--decode",
                                           "65@1024",
                                           "--max-num-seqs",
                                           "64",
                                           "--output-format",
                                           "json"};
  const Finished finished = run_blis(arguments);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::string sentence =
      "the engine would never run this step: 0 prefill + 65 decode = 65 sequences, more than max_num_seqs 64";
  EXPECT_EQ(finished.err, "warning: " + sentence + "\n");
  const json result = json::parse(finished.out);
  ASSERT_EQ(result["warnings"].size(), 1U);
  EXPECT_EQ(result["warnings"][0], sentence);
  EXPECT_GT(result["step_us"], 0);
}

TEST(List, ShowsEachKind) {
  for (const std::string kind :
       {"models", "gpus", "formats", "policies", "routers", "latency-models", "figures", "keys"}) {
    const Finished text = run_blis({"list", kind, "--data-dir", BLIS_SOURCE_DIR});
    EXPECT_EQ(text.status, 0) << text.err;
    const Finished as_json =
        run_blis({"list", kind, "--data-dir", BLIS_SOURCE_DIR, "--output-format", "json"});
    const json rows = json::parse(as_json.out);
    EXPECT_EQ(std::ranges::count(text.out, '\n'), static_cast<std::ptrdiff_t>(rows.size())) << kind;
  }
  EXPECT_EQ(run_blis({"list", "model"}).status, 2);
}

TEST_F(Run, ValidateChecksEachFileAndGoesOn) {
  const std::string good = folder_.write("good.csv", azure_trace(7));
  const std::string bad = folder_.write("bad.yaml", "version: 1\nmodle: x\n");
  const std::string catalog = BLIS_SOURCE_DIR "/hardware_config.json";
  const Finished finished = run_blis({"validate", bad, good, catalog, "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("bad.yaml:2:1: unknown key `modle`"), std::string::npos) << finished.err;
  EXPECT_NE(finished.out.find(good + ": trace, 7 requests\n"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find(catalog + ": hardware catalog, "), std::string::npos) << finished.out;
}

TEST_F(Run, ValidateKnowsEveryKindOfYamlFile) {
  const std::string workload =
      "workload: { kind: trace, path: " + folder_.write("t.csv", azure_trace(7)) + " }\n";
  folder_.write("model.yaml",
                "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\n" + workload);
  const std::pair<std::string, const char*> files[] = {
      {folder_.write("workload.yaml", "version: 1\n" + workload), "workload, 7 requests"},
      {folder_.path("model.yaml"), "scenario, 7 requests"},
      {folder_.write("sweep.yaml",
                     "version: 1\nbase: model.yaml\nproduct: { engine.tensor_parallel_size: [1, 2, 7] }\n"),
       "sweep, 3 points, of which 1 cannot start"},
      {folder_.write("calibration.yaml", "version: 1\nlatency: { host: { step_us: 300, api_ms: 5 } }\n"),
       "calibration, 2 constants"}};
  for (const auto& [path, what] : files) {
    const Finished finished = run_blis({"validate", path, "--data-dir", BLIS_SOURCE_DIR});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.out, path + ": " + what + "\n");
  }
  const std::string wrong = folder_.write("wrong.yaml", "version: 1\nlatency: { host: { step_ms: 3 } }\n");
  const Finished finished = run_blis({"validate", wrong, "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("wrong.yaml:2:20: unknown key `step_ms`"), std::string::npos) << finished.err;
}

TEST_F(Run, ValidateEndsOnTrafficThatDependsOnAnswersOrHasNoEnd) {
  const std::string head =
      "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nworkload:\n  kind: synthetic\n";
  const std::string lengths =
      "  input_tokens: { distribution: constant, value: 100 }\n  output_tokens: { distribution: constant, "
      "value: 20 }\n";
  const std::pair<std::string, const char*> traffic[] = {
      {"  duration_s: 600\n  arrival: { process: closed_loop, users: 50, ramp_up_s: 60 }\n",
       "as many requests as 50 users send in 600 s"},
      {"  num_requests: 70\n  arrival: { process: closed_loop, users: 50, ramp_up_s: 60 }\n", "70 requests"},
      {"  duration_s: 3000\n  arrival: { process: constant, request_rate: 1000000 }\n",
       "1000000 requests or more"},
      {"  num_requests: 1000000000\n  arrival: { process: poisson, request_rate: 10 }\n",
       "1000000000 requests"},
      {"  num_requests: 80\n  arrival: { process: at_once }\n  max_concurrency: 8\n", "80 requests"}};
  for (const auto& [text, said] : traffic) {
    const std::string path = folder_.write("s.yaml", head + text + lengths);
    const Finished finished = run_blis({"validate", path, "--data-dir", BLIS_SOURCE_DIR});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.out, path + ": scenario, " + said + "\n");
  }
}

// In a comparison the point that cannot go on is one among others.
TEST_F(Run, EndsWithASentenceWhereEveryUserIsRefusedAtOnce) {
  const std::string path = folder_.write("s.yaml", R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { max_model_len: 100 }
workload:
  kind: synthetic
  duration_s: 2
  arrival: { process: closed_loop, users: 5 }
  input_tokens: { distribution: constant, value: 200 }
  output_tokens: { distribution: constant, value: 20 }
)");
  const Finished run = run_blis({"run", path, "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_EQ(run.status, 2);
  EXPECT_NE(run.err.find("time stands still at 0 s"), std::string::npos) << run.err;
  for (const char* const goal : {"", "min-gpus"}) {
    std::vector<std::string> command{
        "compare", path, "--data-dir", BLIS_SOURCE_DIR, "--vary", "engine.max_model_len=100,400", "-j", "2"};
    if (*goal != '\0') command.insert(command.end(), {"--find", goal, "--slo", "p99_ttft_ms=5000"});
    const Finished compared = run_blis(command);
    EXPECT_EQ(compared.status, 0) << compared.err;
    EXPECT_NE(compared.out.find("time stands still"), std::string::npos) << compared.out;
  }
}

// Clients of a deployment that is dead for a while try again each millisecond, and are served afterwards.
TEST_F(Run, AClosedLoopOutlivesTheDeathOfItsOnlyReplica) {
  const std::string path = folder_.write("s.yaml", R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
failures: [{ replica: 0, at_s: 2, restart_after_s: 1 }, { replica: 0, at_s: 60 }]
workload:
  kind: synthetic
  duration_s: 6
  arrival: { process: closed_loop, users: 5 }
  input_tokens: { distribution: constant, value: 200 }
  output_tokens: { distribution: constant, value: 20 }
)");
  const Finished run = run_blis({"run", path, "--output-format", "json", "--data-dir", BLIS_SOURCE_DIR});
  ASSERT_EQ(run.status, 0) << run.err;
  const json result = json::parse(run.out);
  EXPECT_EQ(result.at("failed"), 5010)
      << "five at the death, then each millisecond until the restart, which comes last";
  EXPECT_GT(result.at("completed"), 100);
  EXPECT_NE(run.err.find("replica 0 died at 2 s with 5 requests, counted as failed"), std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("replica 0 was to die at 60 s, when all requests had ended"), std::string::npos)
      << run.err;

  const Finished compared =
      run_blis({"compare", path, "--data-dir", BLIS_SOURCE_DIR, "--vary", "engine.max_num_seqs=4,8"});
  const std::string all = compared.out + compared.err;
  EXPECT_NE(all.find("whether they kept up is not judged"), std::string::npos) << all;
}

TEST_F(Run, ValidateKnowsProfilesVectorsAndWhatBlisWrote) {
  folder_.write("x_attention.csv", "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,4,128,12\n");
  const std::string profile =
      folder_.write("x_dense.csv", "layer,tokens,time_us\nqkv_proj,1,5.5\nqkv_proj,2,6\n");
  const std::string vectors = BLIS_SOURCE_DIR "/tests/conform/golden.json";
  const std::pair<std::string, const char*> inputs[] = {{profile, "profile, 3 rows"},
                                                        {vectors, "schedule vectors, "}};
  for (const auto& [path, what] : inputs) {
    const Finished finished = run_blis({"validate", path});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_TRUE(finished.out.starts_with(path + ": " + what)) << finished.out;
  }
  const std::pair<std::string, const char*> documents[] = {
      {"blis-result/1", "the result of a run, not an input\n  hint:     `blis report`, `blis explain`"},
      {"blis-compare/1", "a comparison, not an input\n  hint:     `blis report` reads its folder"},
      {"blis-series/1", "a document that blis wrote, not an input\n"}};
  for (const auto& [schema, message] : documents) {
    const std::string path = folder_.write("own.json", "{\n  \"schema\": \"" + schema + "\"\n}\n");
    const Finished finished = run_blis({"validate", path});
    EXPECT_EQ(finished.status, 2);
    EXPECT_TRUE(finished.err.starts_with("error: " + path + ": this is " + message)) << finished.err;
  }
}

TEST(Accuracy, GivesTheSameBytesWithAnyNumberOfJobs) {
  const auto accuracy = [](const std::string& flag, const std::string& value) {
    return run_blis(
        {"accuracy", BLIS_SOURCE_DIR "/tests/score/measured", flag, value, "--data-dir", BLIS_SOURCE_DIR});
  };
  const Finished one = accuracy("-j", "1");
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.err, "") << "progress is for terminals";
  EXPECT_EQ(accuracy("--jobs", "3").out, one.out);
  EXPECT_NE(accuracy("-j", "0").err.find(": this is no number of threads"), std::string::npos)
      << accuracy("-j", "0").err;
  EXPECT_EQ(accuracy("--threads", "1").status, 2) << "one thing has one name";
}

TEST(Program, HelpAndVersionAreOnStdout) {
  EXPECT_EQ(run_blis({"--version"}).out.substr(0, 5), "blis ");
  EXPECT_EQ(run_blis({"--help"}).status, 0);
  EXPECT_NE(run_blis({"run", "--help"}).out.find("--max-num-seqs"), std::string::npos);
  const Finished nothing = run_blis({});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_EQ(nothing.out, "");
}

TEST_F(Run, SeveralClientsHaveTheirFiguresEach) {
  const std::string scenario = folder_.write("clients.yaml", R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { scheduling_policy: priority, max_num_seqs: 4 }
workload:
  kind: synthetic
  num_requests: 200
  arrival: { process: poisson, request_rate: 40 }
  clients:
    - name: chat
      share: 0.5
      slo_class: interactive
      priority: 0
      input_tokens: { distribution: constant, value: 500 }
      output_tokens: { distribution: constant, value: 20 }
    - name: batch
      share: 0.5
      priority: 5
      input_tokens: { distribution: constant, value: 500 }
      output_tokens: { distribution: constant, value: 20 }
slo: { goodput: { ttft_ms: 200 } }
warmup: { requests: 10 }
)");
  const Finished finished = run_blis({"run", scenario, "--output-format", "json"});
  const nlohmann::json json = nlohmann::json::parse(finished.out);
  ASSERT_EQ(json["clients"].size(), 2U);
  const auto& chat = json["clients"][0];
  const auto& batch = json["clients"][1];
  EXPECT_EQ(chat["name"], "chat");
  EXPECT_EQ(chat["slo_class"], "interactive");
  EXPECT_EQ(chat["completed"].get<int>() + batch["completed"].get<int>(), json["completed"].get<int>());
  EXPECT_LT(chat["mean_ttft_ms"].get<double>(), batch["mean_ttft_ms"].get<double>()) << "it goes first";
  EXPECT_GT(chat["goodput_attainment"].get<double>(), batch["goodput_attainment"].get<double>());
  const auto n = [](const nlohmann::json& of) { return of["completed"].get<double>(); };
  EXPECT_NEAR((n(chat) * chat["goodput_attainment"].get<double>() +
               n(batch) * batch["goodput_attainment"].get<double>()) /
                  n(json),
              json["goodput_attainment"].get<double>(), 1e-9);
  EXPECT_NE(run_blis({"run", scenario}).out.find("-Client chat (interactive)-"), std::string::npos);
}

}  // namespace
}  // namespace blis
