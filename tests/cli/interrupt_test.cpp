// Signals while a command does what nobody looks at: it ends within a second, with a file or without.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "tests/cli/run_blis.h"

namespace blis {
namespace {

// Two billion gaps are drawn before the first request arrives.
constexpr const char* kSlowArrivals = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
latency: { model: roofline }
workload:
  kind: synthetic
  num_requests: 50
  arrival: { process: normalized_exponential, stages: [{ request_rate: 1000000, duration_s: 2000 }] }
  input_tokens: { distribution: constant, value: 300 }
  output_tokens: { distribution: constant, value: 30 }
)";

// A hundred thousand changes of the rate for each request that arrives.
constexpr const char* kRareArrivals = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
latency: { model: roofline }
workload:
  kind: synthetic
  num_requests: 500000
  arrival:
    process: poisson
    curve: { kind: mmpp, states: [{ request_rate: 0, hold_s: 0.00001 }, { request_rate: 2, hold_s: 0.00001 }] }
  input_tokens: { distribution: constant, value: 300 }
  output_tokens: { distribution: constant, value: 30 }
)";

// A trace of which nothing comes after its first rows, though it has not ended for a while.
constexpr const char* kStalled =
    " < <(echo arrival_s,input_tokens,output_tokens; echo 1,100,10; exec sleep 10)";

class Interrupted : public ::testing::TestWithParam<const char*> {
 protected:
  // `command`: what follows `blis`, in bash. A sanitized program takes its time to end.
  void ends_soon(const std::string& command) {
    const std::string signal = GetParam();
    const std::string script =
        folder_.write("command.sh", "exec timeout --foreground --preserve-status -s " + signal +
                                        " -k 10 0.7 '" BLIS_BINARY "' " + command + " 2>" +
                                        folder_.path("err") + " >" + folder_.path("out") + "\n");
    const auto start = std::chrono::steady_clock::now();
    const int status = std::system(("bash " + script).c_str());
    const auto took = std::chrono::steady_clock::now() - start;
    const int killed = 128 + (signal == "INT" ? 2 : 15);
    EXPECT_TRUE(WEXITSTATUS(status) == 130 || WEXITSTATUS(status) == killed)
        << command << ": " << WEXITSTATUS(status) << "\n"
        << contents(folder_.path("err"));
    EXPECT_LT(took, std::chrono::milliseconds{700 + 2500}) << command;
  }

  TempFolder folder_;
  const std::string slow_ = folder_.write("slow.yaml", kSlowArrivals);
  const std::string rare_ = folder_.write("rare.yaml", kRareArrivals);
  const std::string data_ = " --data-dir " BLIS_SOURCE_DIR;
};

TEST_P(Interrupted, RunsEndWhileArrivalsAreDrawn) {
  ends_soon("run " + slow_ + data_ + " -o " + folder_.path("result"));
  EXPECT_NE(contents(folder_.path("err")).find("interrupted"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("result/result.json")));
  // What was simulated by then is a result.
  ends_soon("run " + rare_ + data_ + " -q --output-format json");
  const std::string result = contents(folder_.path("out"));
  EXPECT_NE(result.find("\"interrupted\": true"), std::string::npos) << result;
}

TEST_P(Interrupted, ChecksAndComparisonsEndWhileArrivalsAreDrawn) {
  ends_soon("validate " + slow_ + data_);
  ends_soon("compare " + slow_ + data_ + " --vary engine.max_num_seqs=8,16 -q");
  ends_soon("trace synth " + slow_ + " --to csv -o " + folder_.path("out.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out.csv")));
}

TEST_P(Interrupted, EverybodyEndsWhileATraceIsWaitedFor) {
  const std::string hardware = " --model llama-3.1-8b-instruct --gpu H100" + data_;
  ends_soon("replay -" + hardware + " -q" + kStalled);
  ends_soon("replay - --sort" + hardware + " -q" + kStalled);
  ends_soon(std::string("trace inspect -") + kStalled);
  ends_soon(std::string("trace fit - --parametric") + kStalled);
  ends_soon("trace convert - --to azure -o " + folder_.path("out.csv") + kStalled);
}

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted, ::testing::Values("INT", "TERM"),
                         [](const auto& signal) { return std::string(signal.param); });

}  // namespace
}  // namespace blis
