#include "roofline/step_work.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// Sum over the queries of a step of the keys they see, in a layer with this window (0: none).
double pairs(const StepTotals& step, double window) {
  const auto cut = [window](double context) { return window > 0 ? std::min(context, window) : context; };
  double sum = 0;
  if (step.decodes > 0) sum += step.decodes * cut(step.decode_context / step.decodes + 1);
  if (step.prefills > 0) sum += step.prefill_tokens * cut((step.prefill_tokens / step.prefills + 1) / 2);
  return sum;
}

// Sum over the decodes of the cached tokens that they read, in a layer with this window.
double read(const StepTotals& step, double window) {
  return window > 0 ? std::min(step.decode_context, step.decodes * window) : step.decode_context;
}

void add_attention(const AttentionCore& core, int layers, int tensor_parallel, double kv_dtype_bytes,
                   WorkModel& w) {
  const double kv = tensor_parallel * (core.cached_elements * kv_dtype_bytes + core.fixed_bytes);
  auto like = std::ranges::find_if(w.attention, [&](const AttentionWork& a) {
    return a.flops_per_pair == core.pair_flops && a.kv_bytes_per_token == a.layers * kv;
  });
  if (like == w.attention.end()) like = w.attention.insert(like, {.flops_per_pair = core.pair_flops});
  like->layers += layers;
  like->kv_bytes_per_token = like->layers * kv;
  const bool all = core.reach.kind == Reach::Kind::all;
  like->seen.insert(all ? like->seen.begin() : like->seen.end(),
                    {static_cast<double>(layers), all ? 0 : static_cast<double>(core.reach.tokens)});
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
  const double packed = bytes_per_weight(storage_of(q, true), m.dtype_bytes);
  const auto bytes = [&](bool quantized) { return quantized ? packed : m.dtype_bytes; };
  const double kv_bytes = kv_dtype_bytes > 0 ? kv_dtype_bytes : blis::kv_dtype_bytes(m);
  double used = 0, otherwise = 0;  // bytes of matrices that are not stored as their roles are
  for (const auto& [half, layers] : m.layers.halves()) {
    const LayerPart part = half->part({.tensor = parallel.tensor});
    for (const AttentionCore& core : part.cores) {
      add_attention(core, layers, parallel.tensor, kv_bytes, w);
    }
    if (part.state) {
      const double copies = layers * static_cast<double>(parallel.tensor);
      w.states.bytes += copies * part.state->bytes;
      w.states.flops_per_decode += copies * part.state->flops_per_decode_token;
      w.states.flops_per_prefill_token += copies * part.state->flops_per_prefill_token;
    }
    const LayerPart whole = half->part({});
    const double experts = layers * routed_elements(whole);
    const BytesBeyond beyond = bytes_beyond_roles(m, whole);
    otherwise += layers * beyond.others;
    if (experts == 0) continue;
    w.experts.push_back({experts * bytes(q.experts) + layers * beyond.experts, half->used_share()});
    used += experts * half->used_share();
  }
  w.flops_per_token = 2 * (n.attention + n.dense_mlp + n.shared + n.router + used);
  w.flops_per_sample = 2 * static_cast<double>(m.vocab) * static_cast<double>(m.hidden);
  const double head = n.head > 0 ? n.head : n.embedding;  // tied
  w.dense_bytes = n.attention * bytes(q.attention) + (n.dense_mlp + n.shared) * bytes(q.dense_mlp) +
                  n.router * m.dtype_bytes + head * bytes_per_weight(storage_of_head(q), m.dtype_bytes) +
                  otherwise;
  return w;
}

StepWork step_work(const WorkModel& w, const StepTotals& step) {
  const double tokens = step.prefill_tokens + step.decodes;
  StepWork work;
  work.flops = w.flops_per_token * tokens + w.flops_per_sample * (step.decodes + step.prefills);
  double experts = 0, cache = 0;
  // Experts that nobody picks are not read; each token picks at random.
  for (const ExpertWork& e : w.experts) experts += e.bytes * (1 - std::pow(1 - e.used_share, tokens));
  for (const AttentionWork& a : w.attention) {
    double layer_pairs = 0, layer_reads = 0;
    for (const auto& [layers, window] : a.seen) {
      layer_pairs += layers * pairs(step, window);
      layer_reads += layers * read(step, window);
    }
    work.flops += a.flops_per_pair * layer_pairs;
    cache += a.kv_bytes_per_token * (layer_reads / a.layers + tokens);
  }
  work.flops +=
      w.states.flops_per_decode * step.decodes + w.states.flops_per_prefill_token * step.prefill_tokens;
  cache += w.states.bytes * (2 * step.decodes + step.prefills);
  work.bytes = w.dense_bytes + experts + cache;
  return work;
}

}  // namespace blis
