// What it takes to make drafts, by hand and against published runs.
#include "roofline/drafting_time.h"

#include <gtest/gtest.h>

#include <array>

#include "roofline/calibrated.h"
#include "tests/roofline/example_models.h"

namespace blis {
namespace {

using testing::deepseek_v3;
using testing::dense_model;
using testing::h100;
using testing::llama_70b;
using testing::llama_8b;

constexpr double kBandwidth = 3.35e6;  // bytes a microsecond
// Llama 3.1 8B: attention, an MLP of 3 x 4096 x 14336; and its head.
constexpr double kMatricesOfLayer = 2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 + 3.0 * 4096 * 14336;
constexpr double kHeadOf8b = 128256.0 * 4096;

CalibratedModel with(const ModelConfig& model, Drafter drafter, const Parallelism& parallel = {},
                     CalibratedOptions options = {}) {
  options.drafter = std::move(drafter);
  return {model, h100(), parallel, options};
}

StepShape decodes(std::int64_t sequences, std::int64_t context, std::int64_t drafts) {
  const std::int64_t tokens = sequences * (1 + drafts);
  return {.decodes = sequences,
          .decode_tokens = tokens,
          .decode_context = sequences * context,
          .window_context = sequences * context,
          .sampled = tokens,
          .graph_tokens = tokens,
          .drafts = drafts};
}

double drafting_us(const CalibratedModel& model, const StepShape& shape) {
  return model.drafting_cost(shape).total();
}

TEST(DraftingTime, AFurtherDraftOfEagleReadsItsLayerItsProjectionAndTheModelsHead) {
  const CalibratedModel model = with(llama_8b(), eagle_drafter(llama_8b(), {}));
  const double second = drafting_us(model, decodes(1, 1000, 2)) - drafting_us(model, decodes(1, 1000, 1));
  const double read = 2 * (kMatricesOfLayer + 2.0 * 4096 * 4096 + kHeadOf8b) / kBandwidth;
  EXPECT_GT(second, read) << "no faster than memory";
  EXPECT_LT(second, 1.5 * read) << "and launches are little beside it";
  const double seventh = drafting_us(model, decodes(1, 1000, 7)) - drafting_us(model, decodes(1, 1000, 6));
  EXPECT_NEAR(seventh, second, 0.02 * second) << "each costs the same, but for rows of the first pass";
}

TEST(DraftingTime, Eagle3ReadsASmallHeadAndProjectsOnce) {
  const CalibratedModel model = with(llama_8b(), eagle3_drafter(llama_8b(), {}, 32000));
  const double first = drafting_us(model, decodes(1, 1000, 1));
  const double second = drafting_us(model, decodes(1, 1000, 2)) - first;
  const double read = 2 * (kMatricesOfLayer + 4096.0 * 6144 + 32000.0 * 4096) / kBandwidth;
  EXPECT_GT(second, read);
  EXPECT_LT(second, 1.6 * read);
  EXPECT_GT(first - second, 2 * 3.0 * 4096 * 4096 / kBandwidth) << "three hidden states, in the first pass";
}

TEST(DraftingTime, ADraftModelTakesItsOwnSteps) {
  const ModelConfig small = dense_model("small", 16, 2048, 32, 8, 8192, 128256);
  const CalibratedModel model = with(llama_70b(), model_drafter(small), {.tensor = 4});
  const CalibratedModel alone(small, h100(), {.tensor = 4});
  const double step = alone.gpu_cost(decodes(8, 1000, 0)).total();
  const double three = drafting_us(model, decodes(8, 1000, 3));
  EXPECT_GT(three, 3 * step);
  EXPECT_LT(three, 3.3 * step);
}

TEST(DraftingTime, ModulesTakeTurnsAndEachReadsAllTokens) {
  const ModelConfig model = deepseek_v3();
  const Parallelism eight{.tensor = 8};
  const CalibratedModel one = with(model, mtp_drafter(model, eight, 1), eight);
  const CalibratedModel two = with(model, mtp_drafter(model, eight, 2), eight);
  const StepShape shape = decodes(64, 1000, 2);
  EXPECT_DOUBLE_EQ(drafting_us(one, decodes(64, 1000, 1)), drafting_us(two, decodes(64, 1000, 1)));
  EXPECT_GT(drafting_us(two, shape), drafting_us(one, shape)) << "192 rows in the second pass, not 64";
}

// A prompt of 2,048 tokens passes one layer of 33, a projection, and the head once.
TEST(DraftingTime, PromptsPassTheDrafterToo) {
  const CalibratedModel model = with(llama_8b(), eagle_drafter(llama_8b(), {}));
  const PrefillChunk chunk{.new_tokens = 2048, .context = 0, .samples = true};
  StepShape shape{.prefills = {&chunk, 1}, .prefill_tokens = 2048, .sampled = 1};
  const double plain = model.gpu_cost(shape).total();
  EXPECT_EQ(drafting_us(model, shape), 0) << "a step that makes no drafts";
  shape.drafts = 1;
  EXPECT_GT(drafting_us(model, shape), plain / 33);
  EXPECT_LT(drafting_us(model, shape), plain / 10);
}

TEST(DraftingTime, IsPartOfTheStepOnTheLastStage) {
  for (const Parallelism& parallel : {Parallelism{}, Parallelism{.pipeline = 2}}) {
    const CalibratedModel model = with(llama_8b(), eagle_drafter(llama_8b(), parallel), parallel);
    StepShape shape = decodes(4, 500, 3);
    const StepCost drafting = model.step(shape);
    EXPECT_EQ(model.explain(shape).cost.total, drafting.total);
    const double made = drafting_us(model, shape);
    shape.drafts = 0;
    const StepCost plain = model.step(shape);
    EXPECT_NEAR((drafting.total - plain.total).count() * 1e6, made, 1e-6);
    const double once = (drafting.once - plain.once).count() * 1e6;
    EXPECT_NEAR(once, parallel.pipeline > 1 ? made : 0, 1e-6) << "a batch pays it in one stage";
  }
}

TEST(DraftingTime, MoreDraftsAndMoreSequencesNeverTakeLess) {
  const CalibratedModel model = with(llama_8b(), eagle3_drafter(llama_8b(), {}, 32000));
  double before = 0;
  for (std::int64_t drafts = 0; drafts <= 8; ++drafts) {
    const double now = drafting_us(model, decodes(16, 800, drafts));
    EXPECT_GE(now, before) << drafts;
    before = now;
  }
  before = 0;
  for (const std::int64_t sequences : {1, 2, 8, 16, 32, 64, 128, 256}) {
    const double now = drafting_us(model, decodes(sequences, 800, 3));
    EXPECT_GE(now, before) << sequences;
    before = now;
  }
}

TEST(DraftingTime, SearchesTakeTheHostsTime) {
  EXPECT_EQ(search_us(decodes(4, 1000, 0)), 0);
  EXPECT_DOUBLE_EQ(search_us(decodes(4, 1000, 3)), 4 * 1 + 0.0023 * (4 * 1000 + 16));
  Drafter ngrams;
  ngrams.searches = true;
  const CalibratedModel model = with(llama_8b(), ngrams);
  const StepShape shape = decodes(4, 100'000, 3);
  StepShape plain = shape;
  plain.drafts = 0;
  EXPECT_DOUBLE_EQ(model.host_us(shape) - model.host_us(plain), search_us(shape));
  EXPECT_EQ(drafting_us(model, shape), 0);
}

// vllm#20780: one user, an 8B on an H100, EAGLE of 2 to 7 drafts on MT-Bench, mean tokens a step and ms a
// token. The engine was synchronous (July 2025).
TEST(DraftingTime, StepsWithEagleTakeWhatWasMeasured) {
  struct Row {
    std::int64_t drafts;
    double tokens_a_step, tpot_ms;
  };
  constexpr std::array kMeasured{Row{2, 2.1, 4.37},  Row{3, 2.29, 4.29}, Row{4, 2.39, 4.48},
                                 Row{5, 2.43, 4.71}, Row{6, 2.45, 4.94}, Row{7, 2.47, 5.2}};
  CalibratedOptions options;
  options.async_scheduling = false;
  const CalibratedModel eagle = with(llama_8b(), eagle_drafter(llama_8b(), {}), {}, options);
  double best = 100;
  std::int64_t best_drafts = 0;
  for (const Row& row : kMeasured) {
    const double step = eagle.step(decodes(1, 300, row.drafts)).total.count() * 1e3;
    EXPECT_NEAR(step, row.tpot_ms * row.tokens_a_step, 0.1 * step) << row.drafts << " drafts";
    if (step / row.tokens_a_step < best) best = step / row.tokens_a_step, best_drafts = row.drafts;
  }
  EXPECT_EQ(best_drafts, 3) << "as measured: more drafts cost more than they bring";
}

}  // namespace
}  // namespace blis
