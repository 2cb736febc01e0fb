// blis bench, blis import and runs without a file, as a user would type them.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/cli/run_blis.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/import/argument.h"

namespace blis {
namespace {

const std::string kServer = "vllm serve Qwen/Qwen3-8B --max-model-len 8k --max-num-seqs 64 --port 9123";
const std::string kClient =
    "vllm bench serve --dataset-name random --random-input-len 500 --random-output-len 50 --num-prompts 40 "
    "--request-rate 8 --ignore-eos";

std::vector<std::string> bench(const std::string& server, const std::string& client,
                               const std::vector<std::string>& more = {}) {
  std::vector<std::string> command{"bench", server, client, "--gpu", "H100"};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

// The labels of a block, in order.
std::vector<std::string> labels(const std::string& block) {
  std::vector<std::string> all;
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 51u) << line;
    all.push_back(line.substr(0, line.find(':')));
  }
  return all;
}

TEST(BenchCommand, PrintsTheBlockThatVllmPrints) {
  const Finished run =
      run_blis(bench(kServer, kClient + " --max-concurrency 16 --percentile-metrics ttft,e2el "
                                        "--metric-percentiles 50,99.9 --goodput ttft:5000"));
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(labels(run.out),
            (std::vector<std::string>{"============ Serving Benchmark Result ============",
                                      "Successful requests",
                                      "Failed requests",
                                      "Maximum request concurrency",
                                      "Request rate configured (RPS)",
                                      "Benchmark duration (s)",
                                      "Total input tokens",
                                      "Total generated tokens",
                                      "Request throughput (req/s)",
                                      "Request goodput (req/s)",
                                      "Output token throughput (tok/s)",
                                      "Peak output token throughput (tok/s)",
                                      "Peak concurrent requests",
                                      "Total token throughput (tok/s)",
                                      "---------------Time to First Token----------------",
                                      "Mean TTFT (ms)",
                                      "Median TTFT (ms)",
                                      "P50 TTFT (ms)",
                                      "P99.9 TTFT (ms)",
                                      "----------------End-to-end Latency----------------",
                                      "Mean E2EL (ms)",
                                      "Median E2EL (ms)",
                                      "P50 E2EL (ms)",
                                      "P99.9 E2EL (ms)",
                                      "=================================================="}));
  EXPECT_NE(run.out.find("Successful requests:                     40        \n"), std::string::npos)
      << run.out;
  EXPECT_NE(run.out.find("Total input tokens:                      20000     \n"), std::string::npos)
      << run.out;
}

double figure(const std::string& block, const std::string& label) {
  const std::size_t at = block.find(label);
  return at == std::string::npos ? -1 : std::stod(block.substr(at + label.size() + 1));
}

TEST(BenchCommand, ItsFiguresAreThoseOfTheResult) {
  const Finished block = run_blis(bench(kServer, kClient + " --percentile-metrics ttft,tpot,itl,e2el"));
  const Finished json = run_blis(bench(kServer, kClient, {"--output-format", "json"}));
  ASSERT_EQ(json.status, 0) << json.err;
  const auto result = nlohmann::json::parse(json.out);
  const std::pair<const char*, const char*> kSame[] = {
      {"Mean TTFT (ms)", "mean_ttft_ms"},    {"P99 TTFT (ms)", "p99_ttft_ms"},
      {"P99 TPOT (ms)", "p99_tpot_ms"},      {"Median ITL (ms)", "median_itl_ms"},
      {"P99 ITL (ms)", "p99_itl_ms"},        {"P99 E2EL (ms)", "p99_e2el_ms"},
      {"Benchmark duration (s)", "duration"}};
  for (const auto& [label, key] : kSame) {
    ASSERT_TRUE(result.contains(key)) << key;
    EXPECT_NEAR(figure(block.out, label), result[key].get<double>(), 0.0051) << label;
  }
}

TEST(BenchCommand, SavesAScenarioThatRunsToTheSameResult) {
  const TempFolder folder;
  const std::string path = folder.path("s.yaml");
  const Finished bench_run =
      run_blis(bench(kServer, kClient, {"--save-scenario", path, "--output-format", "vllm-json"}));
  ASSERT_EQ(bench_run.status, 0) << bench_run.err;
  const std::string text = contents(path);
  EXPECT_NE(text.find("# --max-model-len 8k"), std::string::npos) << text;
  EXPECT_EQ(text.find("9123"), std::string::npos) << "a port is no part of it\n" << text;
  const Finished again = run_blis({"run", path, "--output-format", "vllm-json"});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out, bench_run.out);
}

