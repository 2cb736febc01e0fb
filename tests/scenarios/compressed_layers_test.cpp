// DeepSeek-V4: what its layers are made of, what a decode reads, and the memory that its groups take, by
// arithmetic.
#include <gtest/gtest.h>

#include "problems.h"
#include "roofline/calibrated.h"
#include "roofline/kinds.h"
#include "roofline/kv_capacity.h"
#include "roofline/model_card.h"
#include "roofline/packed_blocks.h"
#include "roofline/step_work.h"
#include "scenarios/build.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr double kRow = 448 + 2 * 64 + 8;  // 8 bits, 64 rotary values in 16, scales
constexpr double kIndexKey = 128 + 4;
constexpr int kLayers = 43, kOfFour = 21, kOf128 = 20;

const ModelConfig& flash() {
  static const ModelConfig model = Catalog(BLIS_SOURCE_DIR).model("deepseek-v4-flash", "", {});
  return model;
}

// What 64 sequences read of their caches in a step at this context.
double bytes_of_a_decode(double context) {
  const double windows = kLayers * std::min(context, 128.0) * kRow;
  const double picked = kOfFour * std::min(context / 4, 512.0) * kRow;
  const double index = kOfFour * context / 4 * kIndexKey;
  const double all = kOf128 * context / 128 * kRow;
  return 64 * (windows + picked + index + all);
}

TEST(CompressedLayers, ADecodeReadsItsWindowThePickedKeysAndAllIndexKeys) {
  const Hardware h100 = Catalog(BLIS_SOURCE_DIR).hardware("H100", {});
  const WorkModel work = make_work_model(flash(), h100, {}, 0);
  const auto cache_bytes = [&](double context) {
    return step_work(work, {.decodes = 64, .decode_context = 64 * context}).bytes;
  };
  for (const double context : {128.0, 2048.0, 8192.0, 65536.0}) {
    EXPECT_NEAR(cache_bytes(context) - cache_bytes(0), bytes_of_a_decode(context), 1) << context;
  }
}

TEST(CompressedLayers, TheTimeOfADecodeIsThatOfWhatItReads) {
  const Hardware h100 = Catalog(BLIS_SOURCE_DIR).hardware("H100", {});
  const CalibratedModel model(flash(), h100, {});
  const auto seconds = [&](std::int64_t context) {
    const StepShape shape{.decodes = 64,
                          .decode_tokens = 64,
                          .decode_context = 64 * context,
                          .window_context = 64 * std::min<std::int64_t>(context, 2048),
                          .sampled = 64};
    return model.attention_cost(shape).total() * 1e-6;
  };
  const double peak = h100.bw_peak_tbs * 1e12;
  const double more = bytes_of_a_decode(524288) - bytes_of_a_decode(65536);
  EXPECT_GT(seconds(65536), bytes_of_a_decode(65536) / peak);
  EXPECT_GT(seconds(524288) - seconds(65536), more / peak);
  // Windows and picked keys cost the same at either context; what grows are index keys and every 128th.
  EXPECT_LT(seconds(524288) - seconds(65536), 2.5 * more / peak);
  EXPECT_LT(seconds(2048), seconds(65536));
}

// A step tells of one sum of contexts that are cut, at the 2,048 tokens that are picked of.
TEST(CompressedLayers, AStepTellsOfTheLongerReach) {
  EXPECT_EQ(limited_reaches(flash().layers).size(), 2u);
  EXPECT_EQ(longest_reach(flash().layers), 4 * 512);
}

