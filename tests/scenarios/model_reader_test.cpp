#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

// The keys every model has, and `more` (with a comma in front).
std::string config(const std::string& more) {
  return R"({"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 128256)" +
         more + "}";
}

ModelFacts read(const std::string& text) {
  const TempFolder folder;
  return read_model_facts(folder.write("some-model/config.json", text));
}

// Everything said about the config, without the folder's name.
std::string complaint(const std::string& text) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", text);
  std::string all = said_by([&] { read_model_config(path); }).all;
  for (std::size_t at; (at = all.find(path)) != std::string::npos;)
    all.replace(at, path.size(), "config.json");
  return all;
}

TEST(ModelReader, AbsentKeysTakeTheMeaningThatTheFormatGivesThem) {
  const ModelFacts m = read(config(""));
  EXPECT_EQ(m.name, "some-model");
  EXPECT_EQ(m.kv_heads, 32) << "num_key_value_heads";
  EXPECT_EQ(m.head_dim, 128) << "hidden / heads";
  EXPECT_EQ(m.ffn, 4 * 4096) << "intermediate_size";
  EXPECT_EQ(m.dtype_bytes, 2) << "torch_dtype";
  EXPECT_EQ(m.max_position_embeddings, 0) << "unknown";
  EXPECT_FALSE(m.moe || m.mla || m.window || m.default_top_p_or_k);
  EXPECT_EQ(m.quantization.format, WeightFormat::native);
}

TEST(ModelReader, NullsAndKeysOfOthersAreFine) {
  const ModelFacts m = read(config(R"(, "num_key_value_heads": null, "head_dim": null, "sliding_window": null,
      "quantization_config": null, "rope_theta": 500000.0, "eos_token_id": [1, 2], "time_step_limit": [0.0, Infinity])"));
  EXPECT_EQ(m.kv_heads, 32);
}

TEST(ModelReader, ZeroKeyValueHeadsMeanAllHeads) {
  EXPECT_EQ(read(config(R"(, "num_key_value_heads": 0)")).kv_heads, 32);
  EXPECT_EQ(read(config(R"(, "num_key_value_heads": 8)")).kv_heads, 8);
}

TEST(ModelReader, TextConfigWinsOverTheTop) {
  const ModelFacts m =
      read(R"({"model_type": "outer", "hidden_size": 1, "torch_dtype": "float32", "vocab_size": 10,
      "text_config": {"model_type": "inner", "hidden_size": 5120, "num_hidden_layers": 48, "num_attention_heads": 40}})");
  EXPECT_EQ(m.hidden, 5120);
  EXPECT_EQ(m.model_type, "inner");
  EXPECT_EQ(m.vocab, 10) << "only the top says";
  EXPECT_EQ(m.dtype_bytes, 4);
}

TEST(ModelReader, DtypesHaveTheSeedsSizes) {
  for (const auto& [name, bytes] : {std::pair{"float32", 4.0},
                                    {"float16", 2.0},
                                    {"bfloat16", 2.0},
                                    {"torch.bfloat16", 2.0},
                                    {"int8", 1.0},
                                    {"uint8", 1.0},
                                    {"fp8", 1.0},
                                    {"int4", 1.0},
                                    {"nf4", 1.0}}) {
    EXPECT_EQ(read(config(std::string(R"(, "torch_dtype": ")") + name + "\"")).dtype_bytes, bytes) << name;
    EXPECT_EQ(read(config(std::string(R"(, "dtype": ")") + name + "\"")).dtype_bytes, bytes) << name;
  }
}

TEST(ModelReader, EachMistakeHasItsPlace) {
  EXPECT_EQ(complaint("{\"hidden_size\": 4096}"),
            "config.json:1:1: missing key `num_hidden_layers`\n  expected: an integer from 1 to 10000\n"
            "config.json:1:1: missing key `num_attention_heads`\n  expected: an integer from 1 to 100000");
  EXPECT_EQ(complaint(config(",\n \"intermediate_size\": -5")),
            "config.json:2:23: `intermediate_size` has a wrong value\n  expected: an integer from 1 to "
            "10000000\n  got:      `-5`");
  EXPECT_EQ(
      complaint(config(",\n \"torch_dtype\": \"float7\"")),
      "config.json:2:17: unknown dtype `float7`\n"
      "  expected: float32, float16, bfloat16, int8, uint8, fp8, int4 or nf4\n  got:      the text `float7`");
  EXPECT_EQ(complaint(config(",\n \"num_key_value_heads\": 5")),
            "config.json:2:25: `num_key_value_heads` does not divide `num_attention_heads`\n  expected: a "
            "divisor of 32\n  got:      `5`");
  EXPECT_EQ(complaint(R"({"hidden_size": 100, "num_hidden_layers": 1, "num_attention_heads": 3})"),
            "config.json:1:17: `hidden_size` is no multiple of `num_attention_heads`\n"
            "  expected: a multiple, or a key `head_dim`\n  got:      `100`");
  EXPECT_EQ(complaint(config(",\n \"quantization_config\": {\"quant_method\": \"sorcery\"}")),
            "config.json:2:42: quantization method `sorcery` is not supported\n"
            "  expected: fp8, compressed-tensors, awq, gptq, mxfp4 or modelopt (FP8, NVFP4)\n  got:      the "
            "text `sorcery`\n"
            "  hint:     set `engine.quantization` to the nearest of these, on the config without "
            "`quantization_config`");
}

