#include "scenarios/quantization_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace blis {
namespace {

constexpr Range<std::int64_t> kBits{1, 32};
constexpr Range<std::int64_t> kGroup{-1, 1'000'000};  // -1: one scale a channel

int group_size(Section& s) {
  const auto size = s.maybe_integer("group_size", kGroup).value_or(0);
  return size > 0 ? static_cast<int>(size) : 0;
}

// Patterns that take whole parts of the model out: `re:.*self_attn.*`. One layer's name is too little
// to count.
bool leaves_out(const std::vector<std::string>& ignored, std::string_view part) {
  return std::ranges::any_of(ignored, [&](const std::string& pattern) {
    const bool general = pattern.starts_with("re:") || pattern.find(".layers.") == std::string::npos;
    return general && pattern.find(part) != std::string::npos;
  });
}

void unsupported(Section& s, std::string_view key, std::string message) {
  s.problem(key, {.message = std::move(message),
                  .expected = "fp8, compressed-tensors, awq, gptq, mxfp4 or modelopt (FP8, NVFP4)",
                  .hint = "set `engine.quantization` to the nearest of these, on the config without "
                          "`quantization_config`"});
}

Quantization read_fp8(Section& s) {
  Quantization q{.format = WeightFormat::fp8_tensor, .method = "fp8", .activation_bits = 8};
  if (const std::vector<double> block = s.given("weight_block_size")
                                            ? s.numbers("weight_block_size", {.low = 1, .high = 1e6})
                                            : std::vector<double>{};
      !block.empty()) {
    q.format = WeightFormat::fp8_block;
    q.group_size = static_cast<int>(block[0]);
  }
  return q;
}

Quantization read_int4(Section& s, std::string method) {
  const auto bits = s.maybe_integer(s.given("w_bit") ? "w_bit" : "bits", kBits).value_or(4);
  Quantization q{.format = WeightFormat::int4, .method = std::move(method), .group_size = group_size(s)};
  q.lm_head = s.maybe_boolean("lm_head").value_or(false);
  if (bits == 8) {
    q.format = WeightFormat::int8;
  } else if (bits != 4) {
    unsupported(s, "bits", fmt::format("{}-bit weights are not supported", bits));
  }
  return q;
}

Quantization read_mxfp4(Section& s) {
  s.allow_other_keys();
  // gpt-oss: the experts alone are quantized.
  return {.format = WeightFormat::mxfp4,
          .method = "mxfp4",
          .group_size = 32,
          .attention = false,
          .dense_mlp = false};
}

Quantization read_modelopt(Section& s) {
  Quantization q{.method = "modelopt"};
  const std::string algorithm = s.text("quant_algo");
  if (algorithm == "FP8") {
    q.format = WeightFormat::fp8_tensor;
    q.activation_bits = 8;
  } else if (algorithm == "NVFP4") {
    q.format = WeightFormat::nvfp4;
    q.activation_bits = 4;
    q.group_size = 16;
  } else if (!algorithm.empty()) {
    unsupported(s, "quant_algo", fmt::format("quantization algorithm `{}` is not supported", algorithm));
  }
  q.fp8_kv_cache = s.maybe_text("kv_cache_quant_algo").value_or("") == "FP8";
  const std::vector<std::string> ignored = s.texts(s.given("exclude_modules") ? "exclude_modules" : "ignore");
  q.attention = !leaves_out(ignored, "self_attn");
  return q;
}

// The scheme of the first group; checkpoints with several differ in activations only.
Quantization read_compressed_tensors(Section& s) {
  Quantization q{.method = "compressed-tensors"};
  const std::vector<std::string> ignored = s.texts("ignore");
  q.attention = !leaves_out(ignored, "self_attn");
  if (auto cache = s.section("kv_cache_scheme")) {
    cache->allow_other_keys();
    q.fp8_kv_cache = cache->maybe_integer("num_bits", kBits).value_or(16) == 8;
  }
  auto groups = s.required_section("config_groups");
  if (!groups || groups->keys().empty()) return q;
  auto group = groups->section(groups->keys().front());
  if (!group) return q;
  group->allow_other_keys();
  if (auto input = group->section("input_activations")) {
    input->allow_other_keys();
    q.activation_bits = static_cast<int>(input->maybe_integer("num_bits", kBits).value_or(16));
  }
  auto weights = group->required_section("weights");
  if (!weights) return q;
  weights->allow_other_keys();
  const auto bits = weights->integer("num_bits", kBits);
  const std::string type = weights->maybe_text("type").value_or("int");
  const std::string strategy = weights->maybe_text("strategy").value_or("tensor");
  q.group_size = group_size(*weights);
  if (bits == 8 && type == "float") {
    q.format = strategy == "tensor"  ? WeightFormat::fp8_tensor
               : strategy == "block" ? WeightFormat::fp8_block
                                     : WeightFormat::fp8_channel;
    if (strategy == "block") {
      const std::vector<double> block = weights->numbers("block_structure", {.low = 1, .high = 1e6});
      q.group_size = block.empty() ? 0 : static_cast<int>(block[0]);
    }
  } else if (bits == 8) {
    q.format = WeightFormat::int8;
  } else if (bits == 4 && type == "float") {
    q.format = q.group_size == 32 ? WeightFormat::mxfp4 : WeightFormat::nvfp4;
  } else if (bits == 4) {
    q.format = WeightFormat::int4;
  } else {
    unsupported(*weights, "num_bits", fmt::format("{}-bit {} weights are not supported", bits, type));
  }
  return q;
}

}  // namespace

Quantization read_quantization(Section config) {
  config.allow_other_keys();
  if (auto nested = config.section("quantization")) return read_quantization(std::move(*nested));
  const std::string method = config.given("quant_method") ? config.text("quant_method")
                             : config.given("quant_algo") ? "modelopt"
                                                          : config.text("quant_method");
  if (method == "fp8" || method == "fbgemm_fp8") return read_fp8(config);
  if (method == "awq" || method == "gptq") return read_int4(config, method);
  if (method == "mxfp4") return read_mxfp4(config);
  if (method.starts_with("modelopt")) return read_modelopt(config);
  if (method == "compressed-tensors" || method == "compressed_tensors")
    return read_compressed_tensors(config);
  if (!method.empty())
    unsupported(config, "quant_method", fmt::format("quantization method `{}` is not supported", method));
  return {};
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
