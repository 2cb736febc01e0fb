#include "roofline/encoder_time.h"

namespace blis {

KernelCost encoder_time(const Deployment& d, const VisionEncoder& v, double embeds, double pairs) {
  const double patches = embeds * v.merged, tp = d.parallel.tensor;
  const auto product = [&](double tokens, double in, double out) {
    return gemm_time(d.machine, d.native, tokens, out, in);
  };
  const auto sweep = [&](double elements) {
    return elementwise_time(d.machine, 2 * kActivationBytes * patches * elements);
  };
  KernelCost layer =
      product(patches, v.hidden, 3 * v.hidden / tp) + product(patches, v.hidden / tp, v.hidden);
  layer +=
      product(patches, v.hidden, (v.gated ? 2 : 1) * v.ffn / tp) + product(patches, v.ffn / tp, v.hidden);
  layer += 2 * sweep(v.hidden) + sweep(v.ffn / tp);  // two norms, an activation
  layer += 2 * all_reduce_time(d.machine, d.tensor_group, kActivationBytes * patches * v.hidden);
  // Scores and values: two products of width `hidden` for each pair of patches.
  const double flops = 4 * v.merged * v.merged * pairs * v.hidden / tp;
  layer += KernelCost(CostPart::compute, flops / (d.native.flops * d.native.compute_eff));

  KernelCost cost = v.layers * layer + product(patches, v.patch_elements, v.hidden);
  for (const VisionEncoder::Matrix& matrix : v.projector) cost += product(embeds, matrix.in, matrix.out);
  return cost;
}

}  // namespace blis
