#include "roofline/layer_time.h"

namespace blis {
namespace {

constexpr double kActivationBytes = 2;

double hidden(const Deployment& d) {
  return static_cast<double>(d.model.hidden);
}

void add_projections(const Deployment& d, double m, std::vector<Operator>& out) {
  const Machine& gpu = d.machine;
  const ModelConfig& model = d.model;
  const double h = hidden(d), heads = heads_per_rank(model, d.parallel.tensor);
  if (!model.mla) {
    const double kv = kv_heads_per_rank(model, d.parallel.tensor);
    out.push_back(
        {"qkv", gemm_time(gpu, after_elementwise(d.attention), m, (heads + 2 * kv) * model.head_dim, h)});
    out.push_back({"attention_out", gemm_time(gpu, d.attention, m, h, heads * model.head_dim)});
    out.push_back(
        {"rotary", elementwise_time(gpu, 2 * kActivationBytes * m * (heads + 2 * kv) * model.head_dim)});
    return;
  }
  const MlaConfig& a = *model.mla;
  const double qk = a.qk_nope_head_dim + a.qk_rope_head_dim;
  const double latent = a.kv_lora_rank + a.qk_rope_head_dim;
  if (a.q_lora_rank > 0) {
    out.push_back({"qkv_down", gemm_time(gpu, after_elementwise(d.attention), m, a.q_lora_rank + latent, h)});
    out.push_back({"q_up", gemm_time(gpu, after_elementwise(d.attention), m, heads * qk, a.q_lora_rank)});
  } else {
    out.push_back({"q", gemm_time(gpu, after_elementwise(d.attention), m, heads * qk, h)});
    out.push_back({"kv_down", gemm_time(gpu, after_elementwise(d.attention), m, latent, h)});
  }
  out.push_back({"absorb_k", gemm_time(gpu, d.native, m, heads * a.kv_lora_rank, a.qk_nope_head_dim)});
  out.push_back({"absorb_v", gemm_time(gpu, d.native, m, heads * a.v_head_dim, a.kv_lora_rank)});
  out.push_back({"attention_out", gemm_time(gpu, d.attention, m, h, heads * a.v_head_dim)});
  out.push_back({"rotary", elementwise_time(gpu, 2 * kActivationBytes * m * (heads * qk + latent))});
}

// `width` is the intermediate size on this rank.
void add_gated_mlp(const Deployment& d, const Precision& precision, double m, double width,
                   const char* prefix, std::vector<Operator>& out) {
  out.push_back({std::string(prefix) + "gate_up", gemm_time(d.machine, precision, m, 2 * width, hidden(d))});
  out.push_back(
      {std::string(prefix) + "activation", elementwise_time(d.machine, 3 * kActivationBytes * m * width)});
  out.push_back({std::string(prefix) + "down", gemm_time(d.machine, precision, m, hidden(d), width)});
}

void add_experts(const Deployment& d, double m, std::vector<Operator>& out) {
  const MoeConfig& moe = *d.model.moe;
  const double tp = d.parallel.tensor;
  const bool spread = d.parallel.expert_parallel;
  // Ranks in lockstep are taken as equally busy; without expert parallelism they are independent.
  const double tokens = m * (spread ? d.parallel.data : 1);
  const MoeShape shape{.hidden = hidden(d),
                       .ffn = static_cast<double>(moe.ffn) / (spread ? 1 : tp),
                       .experts = static_cast<double>(moe.experts),
                       .local_experts = static_cast<double>(moe.experts) / d.parallel.expert_ranks(),
                       .per_token = static_cast<double>(moe.experts_per_token)};
  out.push_back({"router", gemm_time(d.machine, d.native, m, shape.experts, shape.hidden)});
  out.push_back({"experts", moe_time(d.machine, d.experts, shape, tokens)});
  // Within the operator of the experts, which the compiler does not see into.
  if (moe.shared_ffn > 0)
    add_gated_mlp(d, d.dense, m, static_cast<double>(moe.shared_ffn) / tp, "shared_", out);
  if (d.expert_group.gpus <= 1) return;
  if (d.exchange == ExpertExchange::gather) {
    const double bytes = tokens * shape.hidden * kActivationBytes;
    out.push_back({"expert_exchange", 2 * all_gather_time(d.machine, d.expert_group, bytes)});
  } else {
    const double bytes = m * shape.per_token * shape.hidden * kActivationBytes;
    out.push_back({"expert_exchange", 2 * all_to_all_time(d.machine, d.expert_group, bytes)});
  }
}

}  // namespace

Deployment make_deployment(const ModelConfig& model, const Hardware& hardware, const Parallelism& parallel,
                           double kv_bytes, ExpertExchange exchange, bool compiled) {
  check_parallelism(model, parallel);
  Deployment d;
  d.model = model;
  d.machine = make_machine(hardware);
  d.parallel = parallel;
  d.exchange = exchange;
  const Quantization& q = model.quantization;
  auto precision = [&](bool quantized) {
    Precision p = precision_of(d.machine, q, quantized, model.dtype_bytes);
    p.cast_fuses = p.cast_fuses && compiled;
    return p;
  };
  d.attention = precision(q.attention);
  d.dense = precision(q.dense_mlp);
  d.experts = precision(q.experts);
  d.head = precision(q.lm_head);
  d.native = precision(false);
  auto group = [&](int gpus) { return Group{gpus, link_rate(d.machine, hardware, gpus)}; };
  d.tensor_group = group(parallel.tensor);
  d.expert_group = group(parallel.expert_parallel && parallel.data > 1 ? parallel.tensor * parallel.data : 1);
  if (parallel.pipeline > 1) {
    // Stages that do not fit one node talk over the fabric.
    const Group all = group(parallel.tensor * parallel.pipeline);
    d.pipeline_group = {2, all.link};
  }
  d.kv_dtype_bytes = kv_bytes > 0 ? kv_bytes : kv_dtype_bytes(model);
  return d;
}

std::vector<Operator> layer_operators(const Deployment& d, bool moe_layer, double m) {
  const double row = hidden(d) * m;
  std::vector<Operator> out;
  // Residual add and norm in one kernel, twice a layer: two vectors in, two out.
  out.push_back({"norms", 2 * elementwise_time(d.machine, 4 * kActivationBytes * row)});
  add_projections(d, m, out);
  const KernelCost reduce = all_reduce_time(d.machine, d.tensor_group, kActivationBytes * row);
  int reductions = 1;
  if (moe_layer) {
    add_experts(d, m, out);
    if (d.expert_group.gpus <= 1) ++reductions;
  } else {
    add_gated_mlp(d, after_elementwise(d.dense), m, static_cast<double>(d.model.ffn) / d.parallel.tensor, "",
                  out);
    ++reductions;
  }
  if (d.tensor_group.gpus > 1) out.push_back({"all_reduce", reductions * reduce});
  return out;
}

AttentionShape attention_shape(const Deployment& d, bool windowed) {
  const ModelConfig& m = d.model;
  AttentionShape s;
  s.heads = heads_per_rank(m, d.parallel.tensor);
  s.kv_bytes = kv_bytes_per_token_and_layer(m, d.parallel.tensor, d.kv_dtype_bytes);
  s.window = windowed && m.window ? static_cast<double>(m.window->tokens) : 0;
  if (m.mla) {
    s.kv_heads = s.heads;
    s.qk_dim = m.mla->qk_nope_head_dim + m.mla->qk_rope_head_dim;
    s.v_dim = m.mla->v_head_dim;
    s.latent = true;
    s.latent_dim = m.mla->kv_lora_rank + m.mla->qk_rope_head_dim;
  } else {
    s.kv_heads = kv_heads_per_rank(m, d.parallel.tensor);
    s.qk_dim = s.v_dim = m.head_dim;
  }
  return s;
}

KernelCost expand_latent_time(const Deployment& d, double context) {
  const MlaConfig& a = *d.model.mla;
  const double heads = heads_per_rank(d.model, d.parallel.tensor);
  return gemm_time(d.machine, d.attention, context, heads * (a.qk_nope_head_dim + a.v_head_dim),
                   a.kv_lora_rank);
}

}  // namespace blis