TEST(ModelReader, ExpertsOfEachFamily) {
  const auto qwen = read(config(R"(, "intermediate_size": 6144, "num_experts": 128, "num_experts_per_tok": 8,
      "moe_intermediate_size": 768, "decoder_sparse_step": 2, "mlp_only_layers": [0, 1])"));
  ASSERT_TRUE(qwen.moe);
  EXPECT_EQ(qwen.moe->experts, 128);
  EXPECT_EQ(qwen.moe->experts_per_token, 8);
  EXPECT_EQ(qwen.moe->ffn, 768);
  EXPECT_EQ(qwen.moe->every, 2);
  EXPECT_EQ(qwen.moe->dense_prefix_layers, 2);
  EXPECT_EQ(qwen.ffn, 6144);

  const auto mixtral =
      read(config(R"(, "intermediate_size": 14336, "num_local_experts": 8, "num_experts_per_tok": 2)"));
  ASSERT_TRUE(mixtral.moe);
  EXPECT_EQ(mixtral.moe->ffn, 14336);
  EXPECT_EQ(mixtral.moe->shared_ffn, 0);

  const auto deepseek =
      read(config(R"(, "intermediate_size": 18432, "n_routed_experts": 256, "n_shared_experts": 1,
      "num_experts_per_tok": 8, "moe_intermediate_size": 2048, "first_k_dense_replace": 3, "kv_lora_rank": 512,
      "q_lora_rank": null, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128)"));
  ASSERT_TRUE(deepseek.moe && deepseek.mla);
  EXPECT_EQ(deepseek.moe->shared_ffn, 2048);
  EXPECT_EQ(deepseek.moe->dense_prefix_layers, 3);
  EXPECT_EQ(deepseek.mla->kv_lora_rank, 512);
  EXPECT_EQ(deepseek.mla->q_lora_rank, 0) << "queries are projected directly";

  const auto llama4 =
      read(config(R"(, "model_type": "llama4_text", "intermediate_size": 8192, "intermediate_size_mlp": 16384,
      "num_local_experts": 128, "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "attention_chunk_size": 8192)"));
  ASSERT_TRUE(llama4.moe && llama4.window);
  EXPECT_EQ(llama4.moe->ffn, 8192);
  EXPECT_EQ(llama4.moe->shared_ffn, 8192);
  EXPECT_EQ(llama4.moe->every, 2);
  EXPECT_EQ(llama4.ffn, 16384);
  EXPECT_EQ(llama4.window->kind, WindowConfig::Kind::chunked);
  EXPECT_EQ(llama4.window->layers, 24) << "every fourth of 32 sees all";
}

TEST(ModelReader, OneExpertIsNone) {
  EXPECT_FALSE(read(config(R"(, "num_experts": 1)")).moe);
}

TEST(ModelReader, ExpertsWithoutTheirNumberPerTokenAreAMistake) {
  EXPECT_NE(complaint(config(R"(, "num_experts": 8)")).find("missing key `num_experts_per_tok`"),
            std::string::npos);
}

TEST(ModelReader, WindowsAreReadAsTheFamilyMeansThem) {
  EXPECT_EQ(read(config(R"(, "sliding_window": 4096)")).window->layers, 32);
  EXPECT_FALSE(read(config(R"(, "sliding_window": 4096, "use_sliding_window": false)")).window);
  EXPECT_EQ(read(config(R"(, "sliding_window": 4096, "use_sliding_window": true, "max_window_layers": 20)"))
                .window->layers,
            12);
  EXPECT_EQ(read(config(R"(, "sliding_window": 1024, "sliding_window_pattern": 6)")).window->layers, 27);
  const auto listed = read(config(
      R"(, "sliding_window": 128, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"])"));
  EXPECT_EQ(listed.window->layers, 2);
  EXPECT_EQ(listed.window->tokens, 128);
}

TEST(ModelReader, RotaryScalingStretchesTheLongestSequence) {
  EXPECT_EQ(read(config(R"(, "max_position_embeddings": 32768)")).max_position_embeddings, 32768);
  EXPECT_EQ(read(config(R"(, "max_position_embeddings": 32768,
      "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768})"))
                .max_position_embeddings,
            131072);
  EXPECT_EQ(
      read(config(R"(, "max_position_embeddings": 4096, "rope_scaling": {"type": "linear", "factor": 2.0})"))
          .max_position_embeddings,
      8192);
  EXPECT_EQ(read(config(R"(, "max_position_embeddings": 131072,
      "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192})"))
                .max_position_embeddings,
            131072);
}

struct Scheme {
  const char* name;
  const char* quantization;  // what follows `"quantization_config": `
  WeightFormat format;
  int group_size;
  int activation_bits;
};

class QuantizationSchemes : public testing::TestWithParam<Scheme> {};

TEST_P(QuantizationSchemes, AreUnderstood) {
  const Quantization q =
      read(config(std::string(R"(, "quantization_config": )") + GetParam().quantization)).quantization;
  EXPECT_EQ(q.format, GetParam().format);
  EXPECT_EQ(q.group_size, GetParam().group_size);
  EXPECT_EQ(q.activation_bits, GetParam().activation_bits);
}

INSTANTIATE_TEST_SUITE_P(
    All, QuantizationSchemes,
    testing::Values(Scheme{"fp8_tensor", R"({"quant_method": "fp8", "activation_scheme": "static"})",
                           WeightFormat::fp8_tensor, 0, 8},
                    Scheme{"fp8_block", R"({"quant_method": "fp8", "weight_block_size": [128, 128]})",
                           WeightFormat::fp8_block, 128, 8},
                    Scheme{"awq", R"({"quant_method": "awq", "bits": 4, "group_size": 128})",
                           WeightFormat::int4, 128, 16},
                    Scheme{"gptq4", R"({"quant_method": "gptq", "bits": 4, "group_size": -1})",
                           WeightFormat::int4, 0, 16},
                    Scheme{"gptq8", R"({"quant_method": "gptq", "bits": 8, "group_size": 128})",
                           WeightFormat::int8, 128, 16},
                    Scheme{"mxfp4", R"({"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]})",
                           WeightFormat::mxfp4, 32, 16},
                    Scheme{"modelopt_fp8", R"({"quant_method": "modelopt", "quant_algo": "FP8"})",
                           WeightFormat::fp8_tensor, 0, 8},
                    Scheme{"modelopt_nvfp4", R"({"quant_method": "modelopt_fp4", "quant_algo": "NVFP4"})",
                           WeightFormat::nvfp4, 16, 4},
                    Scheme{"ct_fp8", R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
            "weights": {"num_bits": 8, "type": "float", "strategy": "channel"}, "input_activations": {"num_bits": 8}}}})",
                           WeightFormat::fp8_channel, 0, 8},
                    Scheme{"ct_w8a8", R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
            "weights": {"num_bits": 8, "type": "int", "strategy": "channel"}, "input_activations": {"num_bits": 8}}}})",
                           WeightFormat::int8, 0, 8},
                    Scheme{"ct_w4a16",
                           R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
            "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128}, "input_activations": null}}})",
                           WeightFormat::int4, 128, 16},
                    Scheme{"ct_nvfp4",
                           R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
            "weights": {"num_bits": 4, "type": "float", "group_size": 16}, "input_activations": {"num_bits": 4}}}})",
                           WeightFormat::nvfp4, 16, 4}),
    [](const auto& info) { return info.param.name; });

