// Layers that keep a state, and sparse attention: what a step must read of them, by arithmetic, and the
// properties that every such kind has.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "blis/error.hpp"
#include "roofline/calibrated.h"
#include "roofline/kinds.h"
#include "roofline/kv_capacity.h"
#include "roofline/step_work.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::h100;

// Layers of one mixer each, beside the same small MLP.
ModelConfig model_with(const Half& mixer, int layers) {
  ModelConfig m;
  m.name = "example";
  m.hidden = 4096;
  m.vocab = 32000;
  m.max_position_embeddings = 262144;
  m.layers.add(mixer, gated_mlp({.hidden = 4096, .ffn = 4096}), layers);
  return m;
}

std::vector<Half> mixers_with_states() {
  std::vector<Half> mixers;
  for (const LayerKind& row : layer_kinds()) {
    if (const Half half = row.example(); half->part({}).state) mixers.push_back(half);
  }
  return mixers;
}

StepShape decoding(std::int64_t sequences, std::int64_t context, std::int64_t reach) {
  return {.decodes = sequences,
          .decode_tokens = sequences,
          .decode_context = sequences * context,
          .window_context = sequences * std::min(context, reach),
          .sampled = sequences};
}

// Qwen3-Next's mixers: each fourth layer attends.
ModelConfig qwen3_next_mixers() {
  const Half full =
      softmax_attention({.hidden = 2048, .heads = 16, .kv_heads = 2, .head_dim = 256, .output_gate = true});
  const Half delta =
      gated_delta_net({.hidden = 2048, .key_heads = 16, .key_dim = 128, .value_heads = 32, .value_dim = 128});
  const Half mlp = gated_mlp({.hidden = 2048, .ffn = 512});
  ModelConfig m;
  m.hidden = 2048;
  m.vocab = 32000;
  for (int i = 0; i < 12; ++i) {
    m.layers.add(delta, mlp, 3);
    m.layers.add(full, mlp);
  }
  return m;
}

// What the parts of a step that depend on contexts and states take, and the bytes they must move.
double read_seconds(const ModelConfig& m, const StepShape& shape) {
  const CalibratedModel model(m, h100(), {});
  return model.attention_cost(shape).total() * 1e-6;
}

TEST(StateKinds, ADecodeOfQwen3NextReadsTwelveCachesAndThirtySixStates) {
  const ModelConfig m = qwen3_next_mixers();
  const double cache = 12.0 * 2 * 2 * 256 * 2, states = 36.0 * (3 * 8192 + 32 * 128 * 128) * 2;
  EXPECT_EQ(12 * kv_bytes_per_token_and_layer(m, 1, 0), cache);
  EXPECT_EQ(state_bytes_per_sequence(m, 1), states);
  const double bytes = 64 * (65536 * cache + 2 * states);
  const double seconds = read_seconds(m, decoding(64, 65536, 65536));
  const double peak = h100().bw_peak_tbs * 1e12;
  EXPECT_GT(seconds, bytes / peak);
  EXPECT_LT(seconds, 1.5 * bytes / peak) << "48 caches would take four times as long";
  // The roofline plot sees the same.
  const WorkModel work = make_work_model(m, h100(), {}, 0);
  const StepTotals step{.decodes = 64, .decode_context = 64 * 65536.0};
  const StepTotals empty{.decodes = 64, .decode_context = 0};
  EXPECT_EQ(step_work(work, step).bytes - step_work(work, empty).bytes, 64 * 65536 * cache);
}

TEST(StateKinds, ADecodeOfSparseAttentionReadsAllIndexKeysAndTheVectorsThatWerePicked) {
  const Half sparse = sparse_attention({.latent = {.hidden = 7168,
                                                   .heads = 128,
                                                   .kv_heads = 128,
                                                   .head_dim = 56,
                                                   .q_lora_rank = 1536,
                                                   .kv_lora_rank = 512,
                                                   .qk_nope_head_dim = 128,
                                                   .qk_rope_head_dim = 64,
                                                   .v_head_dim = 128},
                                        .index_heads = 64,
                                        .index_head_dim = 128,
                                        .index_topk = 2048});
  const LayerPart part = sparse->part({});
  ASSERT_EQ(part.cores.size(), 2u);
  EXPECT_EQ(part.cores[0].fixed_bytes, 132);
  EXPECT_EQ(part.cores[0].cached_elements, 0);
  EXPECT_EQ(part.cores[1].cached_elements, 576);
  EXPECT_EQ(part.cores[1].reach, (Reach{Reach::Kind::top_k, 2048}));

  ModelConfig m = model_with(sparse, 61);
  const WorkModel work = make_work_model(m, h100(), {}, 0);
  const auto bytes = [&](double context) {
    return step_work(work, {.decodes = 64, .decode_context = 64 * context}).bytes;
  };
  EXPECT_NEAR(bytes(65536) - bytes(2048), 61 * 64 * 132.0 * (65536 - 2048), 1) << "index keys alone";
  EXPECT_NEAR(bytes(2048) - bytes(1024), 61 * 64 * (132.0 + 1152) * 1024, 1) << "both, below top-k";

  // Index keys are few, but all of them are multiplied by all of the indexer's heads.
  const double index_flops = 61 * 64 * 65536.0 * 2 * 64 * 128;
  const double least = std::max(index_flops / (h100().tflops_peak * 1e12),
                                61 * 64 * (65536 * 132.0 + 2048 * 1152) / (h100().bw_peak_tbs * 1e12));
  EXPECT_GT(read_seconds(m, decoding(64, 65536, 2048)), least);
  EXPECT_EQ(limited_reaches(m.layers), (std::vector<Reach>{{Reach::Kind::top_k, 2048}}));
}

