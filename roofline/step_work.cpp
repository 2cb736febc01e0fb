#include "roofline/step_work.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// Of one query with one key and one value, in one layer, over all heads.
double pair_flops(const ModelConfig& m) {
  if (m.mla) {
    return 2.0 * m.heads * (m.mla->qk_nope_head_dim + m.mla->qk_rope_head_dim + m.mla->v_head_dim);
  }
  return 4.0 * m.heads * m.head_dim;
}

// Sum over the queries of a step of the keys they see, in a layer with this window (0: none).
double pairs(const StepTotals& step, double window) {
  const auto cut = [window](double context) { return window > 0 ? std::min(context, window) : context; };
  double sum = 0;
  if (step.decodes > 0) sum += step.decodes * cut(step.decode_context / step.decodes + 1);
  if (step.prefills > 0) sum += step.prefill_tokens * cut((step.prefill_tokens / step.prefills + 1) / 2);
  return sum;
}

}  // namespace

WorkModel make_work_model(const ModelConfig& m, const Hardware& hardware, const Parallelism& parallel,
                          double kv_dtype_bytes) {
  WorkModel w;
  w.gpus = parallel.gpus();
  w.peak_flops = hardware.tflops_peak * 1e12 * w.gpus;
  w.peak_bytes = hardware.bw_peak_tbs * 1e12 * w.gpus;
  const Quantization& q = m.quantization;
  if (q.format != WeightFormat::native && q.activation_bits <= 8) {
    const double tflops = q.format == WeightFormat::int8 ? hardware.tflops_int8 : hardware.tflops_fp8;
    w.peak_flops_8 = tflops * 1e12 * w.gpus;
  }

  const ParameterCount n = count_parameters(m);
  const double used = m.moe ? static_cast<double>(m.moe->experts_per_token) / m.moe->experts : 0;
  w.flops_per_token = 2 * (n.attention + n.dense_mlp + n.shared + n.router + n.experts * used);
  w.flops_per_sample = 2 * static_cast<double>(m.vocab) * static_cast<double>(m.hidden);
  w.flops_per_pair = pair_flops(m);
  w.layers = m.layers;
  if (m.window) {
    w.windowed_layers = m.window->layers;
    w.window = static_cast<double>(m.window->tokens);
  }

  const double packed = bits_per_weight(q.format, m.dtype_bytes, q.group_size) / 8;
  const auto bytes = [&](bool quantized) { return quantized ? packed : m.dtype_bytes; };
  const double head = n.head > 0 ? n.head : n.embedding;  // tied
  w.dense_bytes = n.attention * bytes(q.attention) + (n.dense_mlp + n.shared) * bytes(q.dense_mlp) +
                  n.router * m.dtype_bytes + head * bytes(q.lm_head);
  w.expert_bytes = n.experts * bytes(q.experts);
  if (m.moe) {
    w.experts = m.moe->experts;
    w.experts_per_token = m.moe->experts_per_token;
  }
  w.kv_bytes_per_token =
      m.layers * parallel.tensor * kv_bytes_per_token_and_layer(m, parallel.tensor, kv_dtype_bytes);
  return w;
}

StepWork step_work(const WorkModel& w, const StepTotals& step) {
  const double tokens = step.prefill_tokens + step.decodes;
  const double full_layers = w.layers - w.windowed_layers;
  StepWork work;
  work.flops = w.flops_per_token * tokens + w.flops_per_sample * (step.decodes + step.prefills) +
               w.flops_per_pair * (full_layers * pairs(step, 0) + w.windowed_layers * pairs(step, w.window));

  // Experts that nobody picks are not read; each token picks at random.
  const double touched = w.experts > 0 ? 1 - std::pow(1 - w.experts_per_token / w.experts, tokens) : 0.0;
  double seen = step.decode_context;
  if (w.windowed_layers > 0 && step.decodes > 0) {
    const double in_window = std::min(step.decode_context, step.decodes * w.window);
    seen = (full_layers * seen + w.windowed_layers * in_window) / w.layers;
  }
  work.bytes = w.dense_bytes + w.expert_bytes * touched + w.kv_bytes_per_token * (seen + tokens);
  return work;
}

}  // namespace blis
