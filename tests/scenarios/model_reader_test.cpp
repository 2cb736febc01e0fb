#include <fmt/format.h>
#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

// The keys every model has, and `more` (with a comma in front).
std::string config(const std::string& more, const std::string& model_type = "llama") {
  const bool wide = more.find("\"intermediate_size\"") != std::string::npos;
  return "{\"model_type\": \"" + model_type + "\", " +
         R"("hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 128256)" +
         (wide ? "" : R"(, "intermediate_size": 16384)") + more + "}";
}

ModelFacts read(const std::string& text) {
  const TempFolder folder;
  return read_model_facts(folder.write("some-model/config.json", text));
}

// Everything said about the config, without the folder's name.
std::string complaint(const std::string& text) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", text);
  std::string all = said_by([&] { read_model_facts(path); }).all;
  for (std::size_t at; (at = all.find(path)) != std::string::npos;)
    all.replace(at, path.size(), "config.json");
  return all;
}

TEST(ModelReader, AbsentKeysTakeTheMeaningThatTheFormatGivesThem) {
  const ModelFacts m = read(config(""));
  EXPECT_EQ(m.name, "some-model");
  EXPECT_EQ(m.kv_heads, 32) << "num_key_value_heads";
  EXPECT_EQ(m.head_dim, 128) << "hidden / heads";
  EXPECT_EQ(m.dtype_bytes, 2) << "torch_dtype";
  EXPECT_EQ(m.max_position_embeddings, 2048) << "vLLM's own";
  EXPECT_FALSE(m.moe || m.mla || m.window || m.default_top_p_or_k);
  EXPECT_EQ(m.quantization.format, WeightFormat::native);
}

TEST(ModelReader, NullsAndKeysOfOthersAreFine) {
  const ModelFacts m = read(config(R"(, "num_key_value_heads": null, "head_dim": null, "sliding_window": null,
      "quantization_config": null, "rope_theta": 500000.0, "eos_token_id": [1, 2], "index_topk": null)"));
  EXPECT_EQ(m.kv_heads, 32);
}

TEST(ModelReader, ZeroKeyValueHeadsMeanAllHeads) {
  EXPECT_EQ(read(config(R"(, "num_key_value_heads": 0)")).kv_heads, 32);
  EXPECT_EQ(read(config(R"(, "num_key_value_heads": 8)")).kv_heads, 8);
}

TEST(ModelReader, TextConfigWinsOverTheTop) {
  const ModelFacts m =
      read(R"({"model_type": "mistral3", "bos_token_id": 1, "torch_dtype": "float32", "vocab_size": 10,
      "text_config": {"model_type": "llama", "hidden_size": 5120, "num_hidden_layers": 48, "num_attention_heads": 40,
                      "intermediate_size": 1000, "bos_token_id": 2}})");
  EXPECT_EQ(m.hidden, 5120);
  EXPECT_EQ(m.model_type, "llama");
  EXPECT_EQ(m.vocab, 10) << "only the top says";
  EXPECT_EQ(m.dtype_bytes, 4);
}

TEST(ModelReader, WhatVllmComputesNothingInIsLoadedInSixteenBits) {
  for (const auto& [name, bytes, remarks] : {std::tuple{"float32", 4.0, 0u},
                                             {"float16", 2.0, 0u},
                                             {"bfloat16", 2.0, 0u},
                                             {"torch.bfloat16", 2.0, 0u},
                                             {"float8_e4m3fn", 2.0, 1u},
                                             {"int8", 2.0, 1u},
                                             {"uint8", 2.0, 1u},
                                             {"int4", 2.0, 1u}}) {
    for (const char* const key : {"torch_dtype", "dtype"}) {
      const ModelFacts model = read(config(fmt::format(R"(, "{}": "{}")", key, name)));
      EXPECT_EQ(model.dtype_bytes, bytes) << key << " " << name;
      EXPECT_EQ(model.remarks.size(), remarks) << key << " " << name;
    }
  }
  EXPECT_NE(complaint(config(R"(, "dtype": "nf4")")).find("unknown dtype `nf4`"), std::string::npos);
}

