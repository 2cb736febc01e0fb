// Engines for prefill and decode in files of a deployment, as one scenario with two pools.
#include "tools/import/prefill_and_decode.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenarios/problems.h"
#include "tools/import/imported_deployment.h"

namespace blis {
namespace {

constexpr const char* kNixl = R"('{"kv_connector":"NixlConnector","kv_role":"kv_both"}')";

// A pod of llm-d with this role.
std::string pod(const std::string& role, int replicas, const std::string& more) {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: " + role +
         " }\nspec:\n  replicas: " + std::to_string(replicas) +
         "\n  template:\n    metadata: { labels: { llm-d.ai/role: " + role +
         " } }\n    spec:\n      containers:\n      - name: vllm\n        image: vllm/vllm-openai:v0.22.1\n" +
         "        args: [\"--model\", \"Qwen/Qwen3-32B\", \"--max-model-len\", \"16k\", " + more +
         "\"--kv-transfer-config\", " + kNixl + "]\n";
}

std::optional<Translation> both(const std::string& text) {
  return prefill_and_decode(read_deployment(text, "d.yaml"));
}

std::string value_of(const Translation& all, const std::string& key) {
  for (const Override& o : all.settings) {
    if (o.key == key) return o.value;
  }
  return "none";
}

TEST(PrefillAndDecode, AreTwoPoolsThatSayWhatTheyDoNotShare) {
  const auto all = both(pod("prefill", 8, "\"--tensor-parallel-size\", \"1\", ") + "---\n" +
                        pod("decode", 2, "\"--tensor-parallel-size\", \"4\", "));
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->lacking.empty()) << all->lacking[0].message;
  EXPECT_TRUE(all->mistakes.empty());
  EXPECT_EQ(value_of(*all, "model"), "Qwen/Qwen3-32B");
  EXPECT_EQ(value_of(*all, "engine.max_model_len"), "16k");
  EXPECT_EQ(value_of(*all, "replicas"), "none");
  EXPECT_EQ(
      value_of(*all, "pools"),
      R"([{"name": "prefill", "role": "prefill", "engine": {"tensor_parallel_size": 1}, "replicas": 8}, )"
      R"({"name": "decode", "role": "decode", "engine": {"tensor_parallel_size": 4}, "replicas": 2}])");
}

TEST(PrefillAndDecode, TheScenarioRuns) {
  const std::string path = testing::TempDir() + "prefill_and_decode.yaml";
  std::ofstream(path) << pod("prefill", 2, "") << "---\n" << pod("decode", 1, "");
  const std::vector<std::string> files{path};
  const std::vector<Override> more{parse_override("hardware.gpu=H100")};
  const ImportedDeployment imported = imported_deployment(files, "", more, "");
  EXPECT_NE(imported.yaml.find("role: prefill"), std::string::npos) << imported.yaml;
  const ScenarioSettings settings =
      parse_settings(imported.yaml + "workload: { kind: trace, path: none }\n", "s.yaml", "", {});
  ASSERT_EQ(settings.pools.size(), 2u);
  EXPECT_EQ(settings.pools[0].replicas, 2);
  EXPECT_EQ(settings.pools[1].role, "decode");
}

TEST(PrefillAndDecode, OneOfThemAloneIsAnEngineThatLacksTheOther) {
  EXPECT_FALSE(both(pod("decode", 2, "")));
  EXPECT_FALSE(both(pod("decode", 2, "") + "---\n" + pod("decode", 1, "")));
  const std::string path = testing::TempDir() + "decode_alone.yaml";
  std::ofstream(path) << pod("decode", 1, "");
  const std::vector<std::string> files{path};
  const Said said = said_by([&] { imported_deployment(files, "", {}, ""); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  EXPECT_NE(said.all.find("pools with the roles prefill and decode"), std::string::npos) << said.all;
}

TEST(PrefillAndDecode, DifferentModelsAreAMistake) {
  std::string other = pod("decode", 1, "");
  other.replace(other.find("Qwen3-32B"), 9, "Qwen3-14B");
  const auto all = both(pod("prefill", 1, "") + "---\n" + other);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->mistakes.size(), 1u);
  EXPECT_EQ(all->mistakes[0].message, "the engines for prefill and decode disagree about `model`");
}

TEST(PrefillAndDecode, HelmValuesOfLlmdsModelServiceHaveBoth) {
  const auto all = both(R"(modelArtifacts: { uri: "hf://Qwen/Qwen3-8B", name: Qwen/Qwen3-8B }
decode:
  replicas: 1
  parallelism: { tensor: 4 }
  containers: [ { name: vllm, image: "ghcr.io/llm-d/llm-d-cuda:v0.4.0", modelCommand: vllmServe } ]
prefill:
  replicas: 3
  containers: [ { name: vllm, image: "ghcr.io/llm-d/llm-d-cuda:v0.4.0", modelCommand: vllmServe } ]
)");
  ASSERT_TRUE(all);
  EXPECT_EQ(value_of(*all, "pools"),
            R"([{"name": "prefill", "role": "prefill", "replicas": 3}, )"
            R"({"name": "decode", "role": "decode", "engine": {"tensor_parallel_size": 4}}])");
}

}  // namespace
}  // namespace blis
