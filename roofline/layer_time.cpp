#include "roofline/layer_time.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace blis {
namespace {

Precision precision_of(const Deployment& d, const Storage& storage) {
  Precision p = precision_of(d.machine, storage, d.model.dtype_bytes);
  p.cast_fuses = p.cast_fuses && d.compiled;
  return p;
}

const Precision& precision_of(const Deployment& d, WeightRole role) {
  switch (role) {
    case WeightRole::attention:
      return d.attention;
    case WeightRole::dense_mlp:
    case WeightRole::shared:
      return d.dense;
    case WeightRole::router:
    case WeightRole::copy:
      break;
  }
  return d.native;
}

struct Pricer {
  const Deployment& d;
  double tokens;

  KernelCost operator()(const Product& product) const { return product_time(d, product, tokens); }
  KernelCost operator()(const Elementwise& sweep) const {
    return elementwise_time(d.machine, sweep.bytes_per_token * tokens);
  }
  KernelCost operator()(const RoutedExperts& routed) const {
    const Precision& precision = routed.stored ? precision_of(d, *routed.stored) : d.experts;
    return moe_time(d.machine, precision, routed.shape, tokens * routed.token_ranks);
  }
  KernelCost operator()(const Exchange& exchange) const {
    if (d.exchange == ExpertExchange::gather) {
      const double bytes = tokens * exchange.token_ranks * exchange.hidden * kActivationBytes;
      return 2 * all_gather_time(d.machine, d.expert_group, bytes);
    }
    // Products of 8 or 4 bits get their inputs cast, with a scale for each 128 of them.
    const double sent = d.experts.input_bytes < kActivationBytes ? 1 + 4.0 / 128 : kActivationBytes;
    // Tensor-parallel ranks share the tokens of theirs (vLLM's use_sequence_parallel_moe).
    return exchange_time(d.machine, d.exchange, d.expert_group.gpus, exchange.per_token,
                         tokens / d.parallel.tensor, exchange.hidden, sent);
  }
  KernelCost operator()(const Collective& collective) const {
    const double bytes = tokens * collective.elements * kActivationBytes;
    return collective.reduces ? all_reduce_time(d.machine, d.tensor_group, bytes)
                              : all_gather_time(d.machine, d.tensor_group, bytes);
  }
};

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
  d.compiled = compiled;
  auto precision = [&](bool quantized) { return precision_of(d, storage_of(q, quantized)); };
  d.attention = precision(q.attention);
  d.dense = precision(q.dense_mlp);
  d.experts = precision(q.experts);
  d.head = precision_of(d, storage_of_head(q));
  d.native = precision(false);
  auto group = [&](int gpus) { return Group{gpus, link_rate(d.machine, hardware, gpus)}; };
  d.tensor_group = group(parallel.tensor);
  d.expert_group = group(parallel.expert_parallel && parallel.data > 1 ? parallel.tensor * parallel.data : 1);
  if (exchange != ExpertExchange::gather)  // it uses the links within a node, too
    link_rate(d.machine, hardware, std::min(d.expert_group.gpus, d.machine.gpus_per_node));
  if (parallel.pipeline > 1) {
    // Stages that do not fit one node talk over the fabric.
    const Group all = group(parallel.tensor * parallel.pipeline);
    d.pipeline_group = {2, all.link};
  }
  d.kv_dtype_bytes = kv_bytes > 0 ? kv_bytes : kv_dtype_bytes(model);
  return d;
}

LayerWork layer_work(const LayerRun& run, const Parallelism& parallel) {
  LayerWork work{.prefix = "layer_"};
  for (const LayerHalf* half : {run.mixer.get(), run.channel.get()}) {
    if (half == nullptr) continue;
    LayerPart part = half->part(parallel);
    std::ranges::move(part.operations, std::back_inserter(work.operations));
    work.prefix.insert(0, half->prefix());
    work.reductions += part.reductions;
    ++work.norms;
  }
  return work;
}

LayerWork work_beside_layers(std::string prefix, const PartOf& part, const Parallelism& parallel) {
  return {.prefix = std::move(prefix), .operations = part(parallel).operations};
}

KernelCost product_time(const Deployment& d, const Product& product, double tokens) {
  const Precision& precision =
      product.stored ? precision_of(d, *product.stored) : precision_of(d, product.role);
  return gemm_time(d.machine, product.fresh_input ? after_elementwise(precision) : precision, tokens,
                   product.n, product.k);
}

std::vector<Operator> layer_operators(const Deployment& d, const LayerWork& layer, double tokens) {
  const double row = static_cast<double>(d.model.hidden) * tokens;
  std::vector<Operator> out;
  // Residual add and norm in one kernel before each half: two vectors in, two out.
  if (layer.norms > 0) {
    out.push_back({"norms", layer.norms * elementwise_time(d.machine, 4 * kActivationBytes * row)});
  }
  for (const Operation& operation : layer.operations) {
    out.push_back({operation.name, std::visit(Pricer{d, tokens}, operation.work)});
  }
  if (d.tensor_group.gpus > 1 && layer.reductions > 0) {
    out.push_back({"all_reduce",
                   layer.reductions * all_reduce_time(d.machine, d.tensor_group, kActivationBytes * row)});
  }
  return out;
}

KernelCost layer_time(const Deployment& d, const LayerWork& layer, double tokens) {
  KernelCost cost;
  for (const Operator& op : layer_operators(d, layer, tokens)) cost += op.cost;
  return cost;
}

}  // namespace blis