TEST(ModelReader, EachMistakeHasItsPlace) {
  EXPECT_EQ(complaint("{\"hidden_size\": 4096}"),
            "config.json:1:1: missing key `model_type`\n  expected: a text");
  EXPECT_EQ(
      complaint(R"({"model_type": "internlm2", "hidden_size": 4096, "vocab_size": 9, "intermediate_size": 9,
                    "num_key_value_heads": 1, "max_position_embeddings": 9})"),
      "config.json:1:1: missing key `num_hidden_layers`\n  expected: an integer from 1 to 10000\n"
      "config.json:1:1: missing key `num_attention_heads`\n  expected: an integer from 1 to 100000");
  EXPECT_EQ(complaint(R"({"peft_type": "LORA", "r": 16})"),
            "config.json:1:15: this is the config of an adapter (LoRA), not of a model\n"
            "  expected: the config.json of the model that it is for\n  got:      the text `LORA`");
  EXPECT_EQ(
      complaint(R"({"dim": 5120, "n_layers": 40, "head_dim": 128})"),
      "config.json:1:9: this is a params.json in Mistral's own format, not a model's config\n"
      "  expected: the config.json that lies beside it, in the format of Hugging Face\n  got:      `5120`");
  EXPECT_EQ(complaint("{\"metadata\": {},\n \"weight_map\": {}}"),
            "config.json:2:2: this is the index of a checkpoint's weights, not a model's config\n"
            "  expected: the config.json that lies beside it\n  got:      a section with keys of its own");
  EXPECT_EQ(complaint(config(",\n \"intermediate_size\": -5")),
            "config.json:2:23: `intermediate_size` has a wrong value\n  expected: an integer from 1 to "
            "10000000\n  got:      `-5`");
  EXPECT_EQ(complaint(config(",\n \"torch_dtype\": \"float7\"")),
            "config.json:2:17: unknown dtype `float7`\n"
            "  expected: a dtype of torch: bfloat16, float16 or float32\n  got:      the text `float7`");
  EXPECT_EQ(complaint(config(",\n \"num_key_value_heads\": 5")),
            "config.json:2:25: `num_key_value_heads` does not divide `num_attention_heads`\n  expected: a "
            "divisor of 32\n  got:      `5`");
  EXPECT_EQ(
      complaint(
          R"({"hidden_size": 100, "model_type": "llama", "num_hidden_layers": 1, "num_attention_heads": 3,
                    "vocab_size": 9, "intermediate_size": 9})"),
      "config.json:1:17: `hidden_size` is no multiple of `num_attention_heads`\n"
      "  expected: a multiple, or a key `head_dim`\n  got:      `100`");
}

TEST(ModelReader, ContradictionsAreNoModel) {
  EXPECT_EQ(complaint(config(",\n \"layer_types\": [\"full_attention\"]")),
            "config.json:2:2: `layer_types` and `num_hidden_layers` contradict each other\n"
            "  expected: 32 entries, one for each layer\n  got:      1 entries");
  EXPECT_EQ(complaint(config(",\n \"n_layers\": 31")),
            "config.json:2:14: `num_hidden_layers` and `n_layers` contradict each other\n"
            "  expected: 32 in both, or one of them\n  got:      `31`");
  EXPECT_EQ(complaint(R"({"model_type": "mistral3", "hidden_size": 1,
      "text_config": {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
                      "vocab_size": 9, "intermediate_size": 9}})"),
            "config.json:1:43: `hidden_size` and `text_config.hidden_size` contradict each other\n"
            "  expected: the same in both, or one of them\n  got:      `1`");
}

