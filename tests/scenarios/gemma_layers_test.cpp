// Gemma 3n and the small ones of Gemma 4: layers that read earlier layers' KV caches, and what they have
// beside.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "problems.h"
#include "roofline/calibrated.h"
#include "roofline/kv_capacity.h"
#include "roofline/model_card.h"
#include "roofline/step_work.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

ModelConfig catalog_model(const std::string& name) {
  return Catalog(BLIS_SOURCE_DIR).model(name, ".", {});
}
Hardware h100() {
  return Catalog(BLIS_SOURCE_DIR).hardware("H100-SXM", {});
}
Said said_of(const std::string& config) {
  const TempFolder folder;
  return said_by([&] { read_model_facts(folder.write("m/config.json", config)); });
}

std::string gemma3n(const std::string& more = "", int shared = 5) {
  return R"({"architectures": ["Gemma3nForCausalLM"], "model_type": "gemma3n_text", "hidden_size": 2048,
    "num_hidden_layers": 10, "max_position_embeddings": 32768, "num_kv_shared_layers": )" +
         std::to_string(shared) + more + "}";
}

struct Small {
  const char* name;
  double own_full, own_windowed;    // layers with a cache of their own
  double full_token, window_token;  // bytes in one of them
  double layers_that_see_all;
};
constexpr Small kSmall[] = {
    {"gemma-3n-e2b-it", 4, 16, 2 * 2 * 2 * 256, 2 * 2 * 2 * 256, 6},
    {"gemma-3n-e4b-it", 4, 16, 2 * 2 * 2 * 256, 2 * 2 * 2 * 256, 7},
    {"gemma-4-e2b-it", 3, 12, 2 * 2 * 512, 2 * 2 * 256, 7},
    {"gemma-4-e4b-it", 4, 20, 2 * 2 * 2 * 512, 2 * 2 * 2 * 256, 7},
};

TEST(SharedCaches, TakeMemoryOnlyInTheLayersThatOwnThem) {
  for (const Small& small : kSmall) {
    const ModelConfig model = catalog_model(small.name);
    const ModelCard card = model_card(model);
    EXPECT_EQ(card.kv_bytes_per_token, small.own_full * small.full_token) << small.name;
    EXPECT_EQ(card.kv_bytes_per_token_windowed, small.own_windowed * small.window_token) << small.name;
    const KvLayout layout = kv_layout(model);
    EXPECT_EQ(layout.layers_per_group, small.own_full) << small.name;
    EXPECT_EQ(static_cast<double>(layout.groups.size()), 1 + small.own_windowed / small.own_full);
    EXPECT_EQ(layout.page_bytes, 16 * std::max(small.full_token, small.window_token)) << small.name;
    const int longer = static_cast<int>(small.full_token / small.window_token);
    EXPECT_EQ(layout.block_size_of(layout.groups.back()), 16 * longer) << small.name;
  }
}

