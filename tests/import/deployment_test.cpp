// Deployment files of Compose, Kubernetes, Helm, KServe and Dynamo.
#include "tools/import/deployment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenarios/problems.h"

namespace blis {
namespace {

std::string setting(const DeployedEngine& engine, std::string_view key) {
  std::string value;
  for (const Override& o : engine.translation.settings) {
    if (o.key == key) value = o.value;
  }
  return value;
}

DeployedEngine only(std::string_view text) {
  const DeploymentFile deployment = read_deployment(text, "d.yaml");
  EXPECT_EQ(deployment.engines.size(), 1u);
  return deployment.engines.empty() ? DeployedEngine{} : deployment.engines[0];
}

TEST(Compose, AServiceRunsItsImagesProgramWithItsCommand) {
  const DeployedEngine engine = only(R"(
x-common: &common
  image: vllm/vllm-openai:v0.11.0
  environment:
    - HF_TOKEN=${HF_TOKEN}
    - VLLM_USE_V1=1
services:
  web:
    image: nginx
    command: nginx -g "daemon off;"
  llama:
    <<: *common
    command: >
      --model meta-llama/Llama-3.1-8B-Instruct
      --max-model-len 16k --port ${PORT:-8000}
    deploy:
      replicas: 3
      resources: { reservations: { devices: [{ driver: nvidia, count: 1 }] } }
)");
  EXPECT_EQ(engine.name, "llama");
  EXPECT_EQ(setting(engine, "model"), "meta-llama/Llama-3.1-8B-Instruct");
  EXPECT_EQ(setting(engine, "engine.max_model_len"), "16k");
  EXPECT_EQ(setting(engine, "engine.vllm_version"), "0.11.0");
  EXPECT_EQ(setting(engine, "replicas"), "3");
}

TEST(Kubernetes, AContainerOfAManifestOfSeveralDocuments) {
  const DeployedEngine engine = only(R"(apiVersion: v1
kind: Service
metadata: { name: vllm }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: qwen }
spec:
  replicas: 2
  template:
    spec:
      nodeSelector: { nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3 }
      containers:
        - name: vllm
          image: vllm/vllm-openai:latest
          command: ["/bin/sh", "-c"]
          args:
            - |
              vllm serve Qwen/Qwen3-32B \
                --tensor-parallel-size 2 \
                --max-num-seqs 128
          resources: { limits: { nvidia.com/gpu: "2" } }
)");
  EXPECT_EQ(engine.name, "vllm");
  EXPECT_EQ(setting(engine, "model"), "Qwen/Qwen3-32B");
  EXPECT_EQ(setting(engine, "engine.tensor_parallel_size"), "2");
  EXPECT_EQ(setting(engine, "engine.max_num_seqs"), "128");
  EXPECT_EQ(setting(engine, "replicas"), "2");
  EXPECT_EQ(setting(engine, "hardware.gpu"), "H100");
  const auto replicas = std::ranges::find(engine.translation.settings, "replicas", &Override::key);
  EXPECT_EQ(replicas->shown, "d.yaml:9:13") << "its line in the whole file";
}

TEST(Kubernetes, VariablesOfTheContainerArePutIn) {
  const DeployedEngine engine = only(R"yaml(
containers:
  - name: a
    image: vllm/vllm-openai:v0.10.2
    args: ["--model", "$(MODEL)", "--api-key", "$(KEY)"]
    env:
      - { name: MODEL, value: Qwen/Qwen3-8B }
      - { name: KEY, valueFrom: { secretKeyRef: { name: k, key: v } } }
)yaml");
  EXPECT_EQ(setting(engine, "model"), "Qwen/Qwen3-8B");
  EXPECT_TRUE(engine.translation.mistakes.empty());
}

TEST(Helm, AModelOfTheProductionStack) {
  const DeployedEngine engine = only(R"(
servingEngineSpec:
  modelSpec:
    - name: llama3
      repository: vllm/vllm-openai
      tag: v0.12.0
      modelURL: meta-llama/Llama-3.1-8B-Instruct
      replicaCount: 4
      requestGPU: 1
      vllmConfig:
        enablePrefixCaching: false
        maxModelLen: 16384
        tensorParallelSize: 1
        gpuMemoryUtilization: 0.85
        extraArgs: ["--disable-log-requests", "--max-num-batched-tokens", "4096"]
)");
  EXPECT_EQ(engine.name, "llama3");
  EXPECT_EQ(setting(engine, "model"), "meta-llama/Llama-3.1-8B-Instruct");
  EXPECT_EQ(setting(engine, "engine.enable_prefix_caching"), "false");
  EXPECT_EQ(setting(engine, "engine.gpu_memory_utilization"), "0.85");
  EXPECT_EQ(setting(engine, "engine.max_num_batched_tokens"), "4096");
  EXPECT_EQ(setting(engine, "engine.vllm_version"), "0.12.0");
  EXPECT_EQ(setting(engine, "replicas"), "4");
}

TEST(KServe, AnLlmInferenceService) {
  const DeployedEngine engine = only(R"(
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: { name: qwen }
spec:
  model: { uri: "hf://Qwen/Qwen3-32B", name: Qwen/Qwen3-32B }
  replicas: 2
  parallelism: { tensor: 4 }
  prefill: { replicas: 1 }
  template:
    containers:
      - name: main
        env: [{ name: VLLM_ADDITIONAL_ARGS, value: "--max-num-seqs 64 --enforce-eager" }]
)");
  EXPECT_EQ(engine.name, "qwen");
  EXPECT_EQ(setting(engine, "model"), "Qwen/Qwen3-32B");
  EXPECT_EQ(setting(engine, "engine.tensor_parallel_size"), "4");
  EXPECT_EQ(setting(engine, "engine.max_num_seqs"), "64");
  EXPECT_EQ(setting(engine, "engine.enforce_eager"), "true");
  EXPECT_EQ(setting(engine, "replicas"), "2");
  ASSERT_EQ(engine.translation.lacking.size(), 1u);
  EXPECT_EQ(engine.translation.lacking[0].message, "`prefill` is not modelled");
}

TEST(KServe, AnInferenceServiceOfTheHuggingFaceRuntime) {
  const DeployedEngine engine = only(R"(
kind: InferenceService
spec:
  predictor:
    model:
      modelFormat: { name: huggingface }
      args: [--model_name=llama3, --model_id=meta-llama/Llama-3.1-8B-Instruct, --max-model-len=8192]
)");
  EXPECT_EQ(setting(engine, "model"), "meta-llama/Llama-3.1-8B-Instruct");
  EXPECT_EQ(setting(engine, "engine.max_model_len"), "8192");
}

TEST(Dynamo, AWorkerOfAGraph) {
  const DeployedEngine engine = only(R"(
kind: DynamoGraphDeployment
spec:
  services:
    Frontend:
      replicas: 1
      extraPodSpec: { mainContainer: { image: "nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.6.0", command: [python3, -m, dynamo.frontend] } }
    VllmWorker:
      replicas: 2
      extraPodSpec:
        mainContainer:
          image: nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.6.0
          command: [python3, -m, dynamo.vllm]
          args: [--model, Qwen/Qwen3-8B, --tensor-parallel-size, "2"]
)");
  EXPECT_EQ(setting(engine, "model"), "Qwen/Qwen3-8B");
  EXPECT_EQ(setting(engine, "replicas"), "2");
}

TEST(Deployment, ListsWhatItCouldNotUse) {
  const DeploymentFile deployment =
      read_deployment("data:\n  kind: EndpointPickerConfig\n  plugins: []\n", "e.yaml");
  EXPECT_TRUE(deployment.engines.empty());
  ASSERT_EQ(deployment.unused.size(), 1u);
  EXPECT_NE(deployment.unused[0].find("e.yaml:2:3"), std::string::npos) << deployment.unused[0];
}

TEST(Deployment, MistakesOfAContainerHaveItsPlace) {
  const Said said = said_by([] {
    read_deployment(
        "containers:\n  - image: vllm/vllm-openai\n    args: [--model, m, --max-model-length, '5']\n",
        "d.yaml");
  });
  EXPECT_EQ(said.heads.at(0), "d.yaml:3:24: `vllm serve` has no argument `--max-model-length`") << said.all;
}

}  // namespace
}  // namespace blis
