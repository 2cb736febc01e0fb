// What a transformer's layers cost apart from attention itself: a function of the number of tokens.
#pragma once

#include <string>
#include <vector>

#include "roofline/attention_time.h"
#include "roofline/collective_time.h"
#include "roofline/expert_exchange.h"
#include "roofline/gemm_time.h"
#include "roofline/model_config.h"
#include "roofline/moe_time.h"

namespace blis {

// A model on a machine under a parallel split: everything that stays the same between steps.
struct Deployment {
  ModelConfig model;
  Machine machine;
  Parallelism parallel;
  ExpertExchange exchange = ExpertExchange::gather;
  Precision attention, dense, experts, head;
  Precision native;      // router, copies
  Group tensor_group;    // all-reduce
  Group expert_group;    // tensor x data ranks; one rank unless experts are spread over data ranks
  Group pipeline_group;  // of two: this stage and the next; one without pipeline
  double kv_dtype_bytes = 2;
  bool compiled = true;
};
// `compiled`: casts may fuse (see Precision). Throws InputError for a split or an entry that cannot work.
Deployment make_deployment(const ModelConfig& model, const Hardware& hardware, const Parallelism& parallel,
                           double kv_dtype_bytes, ExpertExchange exchange, bool compiled);

// What a layer's halves run that depends on the number of tokens alone. Layers that differ in how far they
// look back are alike in this.
struct LayerWork {
  std::string prefix;  // of its terms in an explanation: "layer_", "moe_layer_"
  std::vector<Operation> operations{};
  int norms = 0;
  int reductions = 0;
  friend bool operator==(const LayerWork&, const LayerWork&) = default;
};
LayerWork layer_work(const LayerRun& run, const Parallelism& parallel);
// The same of what runs once, before or after all layers.
LayerWork work_beside_layers(std::string prefix, const PartOf& part, const Parallelism& parallel);

// One operator's share of a layer.
struct Operator {
  std::string name;
  KernelCost cost;
};
// One layer at `tokens` > 0, without attention_time.
std::vector<Operator> layer_operators(const Deployment& deployment, const LayerWork& layer, double tokens);
KernelCost layer_time(const Deployment& deployment, const LayerWork& layer, double tokens);

// A product of a layer.
KernelCost product_time(const Deployment& deployment, const Product& product, double tokens);

}  // namespace blis
