// A model's files into a ModelFacts: its family says what its keys mean, and no key passes that nobody
// knows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <utility>

#include "scenarios/catalog.h"
#include "scenarios/models/architectures.h"
#include "scenarios/models/class_defaults.h"
#include "scenarios/models/departures.h"
#include "scenarios/models/family.h"
#include "scenarios/models/parts.h"
#include "scenarios/models/unread_keys.h"
#include "scenarios/models/word_list.h"
#include "scenarios/quantization_reader.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// Names of torch's dtypes.
constexpr std::string_view kSingleNames = "float32 float", kHalfNames = "bfloat16 float16 half";
constexpr std::string_view kOtherNames =
    "float64 double float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int4 uint4 int8 "
    "uint8 int16 short int32 int int64 long";

// A checkpoint may be of a dtype that vLLM computes no model in; it then casts to bfloat16. Source:
// _resolve_auto_dtype of vllm/config/model.py.
double read_dtype_bytes(Keys& keys, ModelFacts& model) {
  const std::string_view key = keys.given("dtype") ? "dtype" : "torch_dtype";
  std::string name = keys.text(key).value_or("bfloat16");
  if (name.starts_with("torch.")) name.erase(0, 6);
  if (has_word(kSingleNames, name)) return 4;
  if (has_word(kHalfNames, name)) return 2;
  if (has_word(kOtherNames, name)) {
    model.remarks.push_back(fmt::format(
        "vLLM computes nothing in `{}`: what no quantization covers is loaded in bfloat16", name));
    return 2;
  }
  keys.of(key).problem(key, {.message = fmt::format("unknown dtype `{}`", name),
                             .expected = "a dtype of torch: bfloat16, float16 or float32"});
  return 2;
}

// Activations of MLPs, all of which cost the same.
constexpr std::array<std::string_view, 9> kGated{
    "silu", "swish", "swiglu", "gelu", "gelu_new", "gelu_fast", "gelu_tanh", "gelu_pytorch_tanh", "geglu"};
constexpr std::array<std::string_view, 7> kPlain{"gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh",
                                                 "relu", "relu2",    "xielu"};

void check_activation(Keys& keys, bool plain_mlp) {
  const std::span<const std::string_view> known =
      plain_mlp ? std::span<const std::string_view>(kPlain) : std::span<const std::string_view>(kGated);
  for (const std::string_view key : {"hidden_act", "hidden_activation", "activation_function"}) {
    if (!keys.given(key)) continue;
    const std::string name = keys.text(key).value_or("");
    if (std::ranges::find(known, name) != known.end()) continue;
    keys.not_modelled(key, fmt::format("MLPs with the activation `{}`", name),
                      fmt::format("one of {}", fmt::join(known, ", ")));
  }
}

bool any_given(Keys& keys, Keys::Names names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return keys.given(name); });
}

void read_heads(Keys& keys, const Family& family, ModelFacts& model) {
  constexpr std::string_view kKvHeads = "num_key_value_heads";
  model.heads = static_cast<int>(keys.integer({"num_attention_heads", "n_heads", "n_head"}, kHeads));
  model.kv_heads = model.heads;
  if (!family.kv_heads) return;
  const bool may_be_absent = family.latent || family.guessed || keys.has(kKvHeads);  // null: as many
  const auto kv_heads =
      keys.integer({kKvHeads, "n_head_kv", "num_kv_heads", "num_attention_groups"}, {0, kHeads.high},
                   may_be_absent ? std::optional<std::int64_t>(model.heads) : std::nullopt);
  if (kv_heads == 0) {  // as good as null
    keys.moot(kKvHeads);
  } else {
    model.kv_heads = static_cast<int>(kv_heads);
  }
}

void check_heads(Keys& keys, const Family& family, const ModelFacts& model) {
  if (family.latent) {
    keys.moot("num_key_value_heads");
  } else if (any_given(keys, {"num_attention_heads", "n_heads", "n_head"}) &&
             (model.kv_heads < 1 || model.heads % model.kv_heads != 0)) {
    keys.of("num_key_value_heads")
        .problem("num_key_value_heads",
                 {.message = "`num_key_value_heads` does not divide `num_attention_heads`",
                  .expected = fmt::format("a divisor of {}", model.heads)});
  }
}

void read_head_dim(Keys& keys, const Family& family, ModelFacts& model) {
  constexpr Range<std::int64_t> kSize{1, 1'000'000};
  model.head_dim = static_cast<int>(model.hidden / model.heads);
  if (family.head_dim) {
    model.head_dim = static_cast<int>(keys.integer({"head_dim"}, kSize));
  } else if (const auto given =
                 keys.maybe_integer({"head_dim", "attention_head_dim", "kv_channels"}, kSize)) {
    model.head_dim = static_cast<int>(*given);
    if (family.latent) keys.moot("head_dim");
  } else if (!family.latent && model.hidden % model.heads != 0) {
    keys.of("hidden_size")
        .problem("hidden_size", {.message = "`hidden_size` is no multiple of `num_attention_heads`",
                                 .expected = "a multiple, or a key `head_dim`"});
  }
}

