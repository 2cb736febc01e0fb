#include "scenarios/quantization_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "scenarios/integer_groups.h"

namespace blis {
namespace {

using Reading = QuantizationReading;

// kv_cache_scheme: what --kv-cache-dtype auto follows.
bool reads_fp8_cache(const Reading& r) {
  if (const Node* const word = r.s.node("kv_cache_scheme"); word && word->kind == Node::Kind::scalar) {
    if (word->text != "FP8") r.unmodelled("kv_cache_scheme", "a KV cache of a kind that is not known", "FP8");
    return word->text == "FP8";
  }
  auto cache = r.s.section("kv_cache_scheme");
  if (!cache) return false;
  const auto bits = cache->maybe_integer("num_bits", kWeightBits).value_or(8);
  const std::string type = cache->maybe_text("type").value_or("float");
  const bool dynamic = cache->maybe_boolean("dynamic").value_or(false);
  if (bits == 8 && type == "float") return !dynamic;
  r.unmodelled("kv_cache_scheme", fmt::format("a KV cache of {}-bit `{}`", bits, type), "8-bit float");
  return false;
}

bool is_fp8_algorithm(const Reading& r) {
  const std::string algorithm = r.s.maybe_text("kv_cache_quant_algo").value_or("");
  if (algorithm.empty() || algorithm == "FP8") return algorithm == "FP8";
  r.unmodelled("kv_cache_quant_algo", fmt::format("a KV cache of the kind `{}`", algorithm), "FP8");
  return false;
}

Quantization read_fp8(const Reading& r) {
  Quantization q{.format = WeightFormat::fp8_tensor, .method = "fp8", .activation_bits = 8};
  const std::vector<double> block = r.s.given("weight_block_size")
                                        ? r.s.numbers("weight_block_size", {.low = 1, .high = 1e6})
                                        : std::vector<double>{};
  if (!block.empty()) {
    q.format = WeightFormat::fp8_block;
    q.group_size = static_cast<int>(block[0]);
    if (block.size() != 2 || block[0] != block[1]) {
      r.unmodelled("weight_block_size", "blocks of weights that are not square", "[128, 128]");
    }
  }
  if (const std::string experts = r.s.maybe_text("moe_quant_algo").value_or(""); !experts.empty()) {
    r.unmodelled("moe_quant_algo", fmt::format("routed experts in {} beside others in fp8", experts),
                 "no moe_quant_algo");
    for (const char* const key : {"config_groups", "ignore", "quantized_layers", "quant_algo", "group_size"})
      r.moot(key);
  }
  // vLLM reads the second list only where the first names nothing.
  const bool ignores = !r.s.texts("ignored_layers").empty();
  if (ignores) r.moot("modules_to_not_convert");
  r.store(q, {r.kept(ignores ? "ignored_layers" : "modules_to_not_convert", NameMatch::any_expert),
              storage_of(q, true)});
  return q;
}

Quantization read_mxfp4(const Reading& r) {
  r.moot("modules_to_not_convert");  // gpt-oss: the experts alone are quantized, whatever it lists
  return {.format = WeightFormat::mxfp4,
          .method = "mxfp4",
          .group_size = 32,
          .attention = false,
          .dense_mlp = false};
}

// What NVIDIA's Model Optimizer calls it. Nothing, and a finding at `key`, for what is not modelled.
std::optional<Storage> storage_of_algorithm(const Reading& r, Section& at, std::string_view key,
                                            std::string_view algorithm) {
  constexpr int kNvfp4Scaled = 16, kMxfp8Scaled = 32;
  if (algorithm == "FP8") return Storage{.format = WeightFormat::fp8_tensor, .activation_bits = 8};
  if (algorithm == "FP8_PER_CHANNEL_PER_TOKEN")
    return Storage{.format = WeightFormat::fp8_channel, .activation_bits = 8};
  if (algorithm == "NVFP4")
    return Storage{.format = WeightFormat::nvfp4, .group_size = kNvfp4Scaled, .activation_bits = 4};
  if (algorithm == "W4A16_NVFP4") return Storage{.format = WeightFormat::nvfp4, .group_size = kNvfp4Scaled};
  if (algorithm == "MXFP8")
    return Storage{.format = WeightFormat::mxfp8, .group_size = kMxfp8Scaled, .activation_bits = 8};
  r.findings.not_modelled.push_back(
      at.placed(key, {.message = fmt::format("the quantization algorithm `{}`", algorithm),
                      .expected = "FP8, NVFP4, W4A16_NVFP4, MXFP8, or MIXED_PRECISION of these"}));
  return std::nullopt;
}

// An expert's number by that of the first: experts of a layer are stored alike.
std::string of_first_expert(std::string name) {
  constexpr std::string_view kExperts = ".experts.";
  const std::size_t at = name.find(kExperts);
  if (at == std::string::npos) return name;
  const std::size_t begin = at + kExperts.size();
  std::size_t end = begin;
  while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
  return end == begin ? name : name.replace(begin, end - begin, "0");
}

// quantized_layers: an algorithm for each module that is quantized.
std::vector<StorageRule> read_quantized_layers(const Reading& r) {
  constexpr std::string_view kKey = "quantized_layers";
  auto layers = r.s.required_section(kKey);
  if (!layers) return {};
  std::vector<StorageRule> rules;
  std::map<std::string, std::string> of_experts;
  for (const std::string& name : layers->keys()) {
    auto layer = layers->section(name);
    if (!layer) continue;
    layer->allow_other_keys();
    const std::string algorithm = layer->text("quant_algo");
    const std::string module = of_first_expert(name);
    if (const auto [known, is_new] = of_experts.try_emplace(module, algorithm); !is_new) {
      if (known->second != algorithm) {
        r.unmodelled(kKey,
                     fmt::format("experts of a layer that are quantized in different ways (`{}`)", name),
                     "one way for all of them");
      }
      continue;
    }
    const auto storage = storage_of_algorithm(r, *layer, "quant_algo", algorithm);
    if (!storage) continue;
    auto rule = std::ranges::find(rules, *storage, &StorageRule::storage);
    if (rule == rules.end())
      rule = rules.insert(rule, {NameList({}, NameMatch::around), *storage, std::string(kKey)});
    rule->names.add(module);
  }
  return rules;
}

Quantization read_modelopt(const Reading& r) {
  Quantization q{.method = "modelopt"};
  const std::string algorithm = r.s.text("quant_algo");
  const bool mixed = algorithm == "MIXED_PRECISION";
  StorageRules rules;
  if (!algorithm.empty() && !mixed) {
    rules.otherwise = storage_of_algorithm(r, r.s, "quant_algo", algorithm).value_or(Storage{});
  }
  set_storage(q, rules.otherwise);
  if (q.format == WeightFormat::nvfp4) {
    if (const int group = group_size(r.s); group != 0 && group != q.group_size) {
      r.unmodelled("group_size", fmt::format("NVFP4 with a scale every {} weights", group), "16");
    }
  } else {
    r.moot("group_size");
  }
  const bool of_scheme = reads_fp8_cache(r), of_algorithm = is_fp8_algorithm(r);
  q.fp8_kv_cache = of_scheme || of_algorithm;
  r.moot("config_groups");  // `quant_algo` says the same
  rules.rules = r.kept(r.s.given("exclude_modules") ? "exclude_modules" : "ignore", NameMatch::wildcard);
  if (mixed) {
    std::ranges::move(read_quantized_layers(r), std::back_inserter(rules.rules));
  } else {
    r.moot("quantized_layers");
  }
  r.store(q, std::move(rules));
  return q;
}

WeightFormat format_of(const Reading& r, Section& weights, Quantization& q) {
  const auto bits = weights.integer("num_bits", kWeightBits);
  const std::string type = weights.maybe_text("type").value_or("int");
  const std::string strategy = weights.maybe_text("strategy").value_or("tensor");
  constexpr std::array<std::string_view, 5> kStrategies{"tensor", "channel", "block", "group",
                                                        "tensor_group"};
  if (std::ranges::find(kStrategies, strategy) == kStrategies.end()) {
    r.unmodelled("config_groups", fmt::format("scales by `{}`", strategy),
                 fmt::format("{}", fmt::join(kStrategies, ", ")));
  }
  if (bits == 4 || type != "float")
    r.findings.moot.push_back(weights.path("strategy"));  // group_size says it
  q.group_size = group_size(weights);
  if (bits == 8 && type == "float" && strategy == "block") {
    const std::vector<double> block = weights.numbers("block_structure", {.low = 1, .high = 1e6});
    q.group_size = block.empty() ? 0 : static_cast<int>(block[0]);
    return WeightFormat::fp8_block;
  }
  if (bits == 8 && type == "float") {
    return strategy == "tensor" ? WeightFormat::fp8_tensor : WeightFormat::fp8_channel;
  }
  if (bits == 8 && type == "int") return WeightFormat::int8;
  if (bits == 4 && type == "float") return q.group_size == 32 ? WeightFormat::mxfp4 : WeightFormat::nvfp4;
  if (bits == 4 && type == "int") return WeightFormat::int4;
  r.unmodelled("config_groups", fmt::format("weights of {}-bit `{}`", bits, type),
               "4 or 8 bits, int or float");
  return WeightFormat::native;
}

// One of config_groups: how it stores, and what.
struct TensorGroup {
  Storage storage;
  std::vector<std::string> names;  // modules; the other linear layers, too, if `linear`
  bool linear = false;
};

TensorGroup read_group(const Reading& r, Section group) {
  TensorGroup read;
  constexpr std::string_view kLinear = "Linear";
  for (std::string& target : group.texts("targets")) {
    if (target == kLinear) {
      read.linear = true;
    } else {
      read.names.push_back(std::move(target));
    }
  }
  if (read.names.empty()) read.linear = true;
  Quantization q;
  if (auto input = group.section("input_activations")) {
    q.activation_bits = static_cast<int>(input->maybe_integer("num_bits", kWeightBits).value_or(16));
  }
  if (auto weights = group.required_section("weights")) {
    q.format = format_of(r, *weights, q);
    read_zero_points(r, *weights, "symmetric", /*symmetric=*/true, q);
  }
  read.storage = storage_of(q, true);
  return read;
}

Quantization read_compressed_tensors(const Reading& r) {
  Quantization q{.method = "compressed-tensors"};
  q.fp8_kv_cache = reads_fp8_cache(r);
  constexpr std::array<std::string_view, 8> kFormats{
      "float-quantized",      "int-quantized",        "pack-quantized",  "naive-quantized",
      "nvfp4-pack-quantized", "mxfp4-pack-quantized", "mixed-precision", ""};
  if (const std::string format = r.s.maybe_text("format").value_or("");
      std::ranges::find(kFormats, format) == kFormats.end()) {
    r.unmodelled("format", fmt::format("checkpoints of the format `{}`", format),
                 "float-quantized, int-quantized, pack-quantized or nvfp4-pack-quantized");
  }
  auto groups = r.s.required_section("config_groups");
  if (!groups) return q;
  if (groups->keys().empty())
    r.unmodelled("config_groups", "no group says how weights are stored", "one or more");
  StorageRules rules{r.kept("ignore", NameMatch::whole), {}};
  for (const std::string& name : groups->keys()) {
    auto section = groups->section(name);
    if (!section) continue;
    TensorGroup group = read_group(r, std::move(*section));
    if (group.linear) rules.otherwise = group.storage;
    if (!group.names.empty())
      rules.rules.push_back({NameList(group.names, NameMatch::whole), group.storage, "config_groups"});
  }
  set_storage(q, rules.otherwise);
  r.store(q, std::move(rules));
  return q;
}

Quantization read_scheme(const Reading& r) {
  const std::string method = r.s.given("quant_method") ? r.s.text("quant_method")
                             : r.s.given("quant_algo") ? "modelopt"
                                                       : r.s.text("quant_method");
  if (method == "fp8" || method == "fbgemm_fp8") return read_fp8(r);
  if (method == "awq" || method == "awq_marlin") return read_awq(r);
  if (method == "gptq" || method == "gptq_marlin") return read_gptq(r);
  if (method == "auto-round" || method == "inc") return read_auto_round(r);
  if (method == "mxfp4") return read_mxfp4(r);
  if (method == "modelopt" || method == "modelopt_fp4") return read_modelopt(r);
  if (method == "compressed-tensors" || method == "compressed_tensors") return read_compressed_tensors(r);
  if (method.empty()) return {};
  // Source: vllm/model_executor/layers/quantization/__init__.py of 2026-08-20.
  constexpr std::array<std::string_view, 5> kNotInVllm{"bitsandbytes", "gguf", "hqq", "mlx", "aqlm"};
  const bool nowhere = std::ranges::find(kNotInVllm, method) != kNotInVllm.end();
  r.unmodelled("quant_method",
               nowhere ? fmt::format("the quantization method `{}`, which vLLM does not have", method)
                       : fmt::format("the quantization method `{}`", method),
               "fp8, compressed-tensors, awq, gptq, auto-round, mxfp4 or modelopt (FP8, NVFP4)");
  return {};
}

}  // namespace

Quantization read_quantization(Section config, ModelFacts& model, Findings& findings) {
  if (auto nested = config.section("quantization"))
    return read_quantization(std::move(*nested), model, findings);
  return read_scheme({config, model, findings});
}

std::optional<Quantization> usual_quantization(std::string_view method) {
  if (method == "fp8")
    return Quantization{.format = WeightFormat::fp8_tensor, .method = "fp8", .activation_bits = 8};
  if (method == "compressed-tensors") {
    return Quantization{
        .format = WeightFormat::fp8_channel, .method = "compressed-tensors", .activation_bits = 8};
  }
  if (method == "int8")
    return Quantization{.format = WeightFormat::int8, .method = "int8", .activation_bits = 8};
  if (method.starts_with("awq") || method.starts_with("gptq")) {
    return Quantization{.format = WeightFormat::int4, .method = std::string(method), .group_size = 128};
  }
  if (method == "mxfp4")
    return Quantization{.format = WeightFormat::mxfp4, .method = "mxfp4", .group_size = 32};
  if (method == "nvfp4") {
    return Quantization{
        .format = WeightFormat::nvfp4, .method = "nvfp4", .group_size = 16, .activation_bits = 4};
  }
  return std::nullopt;
}

}  // namespace blis
