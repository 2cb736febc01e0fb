// How a checkpoint stores its weights, as a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace blis {

// How weights are stored.
enum class WeightFormat : std::uint8_t {
  native,       // in the model's own dtype
  fp8_tensor,   // 8-bit float, one scale a tensor
  fp8_channel,  // 8-bit float, one scale an output channel
  fp8_block,    // 8-bit float, one scale a `group_size` x `group_size` block
  int8,         // 8-bit integer, one scale an output channel
  int4,         // 4-bit integer, a 16-bit scale (and zero point) a group: AWQ, GPTQ
  mxfp4,        // 4-bit float, an 8-bit scale every 32 weights
  nvfp4,        // 4-bit float, an 8-bit scale every 16 weights
  mxfp8,        // 8-bit float, an 8-bit scale every 32 weights
};
std::string_view to_string(WeightFormat format);
// Weight and scale bits an element: 16 * native_bytes / 2 for `native`, 4.25 for mxfp4, ...
// `group_size` 0 stands for the format's own default; groups of int4 may have a zero point beside the scale.
double bits_per_weight(WeightFormat format, double native_bytes, int group_size, bool zero_points = true);

// How one matrix is stored, and what its product's input is cast to.
struct Storage {
  WeightFormat format = WeightFormat::native;
  int group_size = 0;  // see Quantization; likewise below
  bool zero_points = true;
  int activation_bits = 16;
  friend bool operator==(const Storage&, const Storage&) = default;
};
// Bytes of an element of it, scales included.
double bytes_per_weight(const Storage& storage, double native_bytes);

// From `quantization_config` (quant_method fp8 | compressed-tensors | awq | gptq | mxfp4 | ...) or
// `hf_quant_config` (quant_algo, kv_cache_quant_algo). Embeddings, router and head stay in the
// model's dtype unless said.
struct Quantization {
  WeightFormat format = WeightFormat::native;
  std::string method;        // as the config names it, for people: "compressed-tensors"
  int group_size = 0;        // weights that share a scale (weight_block_size[0], group_size); 0: default
  bool zero_points = true;   // of int4: not where zero is in the middle (symmetric, sym)
  int activation_bits = 16;  // what a GEMM's input is cast to: 8 with fp8 and W8A8 int8 (AWQ, GPTQ and
                             // mxfp4 leave it at 16); 4 with nvfp4
  bool attention = true;     // which parts are quantized: gpt-oss (mxfp4) has experts only, a
  bool dense_mlp = true;     // compressed-tensors `ignore` list may name self_attn or lm_head
  bool experts = true;
  bool lm_head = false;
  std::optional<Storage> lm_head_as{};  // if quantized, but not like the layers
  bool fp8_kv_cache = false;            // the checkpoint asks for an 8-bit KV cache (kv_cache_quant_algo FP8,
                                        // kv_cache_scheme num_bits 8); --kv-cache-dtype auto follows it
};
// Of the quantized matrices, or of those that are not. Single matrices may be stored otherwise; their
// Product says so.
Storage storage_of(const Quantization& q, bool quantized);
void set_storage(Quantization& q, const Storage& quantized);
Storage storage_of_head(const Quantization& q);

}  // namespace blis
