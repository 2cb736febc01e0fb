// Startup logs of servers, read and compared with the scenarios that stand for them.
#include <gtest/gtest.h>

#include "scenarios/catalog.h"
#include "tests/scenarios/problems.h"
#include "tests/scenarios/temp_folder.h"
#include "tools/study/calibrate/log_comparison.h"

namespace blis {
namespace {

// Lines as vLLM 0.11 writes them, for Qwen3-8B on an A100 of 40 GB.
const std::string kEngine =
    "(EngineCore_DP0 pid=7) INFO 10-01 12:00:01 [core.py:77] Initializing a V1 LLM engine (v0.11.0) with "
    "config: "
    "model='Qwen/Qwen3-8B', speculative_config=None, tokenizer='Qwen/Qwen3-8B', dtype=torch.bfloat16, "
    "max_seq_len=40960, tensor_parallel_size=1, pipeline_parallel_size=1, data_parallel_size=1, "
    "enforce_eager=False, kv_cache_dtype=auto, enable_prefix_caching=True, "
    "compilation_config={\"level\":3,\"splitting_ops\":[\"a\",\"b, tensor_parallel_size=9\"],"
    "\"cudagraph_capture_sizes\":[512,504,16,8,4,2,1]}\n";
const std::string kMemory =
    "INFO 10-01 12:00:30 [gpu_model_runner.py:2653] Model loading took 15.2683 GiB and 4.2 seconds\n"
    "INFO 10-01 12:00:50 [gpu_worker.py:298] Available KV cache memory: 18.69 GiB\n"
    "INFO 10-01 12:00:50 [kv_cache_utils.py:1087] GPU KV cache size: 136,080 tokens\n"
    "INFO 10-01 12:00:50 [kv_cache_utils.py:1091] Maximum concurrency for 40,960 tokens per request: 3.32x\n"
    "INFO 10-01 12:01:10 [gpu_model_runner.py:3480] Graph capturing finished in 5 secs, took 2.24 GiB\n";
const std::string kRest =
    "INFO 10-01 12:00:02 [scheduler.py:205] Chunked prefill is enabled with max_num_batched_tokens=2048.\n"
    "INFO 10-01 12:00:20 [cuda.py:366] Using Flash Attention backend on V1 engine.\n"
    "WARNING 10-01 12:00:20 [topk_topp_sampler.py:66] FlashInfer is not available. Falling back to the "
    "PyTorch-native implementation of top-p & top-k sampling.\n";

class ServerLogs : public testing::Test {
 protected:
  ServerLog read(const std::string& text) { return read_server_log(folder_.write("server.log", text)); }
  static ResolvedScenario scenario(const std::string& version = "0.11", int tensor = 1) {
    ScenarioSettings s;
    s.model = "qwen3-8b";
    s.hardware.gpu = "A100-40GB";
    s.engine.vllm_version = version;
    s.engine.tensor_parallel_size = tensor;
    return resolve(s, Catalog(BLIS_SOURCE_DIR));
  }
  static const LogRow* row(const LogComparison& c, const std::string& what) {
    const auto at = std::ranges::find(c.rows, what, &LogRow::what);
    return at == c.rows.end() ? nullptr : &*at;
  }
  TempFolder folder_;
};

TEST_F(ServerLogs, TellMemorySettingsAndBackends) {
  const ServerLog log = read("2026 some other line\n" + kEngine + kRest + kMemory);
  EXPECT_EQ(log.version->value, "0.11.0");
  EXPECT_EQ(log.config.at("model").value, "Qwen/Qwen3-8B");
  EXPECT_EQ(log.config.at("model").place.line, 2);
  EXPECT_EQ(log.config.at("tensor_parallel_size").value, "1") << "not the one within brackets";
  EXPECT_EQ(log.kv_tokens->value, 136080);
  EXPECT_EQ(log.kv_gib->value, 18.69);
  EXPECT_EQ(log.weights_gib->value, 15.2683);
  EXPECT_EQ(log.graphs_gib->value, 2.24);
  EXPECT_EQ(log.graphs->value, 7);
  EXPECT_EQ(log.largest_graph->value, 512);
  EXPECT_EQ(log.max_num_batched_tokens->value, 2048);
  EXPECT_EQ(log.attention->value, "Flash Attention");
  EXPECT_EQ(log.sampler->value, "native");
}

TEST_F(ServerLogs, OfTheRankWithLeastMemoryCount) {
  const ServerLog log = read("INFO GPU KV cache size: 1,000 tokens\nINFO GPU KV cache size: 900 tokens\n");
  EXPECT_EQ(log.kv_tokens->value, 900);
}

TEST_F(ServerLogs, AreComparedAndGiveTheServersOwnBlocks) {
  const LogComparison c = compare_log(read(kEngine + kRest + kMemory), scenario());
  ASSERT_TRUE(row(c, "KV cache, tokens"));
  EXPECT_NEAR(*row(c, "KV cache, tokens")->error_pct, 0, 10);
  EXPECT_NEAR(*row(c, "weights, GiB a GPU")->error_pct, 0, 2);
  EXPECT_EQ(c.num_blocks, 136080 / 16);
  const std::pair<std::string, std::string> blocks{"engine.num_gpu_blocks_override", "8505"};
  EXPECT_NE(std::ranges::find(c.to_set, blocks), c.to_set.end());
  EXPECT_NE(to_text(c).find("engine.num_gpu_blocks_override: 8505"), std::string::npos) << to_text(c);
}

TEST_F(ServerLogs, SaySoWhatTheyDoNotTell) {
  const LogComparison c =
      compare_log(read(kRest + "INFO Model loading took 15.27 GiB and 3 seconds\n"), scenario());
  EXPECT_NE(std::ranges::find(c.untold, "KV cache, tokens"), c.untold.end());
  EXPECT_FALSE(c.num_blocks);
}

TEST_F(ServerLogs, OfAnotherServerAreRefusedAtTheLine) {
  const Said degree = said_by([&] { compare_log(read("\n" + kEngine), scenario("0.11", 2)); });
  EXPECT_NE(degree.all.find("server.log:2"), std::string::npos) << degree.all;
  EXPECT_NE(degree.all.find("of another server: tensor_parallel_size 1"), std::string::npos) << degree.all;
  const Said weights =
      said_by([&] { compare_log(read("INFO Model loading took 62.1 GiB and 9 seconds\n"), scenario()); });
  EXPECT_NE(weights.all.find("weights of 62.10 GiB a GPU"), std::string::npos) << weights.all;
  std::string other = kEngine;
  other.replace(other.find("Qwen/Qwen3-8B"), 13, "Qwen/Qwen3-4B");
  EXPECT_NE(said_by([&] { read(kEngine + other); }).all.find("two servers' logs"), std::string::npos);
  EXPECT_NE(said_by([&] { read("hello\n"); }).all.find("nothing in it is a line of vLLM's startup"),
            std::string::npos);
}

}  // namespace
}  // namespace blis