TEST(BenchCommand, TakesFilesThatHoldTheCommands) {
  const TempFolder folder;
  const std::string server = folder.write(
      "serve.sh", "#!/bin/bash\nexport M=Qwen/Qwen3-8B\nvllm serve $M \\\n  --max-model-len 8k\n");
  EXPECT_EQ(run_blis(bench(server, kClient)).status, 0);
}

TEST(BenchCommand, SaysWhatStandsInTheWay) {
  struct Case {
    std::string server, client;
    int status;
    const char* said;
  };
  const int not_modelled = static_cast<int>(ExitCode::not_modelled);
  for (const Case& c :
       {Case{kClient, kServer, 2, "the two commands are the other way round"},
        Case{kServer + " | tee log", kClient, 2, "the server's command:1:75: the output goes into a pipe"},
        Case{kServer + " --max-num-seq", kClient, 2, "`--max-num-seq` needs a value"},
        Case{kServer + " --max-nums-seqs 4", kClient, 2, "did you mean `--max-num-seqs`"},
        Case{"vllm serve $MODEL", kClient, 2, "nobody has set $MODEL"},
        Case{"ollama serve", kClient, 2, "is no server that is simulated here"},
        Case{"", kClient, 2, "there is no command"},
        Case{"vllm serve no/such-model", kClient, 2, "unknown model `no/such-model`"},
        Case{kServer, "vllm bench latency", 2, "runs no program that is known here"},
        Case{kServer, "vllm bench serve --dataset-name sharegpt", 2, "--dataset-path FILE"},
        Case{kServer, "vllm bench serve --dataset-name sharegpt --dataset-path none.json", 4, "none.json"},
        Case{kServer + " --kv-transfer-config '\"'\"'{\"kv_connector\": \"X\"}'\"'\"'", kClient, not_modelled,
             "--kv-transfer-config"},
        Case{"docker run vllm/vllm-openai:v0.6.1 --model Qwen/Qwen2.5-7B-Instruct", kClient, not_modelled,
             "runs the engine V0"}}) {
    const Finished run = run_blis(bench(c.server, c.client));
    EXPECT_EQ(run.status, c.status) << c.server << "\n" << c.client << "\n" << run.err;
    EXPECT_NE(run.err.find(c.said), std::string::npos) << c.said << "\n" << run.err;
    EXPECT_EQ(run.out, "");
  }
  EXPECT_NE(run_blis({"bench", kServer, kClient}).err.find("`blis bench` needs --gpu"), std::string::npos);
}

TEST(BenchCommand, WhereItIsAllowedItClaimsNoAccuracy) {
  const std::vector<std::string> command =
      bench(kServer + " --stream-interval 8", kClient, {"--allow-unmodelled", "--output-format", "json"});
  const Finished run = run_blis(command);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("UNSCORED"), std::string::npos) << run.err;
  const auto result = nlohmann::json::parse(run.out);
  EXPECT_EQ(result["unscored"], true);
  EXPECT_TRUE(result["accuracy"].is_null());
}

TEST(FlagScenario, ARunNeedsNoFile) {
  const std::vector<std::string> flags{"--model",        "qwen3-8b", "--gpu",         "H100",
                                       "--input-len",    "500",      "--output-len",  "20",
                                       "--request-rate", "5",        "--num-prompts", "20"};
  std::vector<std::string> run{"run"}, compare{"compare"};
  run.insert(run.end(), flags.begin(), flags.end());
  compare.insert(compare.end(), flags.begin(), flags.end());
  const Finished finished = run_blis(run);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("Successful requests:                     20"), std::string::npos)
      << finished.out;
  for (const char* const more : {"--vary", "tp=1,2"}) compare.emplace_back(more);
  const Finished compared = run_blis(compare);
  EXPECT_EQ(compared.status, 0) << compared.err;
  const Finished bare = run_blis({"run", "--model", "qwen3-8b"});
  EXPECT_EQ(bare.status, 2);
  EXPECT_NE(bare.err.find("needs --gpu GPU, --input-len N, --output-len N"), std::string::npos) << bare.err;
}

