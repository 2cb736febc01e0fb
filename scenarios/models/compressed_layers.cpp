#include <fmt/format.h>

#include <map>

#include "roofline/kinds.h"
#include "scenarios/models/layer_words.h"
#include "scenarios/models/state_layers.h"

namespace blis {
namespace {

constexpr std::string_view kRatios = "compress_ratios", kExpertDtype = "expert_dtype";
constexpr int kPicked = 4, kAllRead = 128;  // the ratios that vLLM has

// One for each layer; those that predict ahead may have some at the end.
std::vector<std::int64_t> read_ratios(Keys& keys, const ModelFacts& m) {
  if (!keys.given(kRatios)) keys.of(kRatios).required_section(kRatios);  // notes that it is missing
  std::vector<std::int64_t> ratios = keys.integers(kRatios, {0, kAllRead});
  const auto more = keys.maybe_integer({"num_nextn_predict_layers"}, {0, 1000}).value_or(0);
  const auto entries = std::ssize(ratios);
  if (entries != m.layers && entries != m.layers + more) {
    not_one_per_layer(keys.of(kRatios), kRatios, m.layers, ratios.size());
    return {};
  }
  const std::string path = keys.of(kRatios).path(kRatios);
  for (std::size_t i = static_cast<std::size_t>(m.layers); i < ratios.size(); ++i) {
    keys.findings().moot.push_back(fmt::format("{}.{}", path, i));  // of layers that predict ahead
  }
  ratios.resize(static_cast<std::size_t>(m.layers));
  bool any = false;
  for (const std::int64_t ratio : ratios) {
    any = any || ratio > 1;
    if (ratio <= 1 || ratio == kPicked || ratio == kAllRead) continue;
    keys.not_modelled(kRatios, fmt::format("compression of {} tokens to a key", ratio), "0, 4 or 128");
    return {};
  }
  if (!any)
    keys.not_modelled(kRatios, "no layer that sees all of the context", "a ratio of 4 or 128 in some");
  return ratios;
}

// Experts are 4-bit floats whatever the quantization's method says, unless `expert_dtype` says fp8.
// Source: DeepseekV4FP8Config of vllm/models/deepseek_v4/quant_config.py.
Half stored_experts(Keys& keys, const Half& experts) {
  const std::string dtype = keys.text(kExpertDtype).value_or("fp4");
  if (!keys.given("quantization_config")) {
    keys.moot(kExpertDtype);
    return experts;
  }
  if (dtype == "fp8") return experts;
  if (dtype != "fp4") keys.not_modelled(kExpertDtype, fmt::format("experts in `{}`", dtype), "fp4 or fp8");
  return stored_as(experts, {{"experts", Storage{.format = WeightFormat::mxfp4, .group_size = 32}}});
}

}  // namespace

void compressed_layers(Keys& keys, ModelFacts& m) {
  const std::vector<std::int64_t> ratios = read_ratios(keys, m);
  CompressedAttention attention{.hidden = m.hidden,
                                .heads = m.heads,
                                .head_dim = m.head_dim,
                                .rope_dim = small(keys, "qk_rope_head_dim"),
                                .q_lora_rank = small(keys, "q_lora_rank"),
                                .o_groups = small(keys, "o_groups"),
                                .o_lora_rank = small(keys, "o_lora_rank"),
                                .window = small(keys, "sliding_window")};
  const int heads = small(keys, "index_n_heads"), dim = small(keys, "index_head_dim");
  const int topk = small(keys, "index_topk");
  const ResidualStreams streams{m.hidden, small(keys, "hc_mult")};
  if (m.kv_heads != 1)
    keys.not_modelled("num_key_value_heads", "compressed attention with several keys a token", "1");
  if (ratios.empty() || !m.moe) return;
  if (m.heads % attention.o_groups != 0) {
    keys.of("o_groups")
        .problem("o_groups", {.message = "`o_groups` does not divide `num_attention_heads`",
                              .expected = fmt::format("a divisor of {}", m.heads)});
    return;
  }
  const Channels channels(m);
  const Half routed = with_hyper_connections(stored_experts(keys, channels.of(true)), streams, "experts");
  std::map<std::int64_t, Half> mixers;
  LayerList layers;
  for (const std::int64_t ratio : ratios) {
    Half& mixer = mixers[ratio];
    if (!mixer) {
      const bool picks = ratio == kPicked;
      attention.ratio = ratio > 1 ? static_cast<int>(ratio) : 0;
      attention.overlaps = picks;
      attention.index_heads = picks ? heads : 0;
      attention.index_head_dim = picks ? dim : 0;
      attention.index_topk = picks ? topk : 0;
      mixer = with_hyper_connections(compressed_attention(attention), streams, "attention");
    }
    layers.add(mixer, routed);
  }
  m.own_layers = layers;
}

}  // namespace blis
