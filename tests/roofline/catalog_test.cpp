// The shipped catalogs, as the models of this folder see them.
#include "scenarios/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "roofline/calibrated.h"
#include "roofline/seed_roofline.h"

namespace blis {
namespace {

std::vector<Hardware> gpus() {
  return read_all_hardware(Catalog(BLIS_SOURCE_DIR).hardware_path());
}

StepShape decode_batch() {
  StepShape s;
  s.decodes = s.decode_tokens = s.sampled = 8;
  s.decode_context = s.window_context = 8000;
  s.graph_tokens = 8;
  return s;
}

TEST(HardwareCatalog, EveryEntryWorksWithBothModelsAndNamesItsSources) {
  const ModelConfig model = Catalog(BLIS_SOURCE_DIR).model("llama-3.1-8b-instruct", ".", {});
  for (const Hardware& h : gpus()) {
    EXPECT_GT(SeedRoofline(model, h, 2).step(decode_batch()).total.count(), 0) << h.name;
    EXPECT_GT(CalibratedModel(model, h, {.tensor = 2}).step(decode_batch()).total.count(), 0) << h.name;
    EXPECT_GT(h.memory_gib, 0) << h.name;
    EXPECT_FALSE(h.source.empty()) << h.name;
    EXPECT_EQ(h.calibrated.has_value(), !h.calibrated_source.empty()) << h.name;
    EXPECT_GT(h.tflops_int8, h.tflops_peak) << h.name << ": dense peaks";
    if (h.tflops_fp8 > 0) {
      EXPECT_LT(h.tflops_fp8, 2.2 * h.tflops_peak) << h.name << ": dense, not with sparsity";
    }
  }
}

TEST(HardwareCatalog, NamesAndAliasesAreUnique) {
  std::set<std::string> names;
  auto add = [&](std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_TRUE(names.insert(name).second) << name;
  };
  for (const Hardware& h : gpus()) {
    add(h.name);
    for (const std::string& alias : h.aliases) add(alias);
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// The general constants are what tools/fit says they are: medians over the GPUs with tables.
TEST(KernelConstants, TheGeneralSetIsTheMedianOfTheFittedGpusOfItsKind) {
  const std::set<std::string> asynchronous{"H100-SXM", "H200-SXM", "B200"},
      synchronous{"A100-SXM", "L40S", "RTX-PRO-6000"};
  for (const bool copies_asynchronously : {false, true}) {
    for (const KernelConstantRow& row : kernel_constant_rows()) {
      // By kind of attention kernel or link, or not measured on every GPU.
      if (row.group == "prefill" || row.group == "all_reduce" || row.group.ends_with("_fp8")) continue;
      const bool of_a_kind = row.group == "gemm" || (row.group == "decode" && row.key == "memory_eff");
      std::vector<double> values;
      for (Hardware& h : gpus()) {
        const bool alike = (copies_asynchronously ? asynchronous : synchronous).count(h.name);
        const bool other = (copies_asynchronously ? synchronous : asynchronous).count(h.name);
        if (alike || (other && !of_a_kind)) values.push_back(row.at(*h.calibrated));
      }
      KernelConstants general = general_kernel_constants(
          copies_asynchronously ? AttentionKernel::flash3 : AttentionKernel::flash2, true);
      EXPECT_NEAR(row.at(general), median(values), 6e-5) << row.group << "." << row.key;
    }
  }
}

TEST(ModelCatalog, EveryModelIsPriced) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const Hardware h100 = catalog.hardware("H100", {});
  const std::vector<std::string> names = catalog.model_names();
  EXPECT_GE(names.size(), 35u);
  for (const std::string& name : names) {
    const ModelConfig model = catalog.model(name, ".", {}, {.allow_unmodelled = true});
    EXPECT_GT(CalibratedModel(model, h100, {}).step(decode_batch()).total.count(), 0) << name;
  }
}

struct Published {
  const char* name;
  double billions, active;
};
TEST(ModelCatalog, ParameterCountsAreThePublishedOnes) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const Published rows[] = {
      {"llama-3.1-8b-instruct", 8.03, 8.03},
      {"qwen3-14b", 14.8, 14.8},
      {"qwen3-0.6b", 0.6, 0.6},
      {"mixtral-8x7b-v0.1", 46.7, 12.9},
      {"qwen3-30b-a3b", 30.5, 3.3},
      {"qwen3-235b-a22b", 235, 22},
      {"deepseek-v3", 671, 37},
      {"deepseek-v2-lite", 15.7, 2.66},
      {"gpt-oss-20b", 20.9, 3.6},
      {"gpt-oss-120b", 116.8, 5.1},
      {"llama-4-scout-17b-16e-instruct", 109, 17},
      {"llama-4-maverick-17b-128e-instruct", 400, 17},
      {"kimi-k2-instruct", 1026, 32},
      {"meta-llama-3.1-405b", 405.9, 405.9},
      {"minimax-m2.5", 229, 10},
  };
  for (const Published& row : rows) {
    const ModelConfig m = catalog.model(row.name, ".", {});
    EXPECT_NEAR(count_parameters(m).total() / 1e9, row.billions, 0.03 * row.billions) << row.name;
    EXPECT_NEAR(active_parameters(m) / 1e9, row.active, 0.2 * row.active) << row.name;
  }
}

}  // namespace
}  // namespace blis
