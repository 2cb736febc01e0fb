// Every kind of mistake a user can make, through the program: one clear message with its place, and the
// exit status that says whose problem it is.
#include <gtest/gtest.h>

#include "tests/cli/run_blis.h"

namespace blis {
namespace {

const std::string kGpu =
    R"({ "GPU": { "TFlopsPeak": 900.0, "BwPeakTBs": 3.0, "BwEffConstant": 0.8, "TOverheadMicros": 100.0,
  "perLayerOverhead": 10.0, "mfuPrefill": 0.6, "mfuDecode": 0.2, "allReduceLatency": 20.0, "MemoryGiB": 80.0 } }
)";

const std::string kGoodScenario = R"(version: 1
model: llama-3.1-8b-instruct
hardware:
  gpu: GPU
engine:
  block_size: 16
workload:
  kind: synthetic
  num_requests: 5
  arrival: { process: poisson, request_rate: 20 }
  input_tokens: { distribution: constant, value: 100 }
  output_tokens: { distribution: constant, value: 10 }
latency: { model: roofline }
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// A data folder with one GPU and the shipped models, a scenario and a trace, one of which is wrong.
class BadInput : public testing::Test {
 protected:
  BadInput() {
    std::filesystem::create_directory_symlink(BLIS_SOURCE_DIR "/model_configs",
                                              folder_.path("model_configs"));
    hardware(kGpu);
    scenario(kGoodScenario);
  }
  void hardware(const std::string& text) { folder_.write("hardware_config.json", text); }
  void scenario(const std::string& text) { folder_.write("chat.yaml", text); }

  Finished run(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"run", folder_.path("chat.yaml"), "--data-dir", folder_.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments);
  }
  Finished replay(const std::string& trace, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"replay",          folder_.write("trace.csv", trace),
                                       "--model",         "llama-3.1-8b-instruct",
                                       "--gpu",           "GPU",
                                       "--data-dir",      folder_.path(),
                                       "--latency-model", "roofline"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments);
  }

  void expect(const Finished& finished, int status, const std::string& message) {
    EXPECT_EQ(finished.status, status) << finished.err;
    EXPECT_NE(finished.err.find(message), std::string::npos)
        << "expected: " << message << "\ngot: " << finished.err;
    EXPECT_TRUE(finished.err.starts_with("error: ")) << finished.err;
    EXPECT_EQ(finished.out, "");
  }

  TempFolder folder_;
};

// How many problems are named.
std::size_t problems_in(const std::string& err) {
  std::size_t n = 0;
  for (std::size_t at = err.find("error: "); at != std::string::npos; at = err.find("error: ", at + 1)) ++n;
  return n;
}

TEST_F(BadInput, OfOneMistakeNothingFollowsThatIsNone) {
  const std::vector<std::string> flags{"run",
                                       "--model",
                                       "llama-3.1-8b-instruct",
                                       "--gpu",
                                       "GPU",
                                       "--data-dir",
                                       folder_.path(),
                                       "--latency-model",
                                       "roofline",
                                       "--output-len",
                                       "10",
                                       "--request-rate",
                                       "5",
                                       "--input-len",
                                       "100,x"};
  const Finished length = run_blis(flags);
  EXPECT_EQ(length.status, 2);
  EXPECT_EQ(problems_in(length.err), 1u) << length.err;
  const Finished drafts =
      run({"--speculative-config",
           R"({"method": "ngram", "num_speculative_tokens": "3", "acceptance": [0.5, 0.4, 0.3]})"});
  EXPECT_EQ(drafts.status, 2);
  EXPECT_EQ(problems_in(drafts.err), 1u) << drafts.err;
}

TEST_F(BadInput, AGpuFileIsNamedByItsShortestPath) {
  folder_.write("x/bad.json", R"({"MINE": {"TFlopsPeak": 900}})");
  scenario(replaced(kGoodScenario, "gpu: GPU", "gpu: ./x/../x/bad.json"));
  const Finished finished = run();
  EXPECT_NE(finished.err.find("x/bad.json:1:"), std::string::npos) << finished.err;
  EXPECT_EQ(finished.err.find(".."), std::string::npos) << finished.err;
}

TEST_F(BadInput, NothingIsWrongToBeginWith) {
  EXPECT_EQ(run().status, 0) << run().err;
  EXPECT_EQ(replay(azure_trace(5)).status, 0);
}

TEST_F(BadInput, AMissingHardwareKey) {
  hardware(replaced(kGpu, "\"mfuPrefill\": 0.6, ", ""));
  expect(run(), 2, "chat.yaml:");
  expect(run(), 2, "has no usable `mfuPrefill`");
}

TEST_F(BadInput, AHardwareKeyOfZero) {
  hardware(replaced(kGpu, "\"BwPeakTBs\": 3.0", "\"BwPeakTBs\": 0"));
  expect(run(), 2, "hardware_config.json:1:46: ");
  expect(run(), 2, "BwPeakTBs");
}

TEST_F(BadInput, AnUnknownGpu) {
  scenario(replaced(kGoodScenario, "gpu: GPU", "gpu: GPUU"));
  expect(run(), 2, "chat.yaml:4:8: ");
  expect(run(), 2, "did you mean `GPU`?");
}

TEST_F(BadInput, AnUnknownModel) {
  expect(run({"--model", "llama-3.1-8b-instrct"}), 2, "did you mean `llama-3.1-8b-instruct`");
}