TEST(CompressedLayers, HaveThePublishedSizes) {
  const ModelCard card = model_card(flash());
  EXPECT_TRUE(card.supported);
  EXPECT_NEAR(card.total_params / 284'332'128'192.0, 1, 0.001);
  EXPECT_NEAR(card.active_params / 13'799'520'192.0, 1, 0.01);
  EXPECT_NEAR(card.weights_bytes / kGiB / 145.219, 1, 0.01) << "experts in 4 bits";
  EXPECT_EQ(card.max_model_len, 1'048'576);
  EXPECT_NEAR(card.kv_bytes_per_token, kOfFour * (kRow + kIndexKey) / 4 + kOf128 * kRow / 128, 1e-6);
}

// Every figure as vLLM computes it with 40 GiB for the cache.
TEST(CompressedLayers, ArePackedIntoBlocksOfOneSize) {
  const KvLayout layout = kv_layout(flash());
  const auto window = [](int tokens, int block) {
    return KvGroup{.kind = KvKind::window, .reach = tokens, .block_size = block};
  };
  EXPECT_EQ(layout.groups,
            (std::vector<KvGroup>{
                {.block_size = 256}, window(128, 64), window(128, 64), window(8, 4), window(128, 8)}));
  EXPECT_EQ(layout.page_bytes, kOfFour * (37'440 + 8'640) + kOf128 * 1'728);
  EXPECT_EQ(layout.block_size, 256);
  EXPECT_EQ(layout.smallest_block(), 4);
  EXPECT_EQ(layout.match_size(), 256);
  const KvCapacity kv = kv_capacity(flash(), {}, {}, {.kv_cache_bytes = 40 * kGiB});
  EXPECT_EQ(kv.num_blocks, 42'853);
  EXPECT_EQ(request_blocks(kv.layout, 2 * 8192, 1'048'576), 4'096 + 2 * 259 + 4'099 + 2'065);
  EXPECT_EQ(kv_capacity(flash(), {}, {.tensor = 8}, {.kv_cache_bytes = 40 * kGiB}).num_blocks, 42'853)
      << "every rank has all of it";
}

TEST(CompressedLayers, GroupsAreFilledUpWithTheFewestLayers) {
  LayerList layers;
  const auto attention = [](int ratio) {
    return compressed_attention({.hidden = 4096,
                                 .heads = 64,
                                 .head_dim = 512,
                                 .rope_dim = 64,
                                 .q_lora_rank = 1024,
                                 .o_groups = 8,
                                 .o_lora_rank = 1024,
                                 .window = 128,
                                 .ratio = ratio});
  };
  layers.add(attention(128), nullptr, 3);
  layers.add(attention(0), nullptr, 5);
  // 8 windows, 3 layers of compressed keys and 3 compressors. Of 3 a group 1 is missing, of 4 there are 2.
  const PackedBlocks packed = packed_blocks(layers);
  ASSERT_EQ(packed.groups.size(), 1u + 3u + 1u);
  EXPECT_EQ(packed.bytes, std::max(3 * 37'440.0, 3 * 32'832.0));
}

ResolvedScenario resolved_with(const std::string& engine) {
  return resolve(
      parse_settings("version: 1\nmodel: deepseek-v4-flash\nhardware: { gpu: H200 }\nengine: { " + engine +
                         " }\nworkload:\n  kind: synthetic\n  num_requests: 5\n"
                         "  arrival: { process: poisson, request_rate: 1 }\n"
                         "  input_tokens: { distribution: constant, value: 100 }\n"
                         "  output_tokens: { distribution: constant, value: 10 }\n",
                     "s.yaml", ""),
      Catalog(BLIS_SOURCE_DIR));
}

TEST(CompressedLayers, HaveACacheOf8Bits) {
  EXPECT_NO_THROW(resolved_with("tensor_parallel_size: 4, max_model_len: 65536, kv_cache_dtype: fp8"));
  EXPECT_EQ(said_by([] {
              resolved_with("tensor_parallel_size: 4, max_model_len: 65536, kv_cache_dtype: bfloat16");
            }).kind,
            ErrorKind::usage);
}

TEST(CompressedLayers, AreServedByOneStageWithoutDrafts) {
  EXPECT_NO_THROW(resolved_with("tensor_parallel_size: 4, max_model_len: 65536"));
  for (const char* const engine :
       {"tensor_parallel_size: 4, pipeline_parallel_size: 2, max_model_len: 65536",
        "tensor_parallel_size: 4, max_model_len: 65536, "
        "speculative: { method: ngram, num_speculative_tokens: 1, acceptance: [0.5] }"}) {
    EXPECT_EQ(said_by([&] { resolved_with(engine); }).kind, ErrorKind::not_modelled) << engine;
  }
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = contents(BLIS_SOURCE_DIR "/model_configs/deepseek-v4-flash/config.json");
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CompressedLayers, ContradictionsAreRefusedAtTheirPlace) {
  struct Case {
    const char *from, *to, *said;
    ErrorKind kind;
  };
  for (const Case& c :
       {Case{"\"compress_ratios\": [0, 0, 4,", "\"compress_ratios\": [4,", "", ErrorKind::usage},
        Case{"[0, 0, 4, 128,", "[0, 0, 4, 64,", "compression of 64 tokens", ErrorKind::not_modelled},
        Case{"\"o_groups\": 8", "\"o_groups\": 7", "does not divide", ErrorKind::usage},
        Case{"\"num_key_value_heads\": 1", "\"num_key_value_heads\": 2", "several keys a token",
             ErrorKind::not_modelled},
        Case{"\"fp4\"", "\"fp6\"", "experts in `fp6`", ErrorKind::not_modelled}}) {
    const TempFolder folder;
    const std::string path = folder.write("m/config.json", changed(c.from, c.to));
    const Said said = said_by([&] { read_model_config(path); });
    EXPECT_EQ(said.kind, c.kind) << said.all;
    EXPECT_NE(said.all.find(c.said), std::string::npos) << said.all;
  }
}

}  // namespace
}  // namespace blis