// Whether one matrix is both embedding and head; null is no.
bool read_tied(Keys& keys, const Family& family) {
  constexpr std::string_view kKey = "tie_word_embeddings";
  if (keys.has(kKey) || family.guessed) return keys.boolean(kKey).value_or(false);
  return keys.of(kKey).boolean(kKey);  // records that it is missing
}

MlaConfig read_latent(Keys& keys, const Family& family, const ModelFacts& model) {
  // The class of MiniCPM3, alone, has a default: hidden / heads.
  const auto value_width =
      model.model_type == "minicpm3" ? std::optional(model.hidden / model.heads) : std::nullopt;
  const Range<std::int64_t> width{1, 1'000'000};
  const auto none =
      keys.has("q_lora_rank") || family.guessed ? std::optional<std::int64_t>(0) : std::nullopt;  // null
  return MlaConfig{.q_lora_rank = static_cast<int>(keys.integer({"q_lora_rank"}, {0, width.high}, none)),
                   .kv_lora_rank = static_cast<int>(keys.integer({"kv_lora_rank"}, width)),
                   .qk_nope_head_dim = static_cast<int>(keys.integer({"qk_nope_head_dim"}, width)),
                   .qk_rope_head_dim = static_cast<int>(keys.integer({"qk_rope_head_dim"}, width)),
                   .v_head_dim = static_cast<int>(keys.integer({"v_head_dim"}, width, value_width))};
}

void read_dense_width(Keys& keys, const Family& family, ModelFacts& model) {
  bool any_dense = false;
  for (int layer = 0; layer < model.layers; ++layer) any_dense = any_dense || !has_experts(model, layer);
  const std::string_view key = family.dense_width;
  if (any_dense) {
    model.ffn = keys.integer({key}, kWidth);
  } else if (!family.experts || family.experts->width != key) {
    model.ffn = keys.maybe_integer({key}, kWidth).value_or(4 * model.hidden);
    keys.moot(key);
  } else {
    model.ffn = model.moe->ffn;
  }
}

// What the files of a model of no modelled family are made of, as far as their keys say.
Family guess(Keys& keys, std::string_view model_type) {
  Family family{.model_type = model_type, .architectures = "", .guessed = true};
  const auto any = [&](Keys::Names names) { return any_given(keys, names); };
  if (any({"num_experts", "moe_num_experts", "n_routed_experts", "num_local_experts"})) {
    family.experts =
        ExpertLayout{.dense = any({"first_k_dense_replace"}) ? DenseLayers::prefix : DenseLayers::step,
                     .shared = any({"shared_expert_intermediate_size", "shared_intermediate_size"})
                                   ? SharedExperts::width_given
                                   : SharedExperts::counted,
                     .width = any({"moe_intermediate_size"}) ? "moe_intermediate_size" : "intermediate_size"};
  }
  family.latent = any({"kv_lora_rank"});
  return family;
}

// Some configs have a list of the layers, or a letter for each, and no number (Nemotron-H).
std::optional<std::int64_t> listed_layers(Keys& keys) {
  constexpr std::string_view kList = "layers_block_type", kLetters = "hybrid_override_pattern";
  std::int64_t listed = keys.given(kLetters) ? std::ssize(keys.text(kLetters).value_or("")) : 0;
  if (keys.given(kList)) listed = std::ssize(keys.of(kList).texts(kList));
  return listed > 0 ? std::optional(listed) : std::nullopt;
}

// Sizes that a config hardly leaves out but by mistake, and that its class has.
void say_sizes_of_class(Keys& keys, ModelFacts& model) {
  std::string names;
  for (const char* const key : {"num_hidden_layers", "hidden_size", "intermediate_size"}) {
    const Section& section = keys.of(key);
    if (section.given(key) && section.place(key).line == 0)
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", key);
  }
  if (!names.empty()) model.remarks.push_back(fmt::format("{} not in the config: as in its class", names));
}