TEST(ModelReader, ExpertsOfEachFamily) {
  const auto qwen = read(config(R"(, "intermediate_size": 6144, "num_experts": 128, "num_experts_per_tok": 8,
      "moe_intermediate_size": 768, "decoder_sparse_step": 2, "mlp_only_layers": [0, 1])",
                                "qwen3_moe"));
  ASSERT_TRUE(qwen.moe);
  EXPECT_EQ(qwen.moe->experts, 128);
  EXPECT_EQ(qwen.moe->experts_per_token, 8);
  EXPECT_EQ(qwen.moe->ffn, 768);
  EXPECT_EQ(qwen.moe->every, 2);
  EXPECT_EQ(qwen.moe->dense, (std::vector<int>{0, 1}));
  EXPECT_EQ(qwen.ffn, 6144);

  const auto mixtral = read(
      config(R"(, "intermediate_size": 14336, "num_local_experts": 8, "num_experts_per_tok": 2)", "mixtral"));
  ASSERT_TRUE(mixtral.moe);
  EXPECT_EQ(mixtral.moe->ffn, 14336);
  EXPECT_EQ(mixtral.moe->shared_ffn, 0);

  const auto deepseek =
      read(config(R"(, "intermediate_size": 18432, "n_routed_experts": 256, "n_shared_experts": 1,
      "num_experts_per_tok": 8, "moe_intermediate_size": 2048, "first_k_dense_replace": 3, "kv_lora_rank": 512,
      "q_lora_rank": null, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128)",
                  "deepseek_v3"));
  ASSERT_TRUE(deepseek.moe && deepseek.mla);
  EXPECT_EQ(deepseek.moe->shared_ffn, 2048);
  EXPECT_EQ(deepseek.moe->dense_prefix_layers, 3);
  EXPECT_EQ(deepseek.mla->kv_lora_rank, 512);
  EXPECT_EQ(deepseek.mla->q_lora_rank, 0) << "queries are projected directly";

  const auto llama4 = read(config(R"(, "intermediate_size": 8192, "intermediate_size_mlp": 16384,
      "num_local_experts": 128, "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "attention_chunk_size": 8192)",
                                  "llama4_text"));
  ASSERT_TRUE(llama4.moe && llama4.window);
  EXPECT_EQ(llama4.moe->ffn, 8192);
  EXPECT_EQ(llama4.moe->shared_ffn, 8192);
  EXPECT_EQ(llama4.moe->every, 2);
  EXPECT_EQ(llama4.ffn, 16384);
  EXPECT_EQ(llama4.window->kind, WindowConfig::Kind::chunked);
  EXPECT_EQ(llama4.window->layers, 24) << "every fourth of 32 sees all";
}

TEST(ModelReader, EachFamilyHasItsNamesOfTheSameQuantity) {
  const auto ernie = read(config(R"(, "moe_num_experts": 64, "moe_k": 8, "moe_intermediate_size": 3584,
      "moe_layer_start_index": 3, "moe_layer_end_index": 31, "moe_num_shared_experts": 2)",
                                 "ernie4_5_moe"));
  ASSERT_TRUE(ernie.moe);
  EXPECT_EQ(ernie.moe->experts, 64);
  EXPECT_EQ(ernie.moe->experts_per_token, 8);
  EXPECT_EQ(ernie.moe->dense, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(ernie.moe->shared_ffn, 2 * 3584);
  EXPECT_EQ(ernie.kv_heads, 4) << "of the class";
  EXPECT_TRUE(ernie.tie_word_embeddings) << "of the class";
  const auto chatglm =
      read(R"({"model_type": "chatglm", "hidden_size": 4096, "num_layers": 28, "num_attention_heads": 32,
      "kv_channels": 128, "multi_query_attention": true, "multi_query_group_num": 2, "ffn_hidden_size": 13696,
      "padded_vocab_size": 65024, "seq_length": 8192})");
  EXPECT_EQ(chatglm.layers, 28);
  EXPECT_EQ(chatglm.kv_heads, 2);
  EXPECT_EQ(chatglm.ffn, 13696);
  EXPECT_EQ(chatglm.vocab, 65024);
  EXPECT_EQ(chatglm.max_position_embeddings, 8192);
}

TEST(ModelReader, ExpertsNeedTheirNumberPerTokenAndMustBeSeveral) {
  EXPECT_NE(
      complaint(config(R"(, "n_routed_experts": 8)", "deepseek")).find("missing key `num_experts_per_tok`"),
      std::string::npos);
  EXPECT_NE(complaint(config(R"(, "num_experts": 1)", "qwen3_moe")).find("less than two"), std::string::npos);
}