TEST(ImportCommand, WritesAScenarioThatTrafficCompletes) {
  const TempFolder folder;
  const std::string manifest = folder.write("d.yaml", R"yaml(
services:
  a:
    image: vllm/vllm-openai:v0.15.0
    command: --model Qwen/Qwen3-8B --max-model-len 8192 --api-key secret
  b:
    image: vllm/vllm-openai:v0.15.0
    command: --model Qwen/Qwen3-14B
)yaml");
  const Finished two = run_blis({"import", manifest});
  EXPECT_EQ(two.status, 2);
  EXPECT_NE(two.err.find("--engine NAME, one of a, b"), std::string::npos) << two.err;
  const std::string path = folder.path("s.yaml");
  const Finished imported = run_blis({"import", manifest, "--engine", "a", "--gpu", "H100", "-o", path});
  ASSERT_EQ(imported.status, 0) << imported.err;
  const std::string text = contents(path);
  EXPECT_NE(text.find("vllm_version: \"0.15.0\""), std::string::npos) << text;
  EXPECT_NE(text.find("# --max-model-len 8192"), std::string::npos) << text;
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  const Finished run = run_blis({"run", path, "--input-len", "500", "--output-len", "20", "--request-rate",
                                 "5", "--num-prompts", "10"});
  EXPECT_EQ(run.status, 0) << run.err << text;
  EXPECT_NE(run_blis({"run", manifest}).err.find("blis import"), std::string::npos);
  const Finished compared = run_blis({"compare", path, "--vary", "gpu=H100,A100", "--input-len", "500",
                                      "--output-len", "20", "--request-rate", "5", "--num-prompts", "10"});
  EXPECT_EQ(compared.status, 0) << compared.err;
  const std::string lacking = folder.write("l.yaml",
                                           "containers:\n- image: vllm/vllm-openai\n  args: [Qwen/Qwen3-8B, "
                                           "--kv-transfer-config, '{\"kv_connector\": \"X\"}']\n");
  EXPECT_EQ(run_blis({"import", lacking}).status, 5);
  EXPECT_EQ(run_blis({"import", lacking, "--gpu", "H100", "--allow-unmodelled", "-o", path}).status, 0);
  const Finished unscored =
      run_blis({"run", path, "--input-len", "500", "--output-len", "20", "--num-prompts", "10"});
  EXPECT_EQ(unscored.status, 0) << unscored.err << contents(path);
  EXPECT_NE(unscored.err.find("UNSCORED"), std::string::npos) << unscored.err;
  EXPECT_EQ(run_blis({"import", folder.write("e.yaml", "a: 1\n")}).status, 2);
  EXPECT_EQ(run_blis({"import", folder.path("none.yaml")}).status, 4);
}