TEST_F(BadInput, AnUnknownKey) {
  scenario(replaced(kGoodScenario, "block_size", "blok_size"));
  expect(run(), 2, "chat.yaml:6:3: unknown key `blok_size`");
  expect(run(), 2, "did you mean `block_size`?");
}

TEST_F(BadInput, ADuplicateKey) {
  scenario(replaced(kGoodScenario, "  block_size: 16\n", "  block_size: 16\n  block_size: 32\n"));
  expect(run(), 2, "chat.yaml:7:3: ");
}

TEST_F(BadInput, ANumberThatLooksOctal) {
  scenario(replaced(kGoodScenario, "block_size: 16", "block_size: 016"));
  expect(run(), 2, "chat.yaml:6:15: ");
}

TEST_F(BadInput, NotANumber) {
  scenario(replaced(kGoodScenario, "request_rate: 20", "request_rate: .nan"));
  expect(run(), 2, "chat.yaml:10:");
}

TEST_F(BadInput, AScenarioThatIsNotThere) {
  expect(run_blis({"run", folder_.path("no.yaml")}), 4, "no.yaml: ");
}

TEST_F(BadInput, AScenarioThatIsAFolder) {
  expect(run_blis({"run", folder_.path()}), 4, folder_.path());
}

TEST_F(BadInput, AnEmptyScenario) {
  scenario("");
  EXPECT_EQ(run().status, 2);
}

TEST_F(BadInput, ANegativeNumberOnTheCommandLine) {
  expect(run({"--max-num-seqs", "-5"}), 2, "--max-num-seqs -5: ");
  expect(run({"--seed", "-1"}), 2, "--seed -1: ");
  expect(run({"-tp", "-1"}), 2, "--tensor-parallel-size -1: ");
}

TEST_F(BadInput, AnAbsurdNumberOnTheCommandLine) {
  for (const char* const number : {"99999999999999999999", "1e3", "4x", "", "nan", "0"}) {
    expect(run({"--max-num-seqs", number}), 2, "--max-num-seqs");
  }
}

TEST_F(BadInput, ShareAboveOne) {
  expect(run({"--gpu-memory-utilization", "1.5"}), 2, "--gpu-memory-utilization 1.5: ");
}

TEST_F(BadInput, WeightsThatDoNotFit) {
  const Finished finished = run({"--model", "llama-3.1-70b-instruct"});
  EXPECT_EQ(finished.status, 3) << finished.err;
  EXPECT_NE(finished.err.find("GiB"), std::string::npos) << finished.err;  // it says why in arithmetic
}

TEST_F(BadInput, ABrokenRow) {
  const std::string trace = azure_trace(5) + "2023-11-16 18:00:09.0000000,abc,5\n";
  expect(replay(trace), 4, "trace.csv:7:29: ");
}

TEST_F(BadInput, ATimeStampThatGoesBack) {
  const std::string trace = azure_trace(5) + "2023-11-16 18:00:00.1000000,10,5\n";
  expect(replay(trace), 4, "trace.csv:7:");
}

TEST_F(BadInput, ATraceOfNoKnownFormat) {
  expect(replay("what,is,this\n1,2,3\n"), 4, "trace.csv");
}

TEST_F(BadInput, AnEmptyTrace) {
  EXPECT_EQ(replay("").status, 4);
}

TEST_F(BadInput, ARequestLongerThanTheContextIsCountedNotDropped) {
  const std::string trace = azure_trace(5) + "2023-11-16 18:00:09.0000000,1000000,5\n";
  const Finished finished = replay(trace, {"--output-format", "json"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("\"too_long\": 1"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("\"completed\": 5"), std::string::npos);
}

TEST_F(BadInput, AnUnknownOutputFormat) {
  expect(run({"--output-format", "xml"}), 2, "one of text, json, csv, vllm-json, markdown");
}

TEST_F(BadInput, AMissingModel) {
  expect(run_blis({"replay", folder_.write("t.csv", azure_trace(2)), "--gpu", "GPU"}), 2,
         "`blis replay` needs --model");
}

TEST_F(BadInput, AStepOfNothing) {
  const std::vector<std::string> step{"step",       "--model",      "llama-3.1-8b-instruct", "--gpu",   "GPU",
                                      "--data-dir", folder_.path(), "--latency-model",       "roofline"};
  expect(run_blis(step), 2, "the batch is empty");
  for (const char* const part : {"0@5", "-1@5", "5@-1", "x", "5@", "@5", "5@5@5", "99999999999@0"}) {
    std::vector<std::string> with_part = step;
    with_part.insert(with_part.end(), {"--prefill", part});
    expect(run_blis(with_part), 2, std::string("--prefill ") + part);
  }
}

TEST_F(BadInput, AFolderThatCannotBeWritten) {
  expect(run({"-o", folder_.write("file", "") + "/out"}), 4, "file/out: cannot be made a folder");
}

TEST_F(BadInput, AFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  const std::string command =
      "'" BLIS_BINARY "' list policies >/dev/full 2>" + folder_.path("err") + " </dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 4);
  EXPECT_EQ(contents(folder_.path("err")),
            "error: standard output: cannot be written: No space left on device\n");
}

TEST_F(BadInput, EveryMistakeOfAFileAtOnce) {
  scenario(replaced(replaced(kGoodScenario, "block_size: 16", "block_size: 0"), "num_requests: 5",
                    "num_requests: -5"));
  const Finished finished = run();
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("chat.yaml:6:15: "), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("chat.yaml:9:17: "), std::string::npos) << finished.err;
}

}  // namespace
}  // namespace blis
