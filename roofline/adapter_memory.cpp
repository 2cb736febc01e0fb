#include "roofline/adapter_memory.h"

namespace blis {
namespace {

double fused(const std::string& operation) {
  if (operation == "qkv") return 3;
  return operation.ends_with("gate_up") || operation == "qkv_down" ? 2 : 1;
}

}  // namespace

double adapter_bytes_on_gpu(const ModelConfig& m, const Parallelism& p, const Stage& stage, int slots,
                            int rank) {
  double width = 0;  // of both factors' outer sides, of all matrices
  for (const auto& [half, layers] : m.layers.range(stage.first_layer, stage.layers).halves()) {
    for (const auto& [name, work] : half->part(p).operations) {
      const auto* const product = std::get_if<Product>(&work);
      if (product == nullptr || product->role == WeightRole::copy || product->role == WeightRole::router)
        continue;
      width += layers * (product->n + fused(name) * product->k);
    }
  }
  const double vocabulary = static_cast<double>(m.vocab + m.hidden);
  if (stage.embedding) width += vocabulary;
  if (stage.head) width += vocabulary;
  return slots * rank * width * kActivationBytes;
}

}  // namespace blis