// Of a prompt's token and a head of values, in chunks of 64: scores and their use among keys and values of
// the chunk (half of it on average, twice: 2 x 64 x 256), three products with the matrix of 128 x 128, and
// the inverse of a triangle; a multiplication and an addition each.
TEST(StateKinds, ADeltaNetsPromptIsProductsWithinChunksAndWithItsMatrix) {
  const Half net =
      gated_delta_net({.hidden = 2048, .key_heads = 16, .key_dim = 128, .value_heads = 32, .value_dim = 128});
  const double products = 2.0 * 64 * 256 + 3.0 * 128 * 128, inverse = 64.0 * 64 / 3;
  EXPECT_DOUBLE_EQ(net->part({}).state->flops_per_prefill_token, 32 * (2 * products + inverse));
}

TEST(StateKinds, CostTheSameAtAnyContext) {
  for (const Half& mixer : mixers_with_states()) {
    if (!mixer->part({}).cores.empty()) continue;
    const CalibratedModel model(model_with(mixer, 8), h100(), {});
    EXPECT_EQ(model.step(decoding(7, 100, 100)).total, model.step(decoding(7, 100'000, 100'000)).total)
        << mixer->kind();
  }
}

TEST(StateKinds, AreLinearInDecodesAndInPromptTokens) {
  for (const Half& mixer : mixers_with_states()) {
    if (!mixer->part({}).cores.empty()) continue;
    const CalibratedModel model(model_with(mixer, 8), h100(), {});
    const auto decode = [&](std::int64_t n) { return model.attention_cost(decoding(n, 100, 100)).total(); };
    EXPECT_NEAR(decode(48) - decode(32), decode(32) - decode(16), 1e-9 * decode(48)) << mixer->kind();
    const auto prompt = [&](std::int32_t n) {
      const PrefillChunk chunk{.new_tokens = n, .samples = true};
      return model.attention_cost({.prefills = {&chunk, 1}, .prefill_tokens = n, .sampled = 1}).total();
    };
    EXPECT_NEAR(prompt(3000) - prompt(2000), prompt(2000) - prompt(1000), 1e-9 * prompt(3000))
        << mixer->kind();
  }
}

TEST(StateKinds, NeverBeatTheirFlopsAndBytes) {
  const Hardware gpu = h100();
  for (const Half& mixer : mixers_with_states()) {
    const ModelConfig m = model_with(mixer, 8);
    const LayerState state = *mixer->part({}).state;
    const double peak_flops = gpu.tflops_peak * 1e12, peak_bytes = gpu.bw_peak_tbs * 1e12;
    for (const std::int64_t n : {1, 16, 256}) {
      const double seconds = read_seconds(m, decoding(n, 1, 1));
      const double sequences = 8.0 * static_cast<double>(n);
      EXPECT_GT(seconds, sequences * 2 * state.bytes / peak_bytes) << mixer->kind();
      EXPECT_GT(seconds, sequences * state.flops_per_decode_token / peak_flops) << mixer->kind();
    }
    const PrefillChunk chunk{.new_tokens = 4096, .context = 4096, .samples = true};
    const double seconds = read_seconds(m, {.prefills = {&chunk, 1}, .prefill_tokens = 4096, .sampled = 1});
    EXPECT_GT(seconds, 8 * 4096 * state.flops_per_prefill_token / peak_flops) << mixer->kind();
    EXPECT_GT(seconds, 8 * (4096 * state.bytes_per_prefill_token + state.bytes) / peak_bytes)
        << mixer->kind();
  }
}

