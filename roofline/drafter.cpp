#include "roofline/drafter.h"

#include <algorithm>

namespace blis {
namespace {

// Of so many hidden states side by side to one.
Drafter::Matrix projection_of(int states, const ModelConfig& model) {
  const auto hidden = static_cast<double>(model.hidden);
  return {.n = hidden, .k = states * hidden};
}

bool is_dense_mlp(const Half& half) {
  return half && (half->kind() == "gated_mlp" || half->kind() == "plain_mlp");
}

// What a drafter of one's own layers starts from: the model without layers, towers and tables.
ModelConfig emptied(const ModelConfig& model) {
  ModelConfig own = model;
  own.layers = {};
  own.vision_elements = own.position_elements = 0;
  own.vision.reset();
  return own;
}

}  // namespace

Drafter eagle_drafter(const ModelConfig& model, const Parallelism& parallel) {
  Half attention, mlp;
  for (const LayerRun& run : model.layers.runs()) {
    if (run.mixer && run.mixer->kind() == "full" && !attention) attention = run.mixer;
    if (is_dense_mlp(run.channel) && !mlp) mlp = run.channel;
  }
  Drafter drafter{.model = emptied(model), .embedding = parallel.pipeline > 1};
  drafter.model.quantization = {};
  if (!attention) return drafter;
  drafter.model.layers.add(attention, mlp);
  drafter.around = {projection_of(2, model)};
  return drafter;
}

Drafter eagle3_drafter(const ModelConfig& model, const Parallelism& parallel, std::int64_t draft_vocab) {
  Drafter drafter = eagle_drafter(model, parallel);
  if (drafter.layers() == 0) return drafter;
  drafter.around = {projection_of(3, model)};
  drafter.around.front().first_pass = true;
  const LayerPart part = drafter.model.layers.runs().front().mixer->part({.tensor = parallel.tensor});
  for (const Operation& operation : part.operations) {
    if (operation.name != "qkv") continue;
    const auto& qkv = std::get<Product>(operation.work);
    drafter.around.push_back({.n = qkv.n * parallel.tensor, .k = qkv.k, .sharded = true});
  }
  drafter.draft_vocab = draft_vocab;
  return drafter;
}

Drafter mtp_drafter(const ModelConfig& model, const Parallelism& parallel, int modules) {
  Drafter drafter{.model = emptied(model), .embedding = parallel.pipeline > 1};
  const LayerRun& last = model.layers.runs().back();
  drafter.model.layers.add(last.mixer, last.channel, modules);
  drafter.modules = modules;
  drafter.around = {projection_of(2, model)};
  return drafter;
}

Drafter model_drafter(const ModelConfig& draft) {
  return {.model = draft, .rereads = true, .embedding = true, .head = true};
}

double drafter_bytes_on_gpu(const Drafter& d, const Parallelism& p) {
  if (d.layers() == 0) return 0;
  const Stage stage{.layers = d.layers(), .embedding = d.embedding, .head = d.head};
  double around = static_cast<double>(d.draft_vocab) * static_cast<double>(d.model.hidden) / p.tensor;
  for (const Drafter::Matrix& matrix : d.around)
    around += d.modules * matrix.n * matrix.k / (matrix.sharded ? p.tensor : 1);
  return weight_bytes_on_gpu(d.model, p, stage) + around * d.model.dtype_bytes;
}

}  // namespace blis
