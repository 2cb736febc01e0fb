// Which matrices a quantized checkpoint stores how: bytes by arithmetic, from lists of every dialect.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <variant>

#include "roofline/kinds.h"
#include "roofline/model_card.h"
#include "scenarios/catalog.h"
#include "scenarios/models/matrix_names.h"
#include "scenarios/models/name_list.h"
#include "temp_folder.h"

namespace blis {
namespace {

constexpr double kHidden = 4096, kFfn = 16384, kVocab = 32000, kLayers = 32;
constexpr double kAttention = 4 * kHidden * kHidden, kMlp = 3 * kHidden * kFfn;
constexpr double kOthers = 2 * kVocab * kHidden + (2 * kLayers + 1) * kHidden;  // in 16 bits
constexpr double kFp8 = 1, kHalf = 2, kNvfp4 = 4.5 / 8, kMxfp8 = 8.25 / 8;

ModelFacts read_stored(const std::string& quantization) {
  const TempFolder folder;
  return read_model_facts(
      folder.write("m/config.json", R"({"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "vocab_size": 32000, "intermediate_size": 16384,
        "quantization_config": {)" + quantization +
                                        "}}"));
}

double weight_bytes(const std::string& quantization) {
  return model_card(read_stored(quantization)).weights_bytes;
}

TEST(StorageRules, LayersThatAListKeepsAreStoredAsTheyAre) {
  const std::string names = R"("model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj",
      "model.layers.0.self_attn.v_proj", "model.layers.0.self_attn.o_proj", "model.layers.1.mlp.down_proj")";
  EXPECT_DOUBLE_EQ(weight_bytes(R"("quant_method": "fp8", "modules_to_not_convert": [)" + names + "]"),
                   (kLayers * (kAttention + kMlp) - kAttention - kMlp / 3) * kFp8 +
                       (kAttention + kMlp / 3 + kOthers) * kHalf);
}

TEST(StorageRules, APatternMayKeepMatricesOfAllLayers) {
  const double expected =
      kLayers * (kAttention * kHalf + kMlp * 2 / 3 * kNvfp4 + kMlp / 3 * kHalf) + kOthers * kHalf;
  EXPECT_DOUBLE_EQ(weight_bytes(R"("quant_method": "modelopt", "quant_algo": "NVFP4",
                                   "ignore": ["*self_attn*", "model.layers.*.mlp.down_proj"])"),
                   expected);
}

TEST(StorageRules, GroupsHaveTheirOwnFormats) {
  const std::string groups = R"("quant_method": "compressed-tensors", "format": "mixed-precision",
    "config_groups": {
      "group_0": {"targets": ["re:.*self_attn.*"],
                  "weights": {"num_bits": 8, "type": "float", "strategy": "channel"},
                  "input_activations": {"num_bits": 8, "type": "float"}},
      "group_1": {"targets": [")";
  const std::string rest = R"("], "weights": {"num_bits": 4, "type": "float", "strategy": "tensor_group",
                              "group_size": 16}, "input_activations": {"num_bits": 4, "type": "float"}}},
    "ignore": ["lm_head"])";
  const double expected = kLayers * (kAttention * kFp8 + kMlp * kNvfp4) + kOthers * kHalf;
  EXPECT_DOUBLE_EQ(weight_bytes(groups + "re:.*mlp.*" + rest), expected);
  EXPECT_DOUBLE_EQ(weight_bytes(groups + "Linear" + rest), expected);
}

TEST(StorageRules, MixedPrecisionListsWhatIsQuantizedAndHow) {
  std::string layers;
  for (int i = 0; i < 32; ++i) {
    for (const char* const name : {"gate_proj", "up_proj", "down_proj"}) {
      layers += fmt::format(R"({}"model.layers.{}.mlp.{}": {{"quant_algo": "{}"}})",
                            layers.empty() ? "" : ",", i, name, i < 16 ? "W4A16_NVFP4" : "MXFP8");
    }
  }
  layers += R"(, "lm_head": {"quant_algo": "W4A16_NVFP4"})";
  const ModelFacts model = read_stored(R"("quant_method": "modelopt", "quant_algo": "MIXED_PRECISION",
                                   "quantized_layers": {)" +
                                       layers + "}");
  EXPECT_DOUBLE_EQ(model_card(model).weights_bytes, kLayers / 2 * kMlp * (kNvfp4 + kMxfp8) +
                                                        (kLayers * kAttention + kOthers) * kHalf -
                                                        kVocab * kHidden * (kHalf - kNvfp4));
}

