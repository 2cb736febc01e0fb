#include "roofline/model_config.h"

#include <gtest/gtest.h>

#include "blis/error.hpp"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::deepseek_v3;
using testing::llama_70b;
using testing::llama_8b;
using testing::mixtral;

TEST(ModelConfig, CountsThePublishedParameters) {
  EXPECT_NEAR(count_parameters(llama_8b()).total(), 8.03e9, 0.01e9);
  EXPECT_NEAR(count_parameters(llama_70b()).total(), 70.6e9, 0.1e9);
  EXPECT_NEAR(count_parameters(mixtral()).total(), 46.7e9, 0.1e9);
  EXPECT_NEAR(active_parameters(mixtral()), 12.9e9, 0.1e9);
  EXPECT_NEAR(count_parameters(deepseek_v3()).total(), 671e9, 2e9);
  EXPECT_NEAR(active_parameters(deepseek_v3()), 37.5e9, 1e9);
}

TEST(ModelConfig, TiedEmbeddingsAreCountedOnce) {
  ModelFacts m = llama_8b();
  const double separate = count_parameters(m).total();
  m.tie_word_embeddings = true;
  EXPECT_EQ(separate - count_parameters(m).total(), 128256.0 * 4096);
}

TEST(ModelConfig, TensorParallelShardsAddUpToTheModel) {
  for (int tp : {2, 4, 8}) {
    const ParameterCount whole = count_parameters(llama_70b());
    const ParameterCount shard =
        parameters_on_gpu(llama_70b(), {.tensor = tp}, pipeline_stages(llama_70b(), 1)[0]);
    EXPECT_NEAR((shard.total() - shard.norms) * tp, whole.total() - whole.norms, 1);
  }
}

TEST(ModelConfig, PipelineStagesAddUpToTheModel) {
  for (int pp : {1, 2, 3, 4, 7}) {
    double layers = 0, parameters = 0;
    for (const Stage& s : pipeline_stages(deepseek_v3(), pp)) {
      layers += s.layers;
      parameters += parameters_on_gpu(deepseek_v3(), {.pipeline = pp}, s).total();
    }
    EXPECT_EQ(layers, 61) << pp;
    EXPECT_NEAR(parameters, count_parameters(deepseek_v3()).total(), 1e3) << pp;
  }
}

TEST(ModelConfig, LayersThatDoNotDivideGoBeforeTheLastStage) {
  std::vector<int> layers;
  ModelFacts m = llama_8b();
  m.layers = 30;
  for (const Stage& s : pipeline_stages(m, 4)) layers.push_back(s.layers);
  EXPECT_EQ(layers, (std::vector<int>{7, 8, 8, 7}));
}

TEST(ModelConfig, ExpertParallelismSpreadsWholeExperts) {
  const Stage all = pipeline_stages(mixtral(), 1)[0];
  const double sliced = parameters_on_gpu(mixtral(), {.tensor = 4}, all).experts;
  EXPECT_EQ(parameters_on_gpu(mixtral(), {.tensor = 4, .expert_parallel = true}, all).experts, sliced);
  EXPECT_EQ(parameters_on_gpu(mixtral(), {.tensor = 2, .data = 4, .expert_parallel = true}, all).experts,
            sliced / 2);
}

TEST(ModelConfig, WeightBytesFollowTheFormat) {
  EXPECT_EQ(bits_per_weight(WeightFormat::native, 2, 0), 16);
  EXPECT_EQ(bits_per_weight(WeightFormat::mxfp4, 2, 0), 4.25);
  EXPECT_EQ(bits_per_weight(WeightFormat::nvfp4, 2, 0), 4.5);
  EXPECT_EQ(bits_per_weight(WeightFormat::int4, 2, 128), 4 + 20.0 / 128);
  EXPECT_EQ(bits_per_weight(WeightFormat::fp8_tensor, 2, 0), 8);
  ModelFacts m = mixtral();
  const Stage all = pipeline_stages(m, 1)[0];
  const double before = weight_bytes_on_gpu(m, {}, all);
  m.quantization = {
      .format = WeightFormat::fp8_tensor, .method = "fp8", .attention = false, .dense_mlp = false};
  EXPECT_EQ(before - weight_bytes_on_gpu(m, {}, all), count_parameters(m).experts)
      << "experts alone shrink by a byte";
}

struct BadSplit {
  const char* why;
  ModelFacts model;
  Parallelism parallel;
};
TEST(Parallelism, ThatVllmWouldRefuseIsRefused) {
  const BadSplit rows[] = {
      {"28 heads over 8", testing::dense_model("qwen", 28, 3584, 28, 4, 18944, 152064), {.tensor = 8}},
      {"zero", llama_8b(), {.tensor = 0}},
      {"more stages than layers", llama_8b(), {.pipeline = 33}},
      {"experts of a dense model", llama_8b(), {.tensor = 2, .expert_parallel = true}},
  };
  for (const BadSplit& row : rows)
    EXPECT_THROW(check_parallelism(row.model, row.parallel), InputError) << row.why;
  EXPECT_NO_THROW(check_parallelism(llama_8b(), {.tensor = 16}));
  EXPECT_NO_THROW(check_parallelism(deepseek_v3(), {.tensor = 8, .expert_parallel = true}));
}

TEST(KvBytes, AreCopiedWhereRanksOutnumberKvHeads) {
  EXPECT_EQ(kv_bytes_per_token_and_layer(llama_8b(), 1, 0), 4096);
  EXPECT_EQ(kv_bytes_per_token_and_layer(llama_8b(), 8, 0), 512);
  EXPECT_EQ(kv_bytes_per_token_and_layer(llama_8b(), 32, 0), 512);
  EXPECT_EQ(kv_bytes_per_token_and_layer(deepseek_v3(), 8, 0), 1152);
  ModelFacts m = llama_8b();
  m.quantization.fp8_kv_cache = true;
  EXPECT_EQ(kv_bytes_per_token_and_layer(m, 1, 0), 2048);
}

}  // namespace
}  // namespace blis
