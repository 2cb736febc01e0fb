// A Hugging Face config.json into a ModelConfig: which key of which model family says what.
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "scenarios/catalog.h"
#include "scenarios/quantization_reader.h"
#include "scenarios/section.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

constexpr Range<std::int64_t> kLayers{1, 10'000};
constexpr Range<std::int64_t> kWidth{1, 10'000'000};
constexpr Range<std::int64_t> kMaybeWidth{0, kWidth.high};
constexpr Range<std::int64_t> kPositions{1, 1'000'000'000};

// Keys of a nested `text_config` win over the top level: multimodal configs keep the language model's
// there.
class Keys {
 public:
  explicit Keys(Section top) : top_(std::move(top)) {
    for (const char* const nested : {"text_config", "llm_config", "language_config"}) {
      if (!inner_) inner_ = top_.section(nested);
    }
    if (inner_) inner_->allow_other_keys();
    top_.allow_other_keys();
  }

  // The section that has the key, which is the inner one if neither does.
  Section& of(std::string_view key) {
    return inner_ && (inner_->given(key) || !top_.given(key)) ? *inner_ : top_;
  }
  bool given(std::string_view key) { return of(key).given(key); }

  std::int64_t integer(std::string_view key, Range<std::int64_t> range) {
    return of(key).integer(key, range);
  }
  std::optional<std::int64_t> maybe_integer(std::string_view key, Range<std::int64_t> range) {
    return of(key).maybe_integer(key, range);
  }
  std::optional<bool> maybe_boolean(std::string_view key) { return of(key).maybe_boolean(key); }
  std::optional<std::string> maybe_text(std::string_view key) { return of(key).maybe_text(key); }

  // The first of several names that is there.
  std::optional<std::int64_t> first_integer(std::initializer_list<std::string_view> names,
                                            Range<std::int64_t> range) {
    for (const std::string_view key : names) {
      if (given(key)) return maybe_integer(key, range);
    }
    return std::nullopt;
  }

  Section& top() { return top_; }

 private:
  Section top_;
  std::optional<Section> inner_;
};

struct Dtype {
  std::string_view name;
  double bytes;
};
constexpr std::array kDtypeBytes{
    Dtype{"float32", 4}, Dtype{"float16", 2}, Dtype{"bfloat16", 2},
    Dtype{"int8", 1},    Dtype{"uint8", 1},   Dtype{"fp8", 1},
    Dtype{"int4", 1},    Dtype{"nf4", 1},     Dtype{"float8_e4m3fn", 1},
};

double read_dtype_bytes(Keys& keys) {
  const std::string_view key = keys.given("torch_dtype") ? "torch_dtype" : "dtype";
  std::string name = keys.maybe_text(key).value_or("bfloat16");
  if (name.starts_with("torch.")) name.erase(0, 6);
  for (const Dtype& dtype : kDtypeBytes) {
    if (dtype.name == name) return dtype.bytes;
  }
  keys.of(key).problem(key, {.message = fmt::format("unknown dtype `{}`", name),
                             .expected = "float32, float16, bfloat16, int8, uint8, fp8, int4 or nf4"});
  return 2;
}

bool is_llama4(const ModelFacts& model) {
  return model.model_type.starts_with("llama4");
}

std::optional<MoeConfig> read_moe(Keys& keys, const ModelFacts& model) {
  const std::int64_t experts =
      keys.first_integer({"n_routed_experts", "num_local_experts", "num_experts"}, {0, 100'000}).value_or(0);
  if (experts <= 1) return std::nullopt;
  MoeConfig moe{.experts = static_cast<int>(experts)};
  moe.experts_per_token = static_cast<int>(keys.integer("num_experts_per_tok", {1, experts}));
  moe.ffn = keys.maybe_integer("moe_intermediate_size", kWidth).value_or(0);
  if (moe.ffn == 0) moe.ffn = keys.integer("intermediate_size", kWidth);

  if (const auto shared = keys.maybe_integer("n_shared_experts", {0, 1000}))
    moe.shared_ffn = *shared * moe.ffn;
  if (const auto width = keys.maybe_integer("shared_expert_intermediate_size", kMaybeWidth))
    moe.shared_ffn = *width;
  if (is_llama4(model)) moe.shared_ffn = moe.ffn;

  moe.dense_prefix_layers =
      static_cast<int>(keys.maybe_integer("first_k_dense_replace", {0, model.layers}).value_or(0));
  if (const Node* const dense = keys.of("mlp_only_layers").node("mlp_only_layers")) {
    for (std::size_t i = 0; i < dense->children.size(); ++i) {
      if (dense->children[i].text == std::to_string(i)) continue;
      keys.of("mlp_only_layers")
          .problem("mlp_only_layers",
                   {.message = "dense layers that are not the first ones are not supported",
                    .expected = "0, 1, ... in order, or an empty list"});
      break;
    }
    moe.dense_prefix_layers = std::max(moe.dense_prefix_layers, static_cast<int>(dense->children.size()));
  }
  moe.every = static_cast<int>(
      keys.first_integer({"moe_layer_freq", "decoder_sparse_step", "interleave_moe_layer_step"},
                         {1, model.layers})
          .value_or(1));
  return moe;
}

std::optional<MlaConfig> read_mla(Keys& keys) {
  const auto rank = keys.maybe_integer("kv_lora_rank", {1, 1'000'000});
  if (!rank) return std::nullopt;
  const Range<std::int64_t> width{1, 1'000'000};
  return MlaConfig{
      .q_lora_rank = static_cast<int>(keys.maybe_integer("q_lora_rank", {0, width.high}).value_or(0)),
      .kv_lora_rank = static_cast<int>(*rank),
      .qk_nope_head_dim = static_cast<int>(keys.integer("qk_nope_head_dim", width)),
      .qk_rope_head_dim = static_cast<int>(keys.integer("qk_rope_head_dim", width)),
      .v_head_dim = static_cast<int>(keys.integer("v_head_dim", width))};
}

// A vision tower takes memory only. Towers of another make than Llama 4's are not counted.
double read_vision_elements(Keys& keys, const ModelFacts& model) {
  if (!is_llama4(model)) return 0;
  auto section = keys.top().section("vision_config");
  if (!section) return 0;
  section->allow_other_keys();
  return vision_elements({.layers = static_cast<int>(section->integer("num_hidden_layers", kLayers)),
                          .hidden = section->integer("hidden_size", kWidth),
                          .ffn = section->integer("intermediate_size", kWidth),
                          .adapter_hidden = section->integer("projector_output_dim", kWidth)},
                         model.hidden);
}

// Layers of `layer_types` that are called `name`; nothing if the config does not list its layers.
std::optional<int> count_layers(Keys& keys, std::string_view name) {
  if (!keys.given("layer_types")) return std::nullopt;
  const std::vector<std::string> types = keys.of("layer_types").texts("layer_types");
  return static_cast<int>(std::ranges::count(types, name));
}

std::optional<WindowConfig> read_window(Keys& keys, const ModelFacts& model) {
  WindowConfig window;
  if (const auto chunk = keys.maybe_integer("attention_chunk_size", kPositions)) {
    constexpr int kFullEvery = 4;  // Llama 4: every fourth layer has no rotary embedding and sees all
    window = {WindowConfig::Kind::chunked, *chunk,
              count_layers(keys, "chunked_attention").value_or(model.layers - model.layers / kFullEvery)};
  } else if (const auto tokens = keys.maybe_integer("sliding_window", kPositions);
             tokens && keys.maybe_boolean("use_sliding_window").value_or(true)) {
    int layers = model.layers;
    if (const auto full = keys.maybe_integer("max_window_layers", {0, kLayers.high})) {
      layers = std::max(0, model.layers - static_cast<int>(*full));  // Qwen2: the first ones see all
    } else if (const auto pattern = keys.maybe_integer("sliding_window_pattern", kLayers)) {
      layers = model.layers - model.layers / static_cast<int>(*pattern);  // Gemma 3: every sixth sees all
    }
    window = {WindowConfig::Kind::sliding, *tokens, count_layers(keys, "sliding_attention").value_or(layers)};
  }
  if (window.layers == 0) return std::nullopt;
  return window;
}

// What vLLM takes as the model's longest sequence. Rotary scaling stretches it: linear and dynamic
// scaling multiply the position count, YaRN the original one; llama3 and longrope have done so already.
std::int64_t read_max_positions(Keys& keys) {
  const std::int64_t stated = keys.first_integer({"max_position_embeddings", "n_positions", "max_seq_len",
                                                  "seq_length", "max_sequence_length", "model_max_length"},
                                                 kPositions)
                                  .value_or(0);
  const std::string_view scaling_key = keys.given("rope_scaling") ? "rope_scaling" : "rope_parameters";
  auto scaling = keys.of(scaling_key).section(scaling_key);
  if (!scaling) return stated;
  scaling->allow_other_keys();
  const std::string kind =
      scaling->maybe_text(scaling->given("rope_type") ? "rope_type" : "type").value_or("");
  const double factor = scaling->maybe_number("factor", kPositive).value_or(1);
  double positions = static_cast<double>(stated);
  if (kind == "yarn") {
    positions = static_cast<double>(
                    scaling->maybe_integer("original_max_position_embeddings", kPositions).value_or(stated)) *
                factor;
  } else if (kind == "linear" || kind == "dynamic") {
    positions *= factor;
  }
  return static_cast<std::int64_t>(std::min(positions, static_cast<double>(kPositions.high)));
}

ModelFacts read_config(Section top, std::string name) {
  Keys keys(std::move(top));
  ModelFacts model;
  model.name = std::move(name);
  model.model_type = keys.maybe_text("model_type").value_or("");
  model.layers = static_cast<int>(keys.integer("num_hidden_layers", kLayers));
  model.hidden = keys.integer("hidden_size", kWidth);
  model.heads = static_cast<int>(keys.integer("num_attention_heads", {1, 100'000}));
  const auto kv_heads = keys.maybe_integer("num_key_value_heads", {0, 100'000}).value_or(0);
  model.kv_heads = kv_heads > 0 ? static_cast<int>(kv_heads) : model.heads;
  if (model.heads > 0 && model.heads % model.kv_heads != 0) {
    keys.of("num_key_value_heads")
        .problem("num_key_value_heads",
                 {.message = "`num_key_value_heads` does not divide `num_attention_heads`",
                  .expected = fmt::format("a divisor of {}", model.heads)});
  }
  model.mla = read_mla(keys);
  if (const auto head_dim = keys.maybe_integer("head_dim", {1, 1'000'000})) {
    model.head_dim = static_cast<int>(*head_dim);
  } else if (model.heads > 0) {
    model.head_dim = static_cast<int>(model.hidden / model.heads);
    if (model.hidden % model.heads != 0 && !model.mla) {
      keys.of("hidden_size")
          .problem("hidden_size", {.message = "`hidden_size` is no multiple of `num_attention_heads`",
                                   .expected = "a multiple, or a key `head_dim`"});
    }
  }
  model.ffn = keys.maybe_integer("intermediate_size", kWidth).value_or(4 * model.hidden);
  if (is_llama4(model)) model.ffn = keys.maybe_integer("intermediate_size_mlp", kWidth).value_or(model.ffn);
  model.vocab = keys.maybe_integer("vocab_size", kWidth).value_or(0);  // 0: unknown; the seed has no head
  model.max_position_embeddings = read_max_positions(keys);
  model.dtype_bytes = read_dtype_bytes(keys);
  model.tie_word_embeddings = keys.maybe_boolean("tie_word_embeddings").value_or(false);
  model.moe = read_moe(keys, model);
  model.window = read_window(keys, model);
  model.vision_elements = read_vision_elements(keys, model);
  for (const char* const key : {"quantization_config", "compression_config", "hf_quant_config"}) {
    if (auto section = keys.of(key).section(key)) {
      model.quantization = read_quantization(std::move(*section));
      break;
    }
  }
  return model;
}

// What clients that say nothing get. Sampling from a part of the vocabulary is what costs.
std::optional<bool> read_default_sampling(const std::string& path) {
  DocumentReader reader(parse_json(read_file(path, "generation config"), path), "generation config");
  Section s = reader.root();
  s.allow_other_keys();
  const bool top_p = s.maybe_number("top_p", kShare).value_or(1) < 1;
  const bool top_k = s.maybe_integer("top_k", {-1, kWidth.high}).value_or(0) > 0;
  reader.check();
  return top_p || top_k;
}

}  // namespace

ModelFacts read_model_facts(const std::string& path) {
  std::error_code ignored;
  const fs::path file = fs::is_directory(path, ignored) ? fs::path(path) / "config.json" : fs::path(path);
  const fs::path folder = file.parent_path();
  const std::string name = folder.filename().empty() ? file.stem().string() : folder.filename().string();

  DocumentReader reader(parse_json(read_file(file.string(), "model config"), file.string()), "model config");
  ModelFacts model = read_config(reader.root(), name);
  reader.check();
  if (const fs::path beside = folder / "hf_quant_config.json";
      model.quantization.format == WeightFormat::native && is_file(beside.string())) {
    DocumentReader quant(parse_json(read_file(beside.string(), "quantization config"), beside.string()),
                         "quantization config");
    model.quantization = read_quantization(quant.root());
    quant.check();
  }
  if (const fs::path beside = folder / "generation_config.json"; is_file(beside.string())) {
    model.default_top_p_or_k = read_default_sampling(beside.string());
  }
  return model;
}

ModelConfig read_model_config(const std::string& path) {
  return read_model_facts(path);
}

}  // namespace blis
