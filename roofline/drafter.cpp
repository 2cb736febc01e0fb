#include "roofline/drafter.h"

#include <algorithm>

namespace blis {
namespace {

double square(std::int64_t side) {
  return static_cast<double>(side) * static_cast<double>(side);
}

bool is_dense_mlp(const Half& half) {
  return half && (half->kind() == "gated_mlp" || half->kind() == "plain_mlp");
}

// What a drafter of one's own layers starts from: the model without layers, towers and tables.
ModelConfig emptied(const ModelConfig& model) {
  ModelConfig own = model;
  own.layers = {};
  own.vision_elements = own.audio_elements = own.position_elements = 0;
  own.beside = {};
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
  drafter.copied = 2 * square(model.hidden);
  return drafter;
}

Drafter eagle3_drafter(const ModelConfig& model, const Parallelism& parallel, std::int64_t draft_vocab) {
  Drafter drafter = eagle_drafter(model, parallel);
  if (drafter.layers() == 0) return drafter;
  const LayerPart part = drafter.model.layers.runs().front().mixer->part({.tensor = parallel.tensor});
  for (const Operation& operation : part.operations) {
    if (operation.name == "qkv")
      drafter.sharded += std::get<Product>(operation.work).elements() * parallel.tensor;
  }
  drafter.copied = 3 * square(model.hidden);
  drafter.sharded += static_cast<double>(draft_vocab) * static_cast<double>(model.hidden);
  return drafter;
}

Drafter mtp_drafter(const ModelConfig& model, const Parallelism& parallel, int modules) {
  Drafter drafter{.model = emptied(model), .embedding = parallel.pipeline > 1};
  const LayerRun& last = model.layers.runs().back();
  drafter.model.layers.add(last.mixer, last.channel, modules);
  drafter.copied = modules * 2 * square(model.hidden);
  return drafter;
}

Drafter model_drafter(const ModelConfig& draft) {
  return {.model = draft, .embedding = true, .head = true};
}

double drafter_bytes_on_gpu(const Drafter& d, const Parallelism& p) {
  if (d.layers() == 0) return 0;
  const Stage stage{.layers = d.layers(), .embedding = d.embedding, .head = d.head};
  const double around = d.copied + d.sharded / p.tensor;
  return weight_bytes_on_gpu(d.model, p, stage) + around * d.model.dtype_bytes;
}

}  // namespace blis