TEST(Quantization, PartsThatStayUnquantizedAreNoticed) {
  const auto gpt_oss = read(config(R"(, "quantization_config": {"quant_method": "mxfp4"})")).quantization;
  EXPECT_FALSE(gpt_oss.attention);
  EXPECT_TRUE(gpt_oss.experts);
  const auto scout =
      read(
          config(
              R"(, "quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head", "re:.*self_attn"],
      "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}}})"))
          .quantization;
  EXPECT_FALSE(scout.attention);
  const auto one_layer = read(config(R"(, "quantization_config": {"quant_method": "compressed-tensors",
      "ignore": ["model.layers.0.self_attn.q_proj"], "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}}})"))
                             .quantization;
  EXPECT_TRUE(one_layer.attention);
}

TEST(Quantization, MayLieInAFileOfItsOwnBesideTheConfig) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", config(""));
  folder.write(
      "m/hf_quant_config.json",
      R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}})");
  const Quantization q = read_model_config(path).quantization;
  EXPECT_EQ(q.format, WeightFormat::fp8_tensor);
  EXPECT_TRUE(q.fp8_kv_cache);
}

TEST(ModelReader, GenerationConfigSaysWhetherSamplingSorts) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", config(""));
  folder.write("m/generation_config.json", R"({"temperature": 0.6, "top_p": 0.9})");
  EXPECT_EQ(read_model_config(path).default_top_p_or_k, true);
  folder.write("m/generation_config.json", R"({"temperature": 0.6})");
  EXPECT_EQ(read_model_config(path).default_top_p_or_k, false);
}

TEST(ModelReader, TakesTheFolderOrTheFile) {
  const TempFolder folder;
  folder.write("some-model/config.json", config(""));
  EXPECT_EQ(read_model_config(folder.path("some-model")).name, "some-model");
  EXPECT_EQ(said_by([&] { read_model_config(folder.path("nothing/config.json")); }).kind, ErrorKind::io);
}

}  // namespace
}  // namespace blis
