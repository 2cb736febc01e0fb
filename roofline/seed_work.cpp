#include "roofline/seed_work.h"

namespace blis::seed {
namespace {

double layers(const ModelConfig& m) {
  return m.layers;
}
double hidden(const ModelConfig& m) {
  return static_cast<double>(m.hidden);
}
double head_dim(const ModelConfig& m) {
  return hidden(m) / m.heads;
}
double kv_width(const ModelConfig& m) {
  return m.kv_heads * head_dim(m);
}

}  // namespace

double effective_context(RequestTokens t) {
  return t.new_tokens <= 1 ? t.context : t.context + (t.new_tokens - 1) / 2;
}

Flops projection_flops(const ModelConfig& m, double n) {
  const double d = hidden(m);
  return Flops{layers(m) * (2 * n * (d * d + 2 * d * kv_width(m)) + 2 * n * d * d)};
}

Flops mlp_flops(const ModelConfig& m, double n) {
  return Flops{layers(m) * 2 * n * 3 * hidden(m) * static_cast<double>(m.ffn)};
}

Flops score_flops(const ModelConfig& m, double pairs) {
  return Flops{layers(m) * 4 * m.heads * pairs * head_dim(m)};
}

Flops vector_flops(const ModelConfig& m, double pairs, double n) {
  return Flops{layers(m) * (5 * m.heads * pairs + 2 * n * hidden(m))};
}

Flops gemm_flops(const ModelConfig& m, RequestTokens t) {
  return projection_flops(m, t.new_tokens) + score_flops(m, t.new_tokens * effective_context(t)) +
         mlp_flops(m, t.new_tokens);
}

Flops vector_flops(const ModelConfig& m, RequestTokens t) {
  return vector_flops(m, t.new_tokens * effective_context(t), t.new_tokens);
}

Bytes weight_bytes(const ModelConfig& m) {
  const double d = hidden(m);
  return Bytes{m.dtype_bytes * layers(m) *
               (d * (d + 2 * kv_width(m)) + d * d + 3 * d * static_cast<double>(m.ffn))};
}

Bytes kv_growth_bytes(const ModelConfig& m, double n) {
  return Bytes{2 * layers(m) * kv_width(m) * m.dtype_bytes * n};
}

Bytes kv_access_bytes(const ModelConfig& m, double context) {
  return Bytes{2 * layers(m) * kv_width(m) * m.dtype_bytes * context};
}

Bytes activation_bytes(const ModelConfig& m, double n) {
  return Bytes{layers(m) * hidden(m) * m.dtype_bytes * n};
}

}  // namespace blis::seed
