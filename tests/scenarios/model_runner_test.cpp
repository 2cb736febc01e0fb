// Which of its two runners vLLM takes by itself, which decides how a pipeline is filled.
#include <gtest/gtest.h>

#include "settings.h"

namespace blis {
namespace {

constexpr const char* kRunnerScenario = R"(version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { pipeline_parallel_size: 2, max_model_len: 8192 }
workload:
  kind: synthetic
  num_requests: 1
  arrival: { process: poisson, request_rate: 5 }
  input_tokens: { distribution: constant, value: 100 }
  output_tokens: { distribution: constant, value: 10 }
)";

struct Case {
  std::string_view name;
  std::vector<std::string> settings;
  bool v2;
};

std::vector<std::string> drafts(const std::string& method) {
  return {"engine.speculative.method=" + method, "engine.speculative.num_speculative_tokens=3",
          "engine.speculative.acceptance=[0.7, 0.5, 0.3]"};
}

TEST(ModelRunner, IsTheOneThatVllmTakes) {
  const Case cases[] = {
      {"a dense model", {}, true},
      {"before the change", {"engine.vllm_version=2026-05-30"}, false},
      {"experts", {"model=qwen3-30b-a3b"}, false},
      {"experts in 0.29", {"model=qwen3-30b-a3b", "engine.vllm_version=0.29"}, true},
      {"layers that keep a state", {"model=nvidia-nemotron-nano-9b-v2"}, false},
      {"EAGLE", drafts("eagle"), true},
      {"EAGLE-3 beside stages", drafts("eagle3"), false},
      {"a draft model", drafts("draft_model"), false},
      {"n-grams", drafts("ngram"), false},
  };
  for (const Case& c : cases) {
    const ResolvedScenario d = resolved(kRunnerScenario, c.settings);
    EXPECT_EQ(d.scenario.engine.scheduler.v2_model_runner, c.v2) << c.name;
  }
}

}  // namespace
}  // namespace blis
