// The shipped catalogs, as the models of this folder see them.
#include "scenarios/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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
    if (h.tflops_int8 > 0) {  // Blackwell Ultra has next to none
      EXPECT_GT(h.tflops_int8, h.tflops_peak) << h.name << ": dense peaks";
    }
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

TEST(ModelCatalog, EveryModelIsPricedOrWaitsForAKindOfLayer) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const Hardware h100 = catalog.hardware("H100", {});
  int priced = 0;
  for (const IndexedModel& known : catalog.model_index()) {
    try {
      const ModelConfig model = catalog.model(known.folder, ".", {});
      EXPECT_GT(CalibratedModel(model, h100, {}).step(decode_batch()).total.count(), 0) << known.folder;
      ++priced;
    } catch (const InputError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::not_modelled) << known.folder << error.what();
      EXPECT_FALSE(known.waits_for.empty()) << known.folder << ": " << error.what();
    }
  }
  EXPECT_GE(priced, 120);
}

// Published counts are rounded, to two digits where a model is named by them: 1.6 T is anything from 1.55 on.
double tolerance_of(double billions) {
  constexpr double kTolerance = 0.015, kTrillion = 1000, kTenth = 100;
  const bool in_trillions = billions >= kTrillion && std::fmod(billions, kTenth) == 0;
  return in_trillions ? kTenth / 2 : kTolerance * billions;
}

TEST(ModelCatalog, ParameterCountsAreThePublishedOnes) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  for (const IndexedModel& known : catalog.model_index()) {
    if (!known.waits_for.empty()) continue;
    ASSERT_TRUE(known.billions) << known.folder;
    const double billions = count_parameters(catalog.model(known.folder, ".", {})).total() / 1e9;
    EXPECT_NEAR(billions, *known.billions, tolerance_of(*known.billions)) << known.folder;
  }
}

struct Active {
  const char* name;
  double billions;  // as published
};
TEST(ModelCatalog, ActiveParametersAreThePublishedOnes) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  const Active rows[] = {
      {"llama-3.1-8b-instruct", 8.03},
      {"mixtral-8x7b-v0.1", 12.9},
      {"qwen3-30b-a3b", 3.3},
      {"qwen3-235b-a22b", 22},
      {"deepseek-v3", 37},
      {"deepseek-v2-lite", 2.66},
      {"gpt-oss-20b", 3.6},
      {"gpt-oss-120b", 5.1},
      {"llama-4-scout-17b-16e-instruct", 17},
      {"llama-4-maverick-17b-128e-instruct", 17},
      {"kimi-k2-instruct", 32},
      {"minimax-m2.5", 10},
      {"glm-4.5", 32},
      {"hunyuan-a13b-instruct", 13},
      {"ling-flash-2.0", 6.1},
      {"ernie-4.5-300b-a47b-pt", 47},
  };
  for (const Active& row : rows) {
    const double billions = active_parameters(catalog.model(row.name, ".", {})) / 1e9;
    EXPECT_NEAR(billions, row.billions, 0.2 * row.billions) << row.name;
  }
}

TEST(ModelCatalog, IndexesEachFolderAndNoNameTwice) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  std::set<std::string> folders, names;
  for (const IndexedModel& known : catalog.model_index()) {
    folders.insert(known.folder);
    EXPECT_TRUE(names.insert(known.folder).second) << known.folder;
    for (const std::string& id : known.also) {
      std::string last = id.substr(id.find('/') + 1);
      std::ranges::transform(last, last.begin(), [](unsigned char c) { return std::tolower(c); });
      EXPECT_TRUE(names.insert(last).second) << id;
    }
  }
  const std::vector<std::string> there = catalog.model_names();
  EXPECT_EQ(folders, std::set<std::string>(there.begin(), there.end()));
}

TEST(ModelCatalog, FindsCheckpointsOfOneNetworkByTheirIds) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  EXPECT_EQ(catalog.model("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", ".", {}).name,
            "llama-3.3-70b-instruct");
  EXPECT_EQ(catalog.model("DeepSeek-V3-0324", ".", {}).name, "deepseek-v3");
  EXPECT_THROW(catalog.model("deepseek-ai/DeepSeek-V3-0325", ".", {}), InputError);
}

TEST(ModelCatalog, SaysWhenAnUnknownIdIsTakenByItsName) {
  const Catalog catalog(BLIS_SOURCE_DIR);
  EXPECT_TRUE(catalog.model("meta-llama/Llama-3.1-8B", ".", {}).remarks.empty());
  EXPECT_TRUE(catalog.model("llama-3.1-8b", ".", {}).remarks.empty());
  const ModelConfig model = catalog.model("wrong-org/Llama-3.1-8B", ".", {});
  ASSERT_EQ(model.remarks.size(), 1u);
  EXPECT_EQ(
      model.remarks[0],
      "`wrong-org/Llama-3.1-8B` is not among the ids that are known; the catalog's network of that name, "
      "meta-llama/Llama-3.1-8B, is used");
}

}  // namespace
}  // namespace blis
