// Published models whose layers keep states or attend sparsely, with known parameters, bytes, and the blocks
// that vLLM's own planning makes of 40 GiB.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "roofline/kv_capacity.h"
#include "scenarios/catalog.h"

namespace blis {
namespace {

using Json = nlohmann::json;
const std::string kModels = BLIS_SOURCE_DIR "/../shared/models";
constexpr double kMemory = 40.0 * 1024 * 1024 * 1024;
constexpr int kWithLightning = 23;  // the last vLLM 0.N that has every class below

ModelConfig model_of(const Json& line) {
  ModelConfig model = read_model_config(kModels + "/configs/" + line["name"].get<std::string>(),
                                        {.vllm = {{kWithLightning}}});
  if (model.dtype_bytes == 4) model.dtype_bytes = 2;  // as vLLM loads it
  return model;
}

bool is_like_these(const Json& line) {
  if (!line["layers"].is_object()) return false;
  constexpr std::array<std::string_view, 7> kKinds{"dsa",    "gdn",    "kda",       "lightning",
                                                   "mamba1", "mamba2", "short_conv"};
  return std::ranges::any_of(kKinds, [&](std::string_view kind) { return line["layers"].contains(kind); });
}

template <class Check>
int for_each_line(Check check) {
  std::ifstream expected(kModels + "/expected.jsonl");
  int lines = 0;
  for (std::string text; std::getline(expected, text);) {
    const Json line = Json::parse(text);
    if (!is_like_these(line)) continue;
    SCOPED_TRACE(line["name"].get<std::string>());
    ++lines;
    try {
      check(line, model_of(line));
    } catch (const InputError& error) {
      // Some of its attention's matrices are in 4 bits, others in 16: refused, as other such checkpoints are.
      EXPECT_EQ(line["name"], "deepseek-v3.2-nvfp4") << error.what();
      EXPECT_EQ(error.kind(), ErrorKind::not_modelled);
    }
  }
  return lines;
}

std::map<std::string, int> layers_by_kind(const ModelConfig& model) {
  std::map<std::string, int> counts;
  for (const auto& [half, layers] : model.layers.halves()) {
    if (half->part({}).cores.empty() && !half->part({}).state) continue;
    for (const std::string_view kind : half->kinds()) {
      counts[kind == "latent" ? "mla" : std::string(kind)] += layers;
    }
  }
  return counts;
}

TEST(PublishedHybrids, HaveTheParametersLayersAndBytesThatAreKnown) {
  const int lines = for_each_line([](const Json& line, const ModelConfig& model) {
    const double total = count_parameters(model).total();
    EXPECT_NEAR(total / line["total_params"].get<double>(), 1, 0.002) << total;
    EXPECT_NEAR(active_parameters(model) / line["active_params"].get<double>(), 1, 0.002);
    const double weights = weight_bytes_on_gpu(model, {}, pipeline_stages(model, 1).front()) / (1 << 30);
    EXPECT_NEAR(weights / line["weights_gib"].get<double>(), 1, 0.02) << weights;
    EXPECT_EQ(layers_by_kind(model), (line["layers"].get<std::map<std::string, int>>()));
    EXPECT_EQ(state_bytes_per_sequence(model, 1), line["state_bytes_per_sequence"].get<double>());
    double growing = 0;
    for (const auto& [half, layers] : model.layers.halves()) {
      for (const LayerCache& cache : half->part({}).caches) {
        growing += layers * (cache.elements_per_token * kv_dtype_bytes(model) + cache.fixed_bytes);
      }
    }
    EXPECT_EQ(growing, line["kv_bytes_per_token_growing"].get<double>());
    EXPECT_EQ(model.default_max_model_len > 0 ? model.default_max_model_len : model.max_position_embeddings,
              line["max_model_len_default"].get<std::int64_t>());
  });
  if (lines == 0) GTEST_SKIP() << "no " << kModels;
}

TEST(PublishedHybrids, GetTheBlocksThatVllmPlans) {
  int plans = 0;
  for_each_line([&](const Json& line, const ModelConfig& model) {
    for (const int tp : {1, 2, 4, 8}) {
      const std::string key = "vllm_kv_40GiB_tp" + std::to_string(tp);
      if (!line.contains(key) || line[key].is_null()) continue;
      const std::vector<Json> all =
          line[key].is_array() ? line[key].get<std::vector<Json>>() : std::vector<Json>{line[key]};
      for (const Json& plan : all) {
        const KvLayout layout = kv_layout(model, {.tensor = tp});
        EXPECT_EQ(layout.block_size, plan["block_size"].get<int>()) << tp;
        EXPECT_EQ(std::ssize(layout.groups), plan["groups"].get<int>()) << tp;
        EXPECT_EQ(layout.page_bytes * layout.layers_per_group, plan["pool_bytes_per_block"].get<double>());
        EXPECT_EQ(kv_blocks_in(kMemory, layout.page_bytes, layout.layers_per_group),
                  plan["num_blocks"].get<std::int64_t>())
            << tp;
        ++plans;
      }
    }
  });
  if (plans == 0) GTEST_SKIP() << "no " << kModels;
}

TEST(PublishedHybrids, HoldSoManyOfTheLongestRequests) {
  int plans = 0;
  for_each_line([&](const Json& line, const ModelConfig& model) {
    for (const Json& plan : line["vllm_kv_40GiB_tp1"]) {
      MemorySettings settings;
      settings.max_model_len = line["max_model_len_default"].get<std::int64_t>();
      settings.prefix_caching = plan.value("mode", "align") == "align";
      Hardware roomy;
      roomy.name = "roomy";
      roomy.memory_gib = 10000;
      const KvCapacity kv = kv_capacity(model, roomy, {}, settings);
      const double concurrency =
          plan["num_blocks"].get<double>() / static_cast<double>(kv.longest_request_blocks);
      EXPECT_NEAR(concurrency, plan["max_concurrency"].get<double>(), 0.0005) << plan.dump();
      ++plans;
    }
  });
  if (plans == 0) GTEST_SKIP() << "no " << kModels;
}

}  // namespace
}  // namespace blis