TEST(ModelReader, WindowsAreReadAsTheFamilyMeansThem) {
  struct Row {
    const char* model_type;
    const char* keys;
    int layers;
  };
  for (const Row& row : {
           Row{"mistral", R"(, "sliding_window": 4096)", 32},
           Row{"mistral", R"(, "sliding_window": null)", 0},
           Row{"qwen2", R"(, "sliding_window": 4096)", 0},
           Row{"qwen2", R"(, "sliding_window": 4096, "use_sliding_window": false)", 0},
           Row{"qwen2", R"(, "sliding_window": 4096, "use_sliding_window": true, "max_window_layers": 0)",
               32},
           Row{"qwen2", R"(, "sliding_window": 4096, "use_sliding_window": true, "max_window_layers": 32)",
               0},
           Row{"qwen3_moe", R"(, "sliding_window": 64, "use_sliding_window": true, "max_window_layers": 32)",
               32},
           Row{"mistral", R"(, "sliding_window": 0)", 0},
           Row{"mistral", "", 0},
           Row{"gemma2", R"(, "sliding_window": 4096)", 16},
           Row{"gemma3_text", R"(, "sliding_window": 1024)", 27},
           Row{"gemma3_text", R"(, "sliding_window": 1024, "sliding_window_pattern": 4)", 24},
           Row{"cohere2", R"(, "sliding_window": 4096)", 24},
           Row{"exaone4", R"(, "sliding_window": 4096, "sliding_window_pattern": "LLLG")", 24},
           Row{"exaone4", R"(, "sliding_window": null)", 0},
       }) {
    const ModelFacts model =
        read(config(std::string(row.keys) + R"(, "num_key_value_heads": 8)", row.model_type));
    EXPECT_EQ(model.window ? model.window->layers : 0, row.layers) << row.model_type << row.keys;
  }
  std::string types;
  for (int i = 0; i < 16; ++i) types += R"(, "sliding_attention", "full_attention")";
  const auto listed = read(config(R"(, "sliding_window": 128, "layer_types": [)" + types.substr(2) + "]"));
  EXPECT_EQ(listed.window->layers, 16);
  EXPECT_EQ(listed.window->tokens, 128);
}

TEST(ModelReader, WhatIsNotModelledIsNamed) {
  struct Row {
    std::string text, says;
  };
  const std::string linear = [] {
    std::string types;
    for (int i = 0; i < 32; ++i) types += R"(, "linear_attention")";
    return R"(, "layer_types": [)" + types.substr(2) + "]";
  }();
  for (const auto& [text, says] : {
           Row{config("", "marvel"), "models of the type `marvel` are not known"},
           Row{config("", "zamba2"), "Mamba layers"},
           Row{config(R"(, "architectures": ["LlamaForSequenceClassification"])"), "does not generate text"},
           Row{config(R"(, "architectures": ["LlamaForMagic"])"), "no class that vLLM is known"},
           Row{config(linear), "layers of the kind `linear_attention`"},
           Row{config(R"(, "use_sliding_window": true, "max_window_layers": 20)", "qwen2"),
               "windows in 12 of 32 layers, which vLLM refuses"},
           Row{config(R"(, "use_sliding_window": false, "sliding_window": 64)"), "switched off"},
           Row{config(R"(, "hidden_act": "relu2")"), "MLPs with the activation `relu2`"},
           Row{config(R"(, "index_topk": 2048)"), "`index_topk` is not known to be without effect"},
           Row{config(R"(, "num_experts": 8)"), "`num_experts` is not known to be without effect"},
           Row{config(R"(, "vision_config": {"hidden_size": 8})"), "`vision_config` is not known"},
           Row{config(R"(, "rope_scaling": {"rope_type": "spiral"})"), "rotary scaling of the type `spiral`"},
           Row{config(R"(, "quantization_config": {"quant_method": "sorcery"})"),
               "the quantization method `sorcery`"},
           Row{config(R"(, "quantization_config": {"quant_method": "gguf"})"),
               "the quantization method `gguf`, which vLLM does not have"},
           Row{config(R"(, "quantization_config": {"quant_method": "fp8",
                        "modules_to_not_convert": ["model.layers.0.self_attn.q_proj"]})"),
               "stores the matrices of layer 0's qkv, which vLLM fuses, in different ways"},
           Row{config(R"(, "quantization_config": {"quant_method": "fp8",
                        "modules_to_not_convert": ["model.layers.0.self_attention_of_another"]})"),
               "which is no part that is known"},
       }) {
    const TempFolder folder;
    const std::string path = folder.write("m/config.json", text);
    const Said said = said_by([&] { read_model_facts(path); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled) << text;
    EXPECT_NE(said.all.find(says), std::string::npos) << said.all;
    EXPECT_NE(said.all.find("--allow-unmodelled"), std::string::npos) << said.all;
    const ModelFacts allowed = read_model_facts(path, {.allow_unmodelled = true});
    EXPECT_FALSE(allowed.not_modelled.empty()) << text;
  }
}

