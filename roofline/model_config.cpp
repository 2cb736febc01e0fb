#include "roofline/model_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "roofline/refuse.h"

namespace blis {
namespace {

struct FormatFacts {
  WeightFormat format;
  std::string_view name;
  double bits;             // an element
  double scale_bits;       // a scale
  int default_group_size;  // elements a scale; 0: so many that scales do not count
};

// Scale sizes: OCP MX specification (mxfp4: E8M0 every 32), NVIDIA's NVFP4 (E4M3 every 16); AWQ and GPTQ
// store a 16-bit scale and a 4-bit zero point a group; block fp8 a 32-bit scale a block.
constexpr std::array kFormats{
    FormatFacts{WeightFormat::native, "native", 0, 0, 0},
    FormatFacts{WeightFormat::fp8_tensor, "fp8_tensor", 8, 0, 0},
    FormatFacts{WeightFormat::fp8_channel, "fp8_channel", 8, 0, 0},
    FormatFacts{WeightFormat::fp8_block, "fp8_block", 8, 32, 128},
    FormatFacts{WeightFormat::int8, "int8", 8, 0, 0},
    FormatFacts{WeightFormat::int4, "int4", 4, 20, 128},
    FormatFacts{WeightFormat::mxfp4, "mxfp4", 4, 8, 32},
    FormatFacts{WeightFormat::nvfp4, "nvfp4", 4, 8, 16},
};

const FormatFacts& facts(WeightFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

constexpr double kAbsorbedBytes = 2;  // MLA's absorbed projections are kept in 16 bits

// Elements of one layer's attention on one rank.
double attention_elements(const ModelConfig& m, int tp) {
  const auto d = static_cast<double>(m.hidden);
  const double heads = heads_per_rank(m, tp);
  if (!m.mla) {
    const double q = heads * m.head_dim, kv = static_cast<double>(kv_heads_per_rank(m, tp)) * m.head_dim;
    return d * (q + 2 * kv) + q * d;
  }
  const MlaConfig& a = *m.mla;
  const double qk = a.qk_nope_head_dim + a.qk_rope_head_dim;
  const double queries = a.q_lora_rank > 0 ? d * a.q_lora_rank + a.q_lora_rank * heads * qk : d * heads * qk;
  const double latent = d * (a.kv_lora_rank + a.qk_rope_head_dim);
  const double up = a.kv_lora_rank * heads * (a.qk_nope_head_dim + a.v_head_dim);
  return queries + latent + up + heads * a.v_head_dim * d;
}

double absorbed_elements(const ModelConfig& m, int tp) {
  if (!m.mla) return 0;
  return static_cast<double>(m.mla->kv_lora_rank) * heads_per_rank(m, tp) *
         (m.mla->qk_nope_head_dim + m.mla->v_head_dim);
}

}  // namespace

std::string_view to_string(WeightFormat format) {
  return facts(format).name;
}

double bits_per_weight(WeightFormat format, double native_bytes, int group_size) {
  const FormatFacts& f = facts(format);
  if (format == WeightFormat::native) return 8 * native_bytes;
  const int group = group_size > 0 ? group_size : f.default_group_size;
  if (group == 0 || f.scale_bits == 0) return f.bits;
  const double shared_by =
      format == WeightFormat::fp8_block ? static_cast<double>(group) * group : static_cast<double>(group);
  return f.bits + f.scale_bits / shared_by;
}

double vision_elements(const VisionConfig& v, std::int64_t text_hidden) {
  const auto d = static_cast<double>(v.hidden), f = static_cast<double>(v.ffn);
  const auto a = static_cast<double>(v.adapter_hidden);
  return v.layers * (4 * d * d + 2 * d * f) + f * a + a * a + a * static_cast<double>(text_hidden);
}

void check_parallelism(const ModelConfig& m, const Parallelism& p) {
  if (p.tensor < 1 || p.pipeline < 1 || p.data < 1) {
    refuse(ErrorKind::usage, "parallel degrees start at 1", "1 or more",
           fmt::format("tensor {}, pipeline {}, data {}", p.tensor, p.pipeline, p.data));
  }
  if (m.heads % p.tensor != 0) {
    refuse(ErrorKind::usage,
           fmt::format("tensor parallelism {} does not divide the {} attention heads of `{}`", p.tensor,
                       m.heads, m.name),
           fmt::format("a divisor of {}", m.heads), fmt::format("{}", p.tensor));
  }
  if (!m.mla && m.kv_heads % p.tensor != 0 && p.tensor % m.kv_heads != 0) {
    refuse(ErrorKind::usage,
           fmt::format("tensor parallelism {} fits neither into nor over the {} KV heads of `{}`", p.tensor,
                       m.kv_heads, m.name),
           "a divisor or a multiple", fmt::format("{}", p.tensor));
  }
  if (p.pipeline > m.layers) {
    refuse(ErrorKind::usage, fmt::format("more pipeline stages than `{}` has layers", m.name),
           fmt::format("at most {}", m.layers), fmt::format("{}", p.pipeline));
  }
  if (p.expert_parallel && !m.moe) {
    refuse(ErrorKind::usage, fmt::format("expert parallelism without experts: `{}` is dense", m.name),
           "a model with experts", "enable_expert_parallel", "leave the key out");
  }
}

std::vector<Stage> pipeline_stages(const ModelConfig& m, int pipeline) {
  const int rest = m.layers % pipeline;
  std::vector<Stage> stages(static_cast<std::size_t>(pipeline));
  int first = 0;
  for (int i = 0; i < pipeline; ++i) {
    const int from_end = pipeline - i;  // 1 for the last stage
    const bool extra = from_end >= 2 && from_end <= rest + 1;
    stages[static_cast<std::size_t>(i)] = {.first_layer = first,
                                           .layers = m.layers / pipeline + (extra ? 1 : 0),
                                           .embedding = i == 0,
                                           .head = i == pipeline - 1};
    first += stages[static_cast<std::size_t>(i)].layers;
  }
  return stages;
}

bool is_moe_layer(const ModelConfig& m, int layer) {
  if (!m.moe || layer < m.moe->dense_prefix_layers) return false;
  return (layer + 1) % m.moe->every == 0;
}

int moe_layers(const ModelConfig& m, const Stage& stage) {
  int count = 0;
  for (int i = 0; i < stage.layers; ++i) count += is_moe_layer(m, stage.first_layer + i) ? 1 : 0;
  return count;
}

int heads_per_rank(const ModelConfig& m, int tensor_parallel) {
  return std::max(1, m.heads / tensor_parallel);
}

int kv_heads_per_rank(const ModelConfig& m, int tensor_parallel) {
  return std::max(1, m.kv_heads / tensor_parallel);
}

ParameterCount parameters_on_gpu(const ModelConfig& m, const Parallelism& p, const Stage& stage) {
  const auto d = static_cast<double>(m.hidden);
  const double tp = p.tensor;
  const double with_experts = moe_layers(m, stage), dense = stage.layers - with_experts;
  const double vocabulary = static_cast<double>(m.vocab) * d / tp;
  ParameterCount n;
  n.attention = stage.layers * attention_elements(m, p.tensor);
  n.dense_mlp = dense * 3 * d * static_cast<double>(m.ffn) / tp;
  n.norms = (2.0 * stage.layers + (stage.head ? 1 : 0)) * d;
  if (m.moe) {
    const double expert = 3 * d * static_cast<double>(m.moe->ffn);
    const double share = p.expert_parallel ? p.expert_ranks() : tp;
    n.experts = with_experts * m.moe->experts * expert / share;
    n.shared = with_experts * 3 * d * static_cast<double>(m.moe->shared_ffn) / tp;
    n.router = with_experts * d * m.moe->experts;
  }
  const bool only_tied_head = m.tie_word_embeddings && stage.head && !stage.embedding;
  n.embedding = stage.embedding ? vocabulary : 0;
  n.vision = stage.embedding ? m.vision_elements / tp : 0;
  n.head = stage.head && (!m.tie_word_embeddings || only_tied_head) ? vocabulary : 0;
  return n;
}

ParameterCount count_parameters(const ModelConfig& m) {
  return parameters_on_gpu(m, Parallelism{}, pipeline_stages(m, 1).front());
}

double active_parameters(const ModelConfig& m) {
  const ParameterCount n = count_parameters(m);
  const double used = m.moe ? static_cast<double>(m.moe->experts_per_token) / m.moe->experts : 1;
  return n.total() - n.vision - n.experts * (1 - used);
}

double weight_bytes_on_gpu(const ModelConfig& m, const Parallelism& p, const Stage& stage) {
  const Quantization& q = m.quantization;
  const double native = m.dtype_bytes;
  const double packed = bits_per_weight(q.format, native, q.group_size) / 8;
  auto bytes = [&](bool quantized) { return quantized ? packed : native; };
  const ParameterCount n = parameters_on_gpu(m, p, stage);
  return n.attention * bytes(q.attention) + n.dense_mlp * bytes(q.dense_mlp) + n.experts * bytes(q.experts) +
         n.shared * bytes(q.dense_mlp) + (n.router + n.norms + n.embedding + n.vision) * native +
         n.head * bytes(q.lm_head) + stage.layers * absorbed_elements(m, p.tensor) * kAbsorbedBytes;
}

double kv_dtype_bytes(const ModelConfig& m) {
  return m.quantization.fp8_kv_cache ? 1 : m.dtype_bytes;
}

double kv_bytes_per_token_and_layer(const ModelConfig& m, int tensor_parallel, double dtype_bytes) {
  const double bytes = dtype_bytes > 0 ? dtype_bytes : kv_dtype_bytes(m);
  if (m.mla) return (m.mla->kv_lora_rank + m.mla->qk_rope_head_dim) * bytes;
  return 2.0 * kv_heads_per_rank(m, tensor_parallel) * m.head_dim * bytes;
}

}  // namespace blis