ModelFacts read_text(Keys& keys, const Family& family) {
  ModelFacts model;
  model.model_type = family.model_type;
  model.layers = static_cast<int>(
      keys.integer({"num_hidden_layers", "n_layers", "num_layers", "n_layer"}, kLayers, listed_layers(keys)));
  model.hidden = keys.integer({"hidden_size", "n_embd", "d_model", "n_embed"}, kWidth);
  if (family.attention) {
    read_heads(keys, family, model);
    if (family.latent) model.mla = read_latent(keys, family, model);
    read_head_dim(keys, family, model);
  }
  model.vocab = keys.integer({"vocab_size", "padded_vocab_size"}, kWidth);
  const SequenceLimit sequence = read_longest_sequence(keys, family);
  model.max_position_embeddings = sequence.longest;
  model.default_max_model_len = sequence.unasked;
  model.max_model_len_from = sequence.from;
  model.dtype_bytes = read_dtype_bytes(keys, model);
  model.tie_word_embeddings = read_tied(keys, family);
  check_activation(keys, family.plain_mlp);
  model.plain_mlp = family.plain_mlp;
  model.moe = read_experts(keys, family, model);
  say_sizes_of_class(keys, model);
  if (family.parallel_blocks) model.remarks.emplace_back(kParallelBlocks);
  if (family.departs) family.departs(keys, model);
  if (family.attention) check_heads(keys, family, model);
  if (!family.dense_width.empty()) read_dense_width(keys, family, model);
  if (family.layers) {
    family.layers(keys, model);
  } else if (!model.own_layers) {
    model.window = read_windows(keys, family, model);
  }
  return model;
}

void read_quantization_of(Keys& keys, ModelFacts& model) {
  for (const char* const key : {"quantization_config", "compression_config", "hf_quant_config"}) {
    if (auto section = keys.of(key).section(key)) {
      model.quantization = read_quantization(std::move(*section), model, keys.findings());
      return;
    }
  }
}

// Configs have some kilobytes; what is larger is something else, and slow to read.
void refuse_huge(const fs::path& file) {
  constexpr std::uintmax_t kMost = 10'000'000;
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error || size <= kMost) return;
  throw InputError(ErrorKind::usage, {.place = {file.string()},
                                      .message = "this file is too large for a model config",
                                      .expected = fmt::format("at most {} bytes", kMost),
                                      .got = fmt::format("{} bytes", size)});
}

// Wrong files that users take for a config.
void refuse_other_files(Section& top) {
  if (top.has("weight_map")) {
    top.problem("weight_map", {.message = "this is the index of a checkpoint's weights, not a model's config",
                               .expected = "the config.json that lies beside it"});
  } else if (top.has("peft_type")) {
    top.problem("peft_type", {.message = "this is the config of an adapter (LoRA), not of a model",
                              .expected = "the config.json of the model that it is for"});
  } else if (top.has("dim") && top.has("n_layers") && !top.has("model_type")) {
    top.problem("dim", {.message = "this is a params.json in Mistral's own format, not a model's config",
                        .expected = "the config.json that lies beside it, in the format of Hugging Face"});
  } else if (!top.given("model_type")) {
    top.text("model_type");  // records that it is missing
  }
}

// The row of the model; nullptr, with the finding, if there is none or it is not modelled.
const Family* find_modelled(Section& top, std::string_view key, std::string_view model_type,
                            Findings& findings) {
  const Family* const family = find_family(model_type);
  if (!family) {
    std::vector<std::string> names;
    for (const Family& known : families()) names.emplace_back(known.model_type);
    findings.not_modelled.push_back(
        top.placed(key, {.message = fmt::format("models of the type `{}` are not known", model_type),
                         .expected = "a type that docs/models.md lists",
                         .hint = did_you_mean(std::string(model_type), names)}));
    return nullptr;
  }
  if (key == "model_type") findings.add(check_architecture(top, *family));
  if (family->unmodelled.empty()) return family;
  findings.not_modelled.push_back(top.placed(
      key, {.message = fmt::format("a `{}` has {}; that is not modelled", model_type, family->unmodelled),
            .expected = "a model that docs/models.md lists as modelled"}));
  return nullptr;
}

void refuse_unmodelled(std::vector<Problem> problems) {
  constexpr std::size_t kMost = 20;
  if (problems.size() > kMost) {
    const std::size_t more = problems.size() - kMost;
    problems.resize(kMost);
    problems.push_back({.message = fmt::format("and {} more parts that are not modelled", more)});
  }
  std::string& hint = problems.back().hint;
  hint += fmt::format("{}{}", hint.empty() ? "" : "\n", kAllowUnmodelled);
  throw InputError(ErrorKind::not_modelled, std::move(problems));
}