TEST(ModelReader, AllowingWhatIsNotModelledDoesNotMakeUpWhatIsMissing) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", R"({"model_type": "internlm2", "hidden_size": 64})");
  EXPECT_EQ(said_by([&] { read_model_facts(path, {.allow_unmodelled = true}); }).kind, ErrorKind::usage);
}

TEST(ModelReader, AClassIsThereUntilItsLastRelease) {
  const TempFolder folder;
  const std::string path = folder.write(
      "m/config.json", config(R"(, "architectures": ["Grok1ModelForCausalLM"], "num_key_value_heads": 8,
                               "max_position_embeddings": 8192, "num_experts": 8, "num_experts_per_tok": 2)",
                              "grok-1"));
  EXPECT_EQ(read_model_facts(path, {.vllm = {{24}}}).moe->experts, 8);
  EXPECT_NE(
      said_by([&] { read_model_facts(path, {.vllm = {{25}}}); }).all.find("the last release with it is 0.24"),
      std::string::npos);
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
  EXPECT_EQ(read(config(R"(, "max_position_embeddings": 8192, "model_max_length": 131072)"))
                .max_position_embeddings,
            131072)
      << "model_max_length wins";
  EXPECT_EQ(read(config(R"(, "max_position_embeddings": 8192, "seq_length": 4096)")).max_position_embeddings,
            4096)
      << "otherwise the smallest";
  const ModelFacts phi =
      read(config(R"(, "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
      "rope_scaling": {"type": "longrope", "short_factor": [1.0], "long_factor": [1.0]})",
                  "phi3"));
  EXPECT_EQ(phi.max_model_len_from,
            "longrope: original_max_position_embeddings; up to max_position_embeddings if asked for");
  EXPECT_EQ(read(config(R"(, "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
      "rope_scaling": {"type": "su", "short_factor": [1.0], "long_factor": [1.0]})",
                        "phi3"))
                .default_max_model_len,
            4096)
      << "the older name of longrope";
  EXPECT_EQ(read(config("")).max_position_embeddings, 2048) << "vLLM's own, as nothing is stated";
  EXPECT_EQ(phi.default_max_model_len, 4096);
  EXPECT_EQ(phi.max_position_embeddings, 131072) << "may be asked for";
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
                    Scheme{"auto_round",
                           R"({"quant_method": "auto-round", "bits": 4, "group_size": 128, "sym": true,
            "data_type": "int", "act_bits": 16, "packing_format": "auto_round:auto_gptq", "extra_config": {},
            "autoround_version": "0.5.1", "iters": 1000, "nsamples": 512, "seqlen": 2048})",
                           WeightFormat::int4, 128, 16},
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

TEST(Quantization, WhatIsNotModelledIsRefusedByName) {
  struct Case {
    const char *quantization, *said;
  };
  for (
      const Case& c :
      {Case{R"({"quant_method": "quark"})", "`quark`"}, Case{R"({"quant_method": "torchao"})", "`torchao`"},
       Case{R"({"quant_method": "bitsandbytes"})", "`bitsandbytes`, which vLLM does not have"},
       Case{R"({"quant_method": "auto-round", "bits": 4, "data_type": "mx_fp"})", "data type `mx_fp`"},
       Case{
           R"({"quant_method": "gptq", "bits": 4, "sym": true, "desc_act": false, "dynamic": {"+:.*attn.*": {"bits": 3}}})",
           "3-bit weights"},
       Case{R"({"quant_method": "gptq", "bits": 4, "sym": true, "dynamic": {"-:.*attn.*": {}}})",
            "without `desc_act`, which vLLM does not load"},
       Case{
           R"({"quant_method": "gptq", "bits": 4, "sym": true, "desc_act": false, "dynamic": {"-:.*kqv_proj.*": {}}})",
           "names `.*kqv_proj.*`, which is no part"}}) {
    const Said said =
        said_by([&] { read(config(std::string(R"(, "quantization_config": )") + c.quantization)); });
    EXPECT_EQ(said.kind, ErrorKind::not_modelled) << c.quantization;
    EXPECT_NE(said.all.find(c.said), std::string::npos) << said.all;
  }
}

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
  EXPECT_TRUE(scout.dense_mlp);
  std::string every;
  for (int layer = 0; layer < 32; ++layer) every += fmt::format(R"(, "model.layers.{}.self_attn*")", layer);
  const auto all_layers =
      read(config(R"(, "quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4",
      "ignore": ["lm_head")" +
                  every + "]}"));
  EXPECT_FALSE(all_layers.quantization.attention);
}