// Any one aggregate more makes no step of any kind cheaper.
RC_GTEST_PROP(LayerKinds, PricesNeverFallWithAnAggregate, ()) {
  const auto rows = layer_kinds();
  const LayerKind& row = rows[*rc::gen::inRange<std::size_t>(0, rows.size())];
  const Half half = row.example();
  const bool mixes = half->part({}).state || !half->part({}).cores.empty();
  ModelConfig m = model_with(mixes ? half : softmax_attention({4096, 32, 8, 128}), 4);
  if (!mixes) {
    m.layers = {};
    m.layers.add(nullptr, half, 4);
  }
  CalibratedOptions small;
  small.max_num_batched_tokens = 1024;
  small.max_num_seqs = 128;
  const CalibratedModel model(m, h100(), {}, small);
  const std::int64_t reach = 1024;
  const auto price = [&](std::int64_t n, std::int64_t context, std::int32_t tokens, std::int32_t before) {
    StepShape shape = decoding(n, context, reach);
    const PrefillChunk chunk{.new_tokens = tokens, .context = before, .samples = true};
    if (tokens > 0) shape.prefills = {&chunk, 1}, shape.prefill_tokens = tokens, shape.sampled += 1;
    return model.step(shape).total.count();
  };
  const auto n = *rc::gen::inRange<std::int64_t>(0, 100),
             context = *rc::gen::inRange<std::int64_t>(1, 20'000);
  const auto tokens = *rc::gen::inRange(1, 900), before = *rc::gen::inRange(0, 8000);
  const double now = price(n, context, tokens, before);
  constexpr double kRounding = 1 - 1e-12;
  RC_ASSERT(price(n + 1, context, tokens, before) >= now * kRounding);
  RC_ASSERT(price(n, context + 64, tokens, before) >= now * kRounding);
  RC_ASSERT(price(n, context, tokens + 1, before) >= now * kRounding);
  RC_ASSERT(price(n, context, tokens, before + 64) >= now * kRounding);
}

TEST(StateKinds, TensorParallelismMustDivideTheirHeads) {
  for (const Half& mixer : mixers_with_states()) {
    EXPECT_THROW(mixer->check({.tensor = 3}, "example"), InputError) << mixer->kind();
    EXPECT_NO_THROW(mixer->check({.tensor = 4}, "example")) << mixer->kind();
  }
}

TEST(StateKinds, AreToldApartInAnExplanation) {
  const CalibratedModel model(qwen3_next_mixers(), h100(), {});
  const StepShape shape = decoding(4, 1000, 1000);
  const StepExplanation explained = model.explain(shape);
  EXPECT_EQ(explained.cost.total, model.step(shape).total);
  const auto term = [&](const std::string& name) {
    for (const auto& t : explained.terms) {
      if (t.name == name) return t.value;
    }
    return -1.0;
  };
  EXPECT_EQ(term("state_layers"), 36);
  EXPECT_EQ(term("attention_layers"), 12);
  EXPECT_GT(term("states_us"), 0);
}

// A block of attention is enlarged until a page holds a state; a sequence keeps one state a group, or two
// with prefix caching.
TEST(KvOfHybrids, BlocksGrowToTheStateAndAreDealtOutInGroups) {
  const ModelConfig m = qwen3_next_mixers();
  const KvLayout layout = kv_layout(m);
  EXPECT_EQ(layout.block_size, 544) << "1,097,728 bytes of state, 2,048 a token, multiples of 16";
  EXPECT_EQ(layout.groups.size(), 4u);
  EXPECT_EQ(layout.layers_per_group, 12);
  EXPECT_EQ(std::ranges::count(layout.groups, KvKind::state, &KvGroup::kind), 3);
  EXPECT_EQ(kv_layout(m, {}, 16, 1).block_size, 1072) << "8-bit caches double it, before it is rounded up";
  EXPECT_EQ(kv_layout(m, {}, 64).block_size, 576) << "multiples of what the user wants";

  Hardware gpu = h100();
  MemorySettings settings;
  settings.max_model_len = 5440;
  settings.prefix_caching = false;
  EXPECT_EQ(kv_capacity(m, gpu, {}, settings).longest_request_blocks, 10 + 3);
  settings.prefix_caching = true;
  EXPECT_EQ(kv_capacity(m, gpu, {}, settings).longest_request_blocks, 10 + 6);
}

TEST(KvOfHybrids, WithoutAttentionASequenceIsOneBlock) {
  const ModelConfig m =
      model_with(mamba1({.hidden = 4096, .channels = 8192, .state = 16, .dt_rank = 256}), 64);
  const KvLayout layout = kv_layout(m);
  EXPECT_EQ(layout.groups.size(), 1u);
  EXPECT_FALSE(layout.has_attention());
  EXPECT_EQ(layout.page_bytes, 311296);
  MemorySettings settings;
  settings.max_model_len = 100'000;
  EXPECT_EQ(kv_capacity(m, h100(), {}, settings).longest_request_blocks, 1);
}

}  // namespace
}  // namespace blis