TEST(SharedCaches, AreReadInEveryLayer) {
  for (const Small& small : kSmall) {
    const WorkModel work = make_work_model(catalog_model(small.name), h100(), {}, 0);
    const auto bytes = [&](double context) {
      return step_work(work, {.decodes = 64, .decode_context = 64 * context}).bytes;
    };
    EXPECT_NEAR(bytes(30'000) - bytes(10'000), 64 * 20'000 * small.layers_that_see_all * small.full_token, 1)
        << small.name;
  }
}

TEST(SharedCaches, MustLieOnTheGpuOfTheLayersThatReadThem) {
  EXPECT_EQ(said_by([] { check_parallelism(catalog_model("gemma-4-e2b-it"), {.pipeline = 2}); }).kind,
            ErrorKind::usage);
  check_parallelism(catalog_model("gemma-4-e4b-it"),
                    {.pipeline = 2});  // the layers 22 and 23 are on the second
  EXPECT_EQ(said_by([] { check_parallelism(catalog_model("gemma-4-e4b-it"), {.pipeline = 3}); }).kind,
            ErrorKind::usage);
}

TEST(LayerInputs, AreATableThatTensorParallelismShards) {
  const ModelConfig model = catalog_model("gemma-4-e2b-it");
  const double table = 262'144.0 * 35 * 256;
  EXPECT_EQ(model.beside.table_elements, table);
  const Stage stage = pipeline_stages(model, 1).front();
  const double vocabulary = 262'144.0 * 1536;
  EXPECT_EQ(parameters_on_gpu(model, {.tensor = 1}, stage).embedding, vocabulary + table);
  EXPECT_EQ(parameters_on_gpu(model, {.tensor = 4}, stage).embedding, (vocabulary + table) / 4);
  // The audio tower is whole on every rank.
  EXPECT_EQ(parameters_on_gpu(model, {.tensor = 4}, stage).audio, model.audio_elements);
  EXPECT_NEAR(model.audio_elements / 304.8e6, 1, 0.01);  // with its projector
}

TEST(LayerInputs, AndResidualStreamsCostAStepWhatTheirWeightsTake) {
  const ModelConfig model = catalog_model("gemma-3n-e4b-it");
  const CalibratedModel priced(model, h100(), {});
  const StepShape decode{.decodes = 1,
                         .decode_tokens = 1,
                         .decode_context = 100,
                         .window_context = 100,
                         .sampled = 1,
                         .graph_tokens = 1};
  const StepExplanation explained = priced.explain(decode);
  const auto of = [&](const std::string& name) {
    const auto term = std::ranges::find(explained.terms, name, &StepTerm::name);
    return term == explained.terms.end() ? 0.0 : term->value;
  };
  const double bytes_us = h100().bw_peak_tbs * 1e6;
  EXPECT_GT(of("before_layers_projection_us"), 2 * 2048.0 * 35 * 256 / bytes_us);
  EXPECT_GT(of("before_layers_stream_us"), 2 * 2048.0 * 2048 / bytes_us);
  EXPECT_GT(of("after_layers_stream_us"), 2 * 2048.0 * 2048 / bytes_us);
  EXPECT_GT(of("layer_input_gate_us"), 0);
  EXPECT_GT(of("layer_laurel_up_us"), 0);
  EXPECT_GT(of("layer_predict_streams_us"), 0);
  EXPECT_EQ(explained.cost.total, priced.step(decode).total);
  // Two of three bytes that a decode must read, at the least.
  const double layers = 35 * (3 * 2048.0 * 16'384 + 10.5e6), head = 262'400.0 * 2048;
  EXPECT_GT(explained.cost.total.count() * 1e6, 2 * (layers + head) / bytes_us);
}

TEST(LayersOfGemma, ThatContradictThemselvesAreRefused) {
  EXPECT_EQ(said_of(gemma3n("", 10)).kind, ErrorKind::usage);
  struct Case {
    const char* more;
    const char* says;
  };
  constexpr Case kCases[] = {
      {R"(, "intermediate_size": [8192, 8192])", "`intermediate_size` and `num_hidden_layers`"},
      {R"(, "activation_sparsity_pattern": [0.95])", "`activation_sparsity_pattern` and `num_hidden_layers`"},
      {R"(, "layer_types": ["full_attention"])", "`layer_types` and `num_hidden_layers`"},
      {R"(, "layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention",
        "sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention",
        "full_attention"])",
       "leaves a layer without one to share with"},
  };
  for (const Case& bad : kCases) {
    const Said said = said_of(gemma3n(bad.more));
    EXPECT_EQ(said.kind, ErrorKind::usage) << bad.more;
    EXPECT_NE(said.all.find(bad.says), std::string::npos) << said.all;
  }
  EXPECT_EQ(said_of(gemma3n(R"(, "altup_correct_scale": false)")).kind, ErrorKind::not_modelled);
}

TEST(LayersOfGemma, TakeTheClassesValuesWhereKeysAreAbsent) {
  const TempFolder folder;
  const ModelFacts model = read_model_facts(folder.write("m/config.json", gemma3n()));
  EXPECT_EQ(model.vocab, 262'400);
  EXPECT_EQ(model.beside.table_elements, 262'144.0 * 10 * 256);
  const ModelConfig config = model;
  EXPECT_EQ(config.layers.count(), 10);
  EXPECT_EQ(model_card(config).kv_bytes_per_token,
            1 * 2 * 2 * 2 * 256);  // the fifth of ten; the tenth shares
}

}  // namespace
}  // namespace blis