TEST(ImportCommand, TakesAServersCommandToo) {
  const TempFolder folder;
  const std::string path = folder.path("s.yaml");
  const std::string server = kServer + " \\\n  --api-key secret";
  const Finished imported = run_blis({"import", server, "-o", path});
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(contents(path).find("secret"), std::string::npos) << contents(path);
  const Finished compared = run_blis({"compare", path, "--vary", "gpu=H100,A100", "--input-len", "500",
                                      "--output-len", "20", "--request-rate", "5", "--num-prompts", "10"});
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_EQ(run_blis({"import", folder.write("serve.txt", server), "-o", path}).status, 0);
  const Finished client = run_blis({"import", kClient});
  EXPECT_EQ(client.status, 2);
  EXPECT_NE(client.err.find("is a load generator, and no server"), std::string::npos) << client.err;
  for (const std::string& given : {server, folder.write("serve.sh", server)}) {
    const Finished refused = run_blis({"compare", given, "--vary", "gpu=H100,A100"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.err.find("this is a command, and no scenario"), std::string::npos) << refused.err;
  }
}

TEST(BenchCommand, OneScriptMayHoldBothCommands) {
  const TempFolder folder;
  const std::string script = folder.write(
      "run.sh", "#!/bin/sh\npip install vllm || exit 1\n" + kServer +
                    " &\nuntil curl -s :9123 | grep ok; do sleep 1; done\n" + kClient + "\nkill %1\n");
  const Finished one = run_blis({"bench", script, "--gpu", "H100"});
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.out, run_blis(bench(kServer, kClient)).out);
  const Finished half = run_blis({"bench", kServer, "--gpu", "H100"});
  EXPECT_EQ(half.status, 2);
  EXPECT_NE(half.err.find("stands where the load generator belongs"), std::string::npos) << half.err;
}

TEST(Hints, LeadToTheRightForm) {
  const std::string chat = BLIS_SOURCE_DIR "/scenarios/chat.yaml";
  struct Case {
    std::vector<std::string> command;
    const char* said;
  };
  for (const Case& c : {Case{{"run", chat, "-tp", "1,2"}, "--vary tp=1,2"},
                        Case{{"run", chat, "--num-requests", "5"}, "that is --num-prompts here"},
                        Case{{"run", chat, "--slo", "p99_ttft_ms<500"}, "--slo p99_ttft_ms=500"},
                        Case{{"compare", chat, "--price", "2.5"}, "--price H100=2.5"},
                        Case{{"run", "trace.csv"}, "blis replay trace.csv"},
                        Case{{"run", chat, "--gpu", "A16"}, "unknown GPU `A16`"},
                        Case{{"run", chat, "--enable-dbo"}, "vLLM's argument changes what is simulated"}}) {
    const Finished run = run_blis(c.command);
    EXPECT_NE(run.status, 0);
    EXPECT_NE(run.err.find(c.said), std::string::npos) << c.said << "\n" << run.err;
  }
  EXPECT_EQ(run_blis({"help", "trace", "fit"}).out, run_blis({"trace", "fit", "--help"}).out);
  EXPECT_EQ(run_blis({"version"}).out, run_blis({"--version"}).out);
}

TEST(Hints, HarmlessFlagsOfVllmAreAccepted) {
  const Finished run = run_blis({"validate", "--help"});
  EXPECT_EQ(run.status, 0);
  const std::string chat = BLIS_SOURCE_DIR "/scenarios/chat.yaml";
  const Finished plain = run_blis({"run", chat, "--limit", "20"});
  const Finished with = run_blis({"run", "--trust-remote-code", chat, "--port", "8000", "--limit", "20",
                                  "--disable-log-requests", "--cpu-offload-gb", "0"});
  EXPECT_EQ(with.status, 0) << with.err;
  EXPECT_EQ(with.out, plain.out);
}

// One way to say a thing: a flag of blis that vLLM has too sets what the table says.
TEST(ArgumentTable, AgreesWithTheFlags) {
  const Arguments table = serve_arguments();
  int flags = 0;
  for (const Option& option : options()) {
    const auto argument = std::ranges::find(table, option.name, &Argument::name);
    if (option.key.empty() || argument == table.end() || option.group == OptionGroup::random) continue;
    EXPECT_EQ(argument->key, option.key) << option.name;
    EXPECT_TRUE(option.alias.size() < 2 || argument->alias == option.alias) << option.name;
    ++flags;
  }
  EXPECT_GE(flags, 18);
  for (const Argument& argument : table) {
    const bool is_plain =
        argument.key.starts_with("engine.") && argument.key.find('.', 7) == std::string_view::npos;
    // By its key: several of vLLM's arguments may say one thing.
    const bool has_flag = std::ranges::find(options(), argument.key, &Option::key) != options().end();
    EXPECT_TRUE(has_flag || !is_plain) << argument.name;
  }
}

}  // namespace
}  // namespace blis