// One config.json while it becomes a ModelFacts.
ModelFacts read_config(Section top, const ModelRules& rules, Findings& findings) {
  Keys keys(top, findings);
  const std::string outer_type = top.text("model_type");
  const ServedClass* served = nullptr;
  if (const Family* const known = find_family(outer_type)) {
    served = served_class(top, *known);
    findings.add(check_release(top, *known, rules.vllm));
  }
  const Family* const outer = find_modelled(top, "model_type", outer_type, findings);
  const auto check_family = [&] {
    if (!findings.not_modelled.empty() && !rules.allow_unmodelled) refuse_unmodelled(findings.not_modelled);
  };
  check_family();

  const Family* text = outer;
  std::string text_type = outer_type;
  if (keys.inner()) {
    text_type = keys.inner()->maybe_text("model_type").value_or(outer ? std::string(outer->text) : "");
    text = text_type.empty()
               ? nullptr
               : find_modelled(*keys.inner(), keys.inner()->given("model_type") ? "model_type" : "",
                               text_type, findings);
    check_family();
  } else if (outer && !outer->text.empty()) {
    text = find_family(outer->text);
  }
  const Family guessed = text ? Family{} : guess(keys, text_type);
  ModelFacts model = read_text(keys, text ? *text : guessed);
  if (text) check_windows_of_release(keys, *text, rules.vllm);
  if (served) model.served_by = fmt::format("{}, vLLM {}", served->name, releases_with(*served));
  constexpr Range<std::int64_t> kModules{0, 1000};
  model.predicting_layers = static_cast<int>(
      keys.maybe_integer({"num_nextn_predict_layers", "mtp_num_hidden_layers"}, kModules).value_or(0));
  for (const std::string_view key : {"num_nextn_predict_layers", "mtp_num_hidden_layers"}) keys.moot(key);
  // A class that is told of no tower makes one of its own sizes.
  const auto tower = [&](const char* key) {
    return outer->towers_may_be_absent ? top.section(key) : top.required_section(key);
  };
  if (outer && outer->vision) {
    if (auto section = tower("vision_config")) {
      if (section->place().line == 0) {
        model.remarks.emplace_back("no `vision_config`: its class makes a vision tower of sizes of its own");
      }
      VisionTower vision = outer->vision(*section, model, findings);
      model.vision_elements = vision.elements;
      model.whole_vision = vision.whole;
      model.vision = std::move(vision.encoder);
    }
  }
  if (outer && outer->audio) {
    if (auto section = tower("audio_config")) model.audio_elements = outer->audio(*section, model, findings);
  }
  if (top.texts("architectures").empty()) findings.moot.emplace_back("architectures");
  read_quantization_of(keys, model);
  judge_unread(keys);
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

Quantization read_quantization_file(const std::string& path, ModelFacts& model, Findings& findings) {
  DocumentReader reader(parse_json(read_file(path, "quantization config"), path), "quantization config");
  Section root = reader.root();
  Quantization quantization = read_quantization(root, model, findings);
  judge_unread(root, KeyPlace::quantization, findings);
  reader.check();
  return quantization;
}

// vLLM serves a model as one of embeddings, whatever its class, where the list of its modules has a pooling
// one. Source: get_pooling_config of vllm/transformers_utils/config.py.
void check_pooling(const std::string& path, Findings& findings) {
  if (!is_file(path)) return;
  constexpr std::string_view kPooling = "sentence_transformers.models.Pooling";
  if (read_file(path, "list of modules").find(kPooling) == std::string::npos) return;
  findings.not_modelled.push_back({.place = {path},
                                   .message = "this list of modules makes it a model of embeddings",
                                   .expected = "a model that generates text"});
}

}  // namespace

ModelFacts read_model_facts(const std::string& path, const ModelRules& rules,
                            std::vector<std::string>* moot) {
  std::error_code ignored;
  const fs::path file = fs::is_directory(path, ignored) ? fs::path(path) / "config.json" : fs::path(path);
  const fs::path folder = file.parent_path();

  refuse_huge(file);
  Document config = parse_json(read_file(file.string(), "model config"), file.string());
  add_class_defaults(config.root);
  DocumentReader reader(std::move(config), "model config");
  Section top = reader.root();
  refuse_other_files(top);
  reader.check();
  Findings findings;
  ModelFacts model = read_config(top, rules, findings);
  reader.check();
  model.name = folder.filename().empty() ? file.stem().string() : folder.filename().string();
  if (const fs::path beside = folder / "hf_quant_config.json";
      model.quantization.format == WeightFormat::native && is_file(beside.string())) {
    model.quantization = read_quantization_file(beside.string(), model, findings);
  }
  check_pooling((folder / "modules.json").string(), findings);
  if (!findings.not_modelled.empty()) {
    if (!rules.allow_unmodelled) refuse_unmodelled(std::move(findings.not_modelled));
    for (Problem& problem : findings.not_modelled) model.not_modelled.push_back(std::move(problem.message));
  }
  if (const fs::path beside = folder / "generation_config.json"; is_file(beside.string())) {
    model.default_top_p_or_k = read_default_sampling(beside.string());
  }
  if (moot) *moot = std::move(findings.moot);
  return model;
}

ModelConfig read_model_config(const std::string& path, const ModelRules& rules) {
  return read_model_facts(path, rules);
}

}  // namespace blis
