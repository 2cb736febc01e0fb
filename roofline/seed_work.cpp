#include "roofline/seed_work.h"

#include <variant>

namespace blis::seed {
namespace {

double layers(const Shape& m) {
  return m.layers;
}
double hidden(const Shape& m) {
  return static_cast<double>(m.hidden);
}
double head_dim(const Shape& m) {
  return hidden(m) / m.heads;
}
double kv_width(const Shape& m) {
  return m.kv_heads * head_dim(m);
}

}  // namespace

Shape shape_of(const ModelConfig& m) {
  Shape shape{.layers = m.layers.count(), .hidden = m.hidden, .dtype_bytes = m.dtype_bytes};
  for (const auto& [half, layers] : m.layers.halves()) {
    const LayerPart part = half->part({});
    if (shape.heads == 0 && !part.cores.empty()) {
      shape.heads = static_cast<int>(part.cores.front().shape.heads);
      shape.kv_heads = static_cast<int>(part.cores.front().shape.kv_heads);
    }
    for (const Operation& operation : part.operations) {
      const auto* product = std::get_if<Product>(&operation.work);
      const bool gate_up =
          product != nullptr && product->role == WeightRole::dense_mlp && operation.name == "gate_up";
      if (gate_up && shape.ffn == 0) shape.ffn = static_cast<std::int64_t>(product->n / 2);
    }
  }
  return shape;
}

double effective_context(RequestTokens t) {
  return t.new_tokens <= 1 ? t.context : t.context + (t.new_tokens - 1) / 2;
}

Flops projection_flops(const Shape& m, double n) {
  const double d = hidden(m);
  return Flops{layers(m) * (2 * n * (d * d + 2 * d * kv_width(m)) + 2 * n * d * d)};
}

Flops mlp_flops(const Shape& m, double n) {
  return Flops{layers(m) * 2 * n * 3 * hidden(m) * static_cast<double>(m.ffn)};
}

Flops score_flops(const Shape& m, double pairs) {
  return Flops{layers(m) * 4 * m.heads * pairs * head_dim(m)};
}

Flops vector_flops(const Shape& m, double pairs, double n) {
  return Flops{layers(m) * (5 * m.heads * pairs + 2 * n * hidden(m))};
}

Flops gemm_flops(const Shape& m, RequestTokens t) {
  return projection_flops(m, t.new_tokens) + score_flops(m, t.new_tokens * effective_context(t)) +
         mlp_flops(m, t.new_tokens);
}

Flops vector_flops(const Shape& m, RequestTokens t) {
  return vector_flops(m, t.new_tokens * effective_context(t), t.new_tokens);
}

Bytes weight_bytes(const Shape& m) {
  const double d = hidden(m);
  return Bytes{m.dtype_bytes * layers(m) *
               (d * (d + 2 * kv_width(m)) + d * d + 3 * d * static_cast<double>(m.ffn))};
}

Bytes kv_growth_bytes(const Shape& m, double n) {
  return Bytes{2 * layers(m) * kv_width(m) * m.dtype_bytes * n};
}

Bytes kv_access_bytes(const Shape& m, double context) {
  return Bytes{2 * layers(m) * kv_width(m) * m.dtype_bytes * context};
}

Bytes activation_bytes(const Shape& m, double n) {
  return Bytes{layers(m) * hidden(m) * m.dtype_bytes * n};
}

}  // namespace blis::seed