TEST(StorageRules, TheCardSaysWhichMatricesAreStoredOtherwise) {
  EXPECT_EQ(
      model_card(
          read_stored(R"("quant_method": "fp8", "modules_to_not_convert": ["model.layers.1.mlp.down_proj"])"))
          .precision,
      "fp8 (fp8_tensor); head in 16-bit; down in 16-bit");
}

TEST(StorageRules, AStepReadsAndMultipliesEachMatrixAsItIsStored) {
  const auto part = [](const ModelFacts& model) {
    const LayerList layers = layer_list(model);
    return layers.runs().front().channel->part({});
  };
  const LayerPart kept = part(read_stored(R"("quant_method": "fp8", "modules_to_not_convert":
          ["model.layers.0.mlp.gate_proj", "model.layers.0.mlp.up_proj", "model.layers.0.mlp.down_proj"])"));
  const LayerPart all = part(read_stored(R"("quant_method": "fp8")"));
  for (const Operation& operation : kept.operations) {
    const auto* const product = std::get_if<Product>(&operation.work);
    if (product) {
      EXPECT_EQ(product->stored, Storage{}) << operation.name;
    }
  }
  for (const Operation& operation : all.operations) {
    const auto* const product = std::get_if<Product>(&operation.work);
    if (product) {
      EXPECT_FALSE(product->stored) << operation.name;
    }
  }
}

TEST(StorageRules, EveryKindOfLayerHasNamesForItsMatrices) {
  for (const LayerKind& kind : layer_kinds()) {
    const Half half = kind.example();
    for (const Operation& operation : half->part({}).operations) {
      const auto* const product = std::get_if<Product>(&operation.work);
      const bool routed = std::holds_alternative<RoutedExperts>(operation.work);
      if (!routed && (!product || product->role == WeightRole::router || product->role == WeightRole::copy)) {
        continue;
      }
      EXPECT_FALSE(matrix_names(half->kind(), operation.name).empty()) << kind.name << " " << operation.name;
    }
  }
}

TEST(StorageRules, GptqExcludesOrOverridesByPattern) {
  constexpr double kInt4 = 0.5 + 2.0 / 128, kInt8 = 1 + 2.0 / 64;
  EXPECT_DOUBLE_EQ(
      weight_bytes(R"("quant_method": "gptq", "bits": 4, "group_size": 128, "sym": true,
      "desc_act": false, "dynamic": {"-:.*\\.0\\..*attn.*": {}, "+:.*attn.*": {"bits": 8, "group_size": 64}, "-:.*attn.*": {}})"),
      kAttention * kHalf + (kLayers - 1) * kAttention * kInt8 + kLayers * kMlp * kInt4 + kOthers * kHalf)
      << "the first pattern that matches counts";
  EXPECT_DOUBLE_EQ(weight_bytes(R"("quant_method": "gptq", "bits": 4, "group_size": 128, "sym": true,
      "desc_act": false, "dynamic": {"lm_head": {}, "-:.*mlp\\.gate\\.": {}, "-:.*visual.*": {}})"),
                   kLayers * (kAttention + kMlp) * kInt4 + kOthers * kHalf)
      << "rules make no head quantized, and may name what never is";
  EXPECT_DOUBLE_EQ(weight_bytes(R"("quant_method": "gptq", "bits": 4, "group_size": 128, "sym": true,
      "modules_in_block_to_quantize": [["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"]])"),
                   kLayers * (kAttention * kHalf + kMlp * kInt4) + kOthers * kHalf);
}

TEST(StorageRules, AutoRoundQuantizesItsBlocksButForWhatHasOwnBits) {
  constexpr double kInt4 = 0.5 + 2.0 / 128;
  EXPECT_DOUBLE_EQ(weight_bytes(R"("quant_method": "auto-round", "bits": 4, "group_size": 128, "sym": true,
      "block_name_to_quantize": "model.layers.1,model.layers.20",
      "extra_config": {"model.layers.20.mlp.down_proj": {"bits": 16, "data_type": "float"}})"),
                   12 * (kAttention + kMlp) * kInt4 + (kLayers - 12) * (kAttention + kMlp) * kHalf +
                       kMlp / 3 * (kHalf - kInt4) + kOthers * kHalf)
      << "1, 10 to 19 and 20 begin so";
}

TEST(StorageRules, AwqLeavesWhatHasAnEntryInItsName) {
  constexpr double kInt4 = 0.5 + 2.0 / 128 + 0.5 / 128;
  const auto bytes = [](const std::string& name) {
    return weight_bytes(R"("quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true,
        "modules_to_not_convert": [")" +
                        name + "\"]");
  };
  EXPECT_DOUBLE_EQ(bytes("self_attn"), kLayers * (kAttention * kHalf + kMlp * kInt4) + kOthers * kHalf);
  EXPECT_DOUBLE_EQ(bytes("layers.3"), 3 * (kAttention + kMlp) * kHalf +
                                          (kLayers - 3) * (kAttention + kMlp) * kInt4 + kOthers * kHalf)
      << "3, 30 and 31";
}

TEST(NameList, EachMethodHasItsOwnWayOfMatching) {
  struct Row {
    NameMatch match;
    const char *entry, *module;
    bool covers;
  };
  constexpr const char *kQ = "model.layers.1.self_attn.q_proj", *kExpert = "model.layers.1.mlp.experts.0.w1";
  using enum NameMatch;
  for (const auto& [match, entry, module, covers] :
       {Row{around, "model.layers.1", kQ, true},
        Row{around, "q_proj", kQ, true},
        Row{around, "re:.*q_proj", kQ, true},
        Row{whole, kQ, kQ, true},
        Row{whole, "model.layers.1.self_attn", kQ, false},
        Row{whole, "*q_proj", kQ, false},
        Row{whole, "re:.*q_proj", kQ, true},
        Row{any_expert, kQ, kQ, true},
        Row{any_expert, "re:.*q_proj", kQ, false},
        Row{any_expert, "model.layers.1.mlp.experts.7.w2", kExpert, true},
        Row{any_expert, "model.layers.1.mlp", kExpert, false},
        Row{substring, "attn.q", kQ, true},
        Row{substring, "w1", kExpert, false},
        Row{substring, "mlp.exp", kExpert, true},
        Row{wildcard, "model.*.q_proj", kQ, true},
        Row{wildcard, "self_attn", kQ, true},
        Row{beginning, "model.layers.1", kQ, true},
        Row{beginning, "layers.1", kQ, false},
        Row{ending, "q_proj", kQ, true},
        Row{ending, "_proj", kQ, false},
        Row{ending, "attn\\.[qk]_proj", kQ, true},
        Row{expert_free, ".*mlp\\.experts$", kExpert, true},
        Row{expert_free, "self_attn", kQ, false}}) {
    EXPECT_EQ(NameList({entry}, match).covers(module), covers)
        << static_cast<int>(match) << " " << entry << " of " << module;
  }
}

TEST(NameList, AGlobTakesAnythingForAStar) {
  struct Row {
    const char* glob;
    const char* text;
    bool matches;
  };
  for (const auto& [glob, text, matches] :
       {Row{"*", "", true}, Row{"a*", "ab", true}, Row{"a*", "b", false},
        Row{"*.attn.*", "layers.3.attn.wq", true}, Row{"*.attn.*", "layers.3.attn", false},
        Row{"a*b*c", "a1b2b3c", true}, Row{"a*b*c", "a1b2b3", false},
        Row{"model.layers.1*", "model.layers.12.mlp", true}}) {
    EXPECT_EQ(is_glob_of(glob, text), matches) << glob << " of " << text;
  }
}

}  // namespace
}  // namespace blis