TEST(Quantization, Fp8HasTwoNamesForTheListOfWhatItLeaves) {
  const auto attention = [](const std::string& lists) {
    return read(config(R"(, "quantization_config": {"quant_method": "fp8")" + lists + "}"))
        .quantization.attention;
  };
  std::string names = R"(["lm_head")";
  for (int layer = 0; layer < 32; ++layer) {
    for (const char* const matrix : {"q", "k", "v", "o"})
      names += fmt::format(R"(, "model.layers.{}.self_attn.{}_proj")", layer, matrix);
  }
  names += "]";
  EXPECT_TRUE(attention(""));
  EXPECT_FALSE(attention(R"(, "modules_to_not_convert": )" + names));
  EXPECT_FALSE(attention(R"(, "ignored_layers": )" + names));
  EXPECT_TRUE(attention(R"(, "ignored_layers": ["lm_head"], "modules_to_not_convert": )" + names));
}

TEST(Quantization, ConfigsOfModelOptSelectTheCachesTypeToo) {
  const auto fp8_cache = [](const std::string& scheme) {
    return read(config(R"(, "quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8", )" +
                       scheme + "}"))
        .quantization.fp8_kv_cache;
  };
  EXPECT_TRUE(fp8_cache(R"("kv_cache_scheme": {"num_bits": 8, "type": "float", "dynamic": false})"));
  EXPECT_TRUE(fp8_cache(R"("kv_cache_quant_algo": "FP8")"));
  EXPECT_FALSE(fp8_cache(R"("kv_cache_scheme": {"num_bits": 8, "type": "float", "dynamic": true})"));
  EXPECT_FALSE(fp8_cache(R"("kv_cache_scheme": null)"));
}

TEST(Quantization, MayLieInAFileOfItsOwnBesideTheConfig) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", config(""));
  folder.write(
      "m/hf_quant_config.json",
      R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}})");
  const Quantization q = read_model_facts(path).quantization;
  EXPECT_EQ(q.format, WeightFormat::fp8_tensor);
  EXPECT_TRUE(q.fp8_kv_cache);
}

TEST(ModelReader, AListOfModulesThatPoolsMakesAModelOfEmbeddings) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", config(""));
  folder.write("m/modules.json", R"([{"idx": 0, "type": "sentence_transformers.models.Transformer"}])");
  EXPECT_NO_THROW(read_model_facts(path));
  folder.write("m/modules.json", R"([{"idx": 1, "type": "sentence_transformers.models.Pooling"}])");
  const Said said = said_by([&] { read_model_facts(path); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  EXPECT_NE(said.heads.at(0).find("m/modules.json: this list of modules"), std::string::npos) << said.all;
}

TEST(ModelReader, GenerationConfigSaysWhetherSamplingSorts) {
  const TempFolder folder;
  const std::string path = folder.write("m/config.json", config(""));
  folder.write("m/generation_config.json", R"({"temperature": 0.6, "top_p": 0.9})");
  EXPECT_EQ(read_model_facts(path).default_top_p_or_k, true);
  folder.write("m/generation_config.json", R"({"temperature": 0.6})");
  EXPECT_EQ(read_model_facts(path).default_top_p_or_k, false);
}

TEST(ModelReader, TakesTheFolderOrTheFile) {
  const TempFolder folder;
  folder.write("some-model/config.json", config(""));
  EXPECT_EQ(read_model_facts(folder.path("some-model")).name, "some-model");
  EXPECT_EQ(said_by([&] { read_model_facts(folder.path("nothing/config.json")); }).kind, ErrorKind::io);
}

}  // namespace
}  // namespace blis
