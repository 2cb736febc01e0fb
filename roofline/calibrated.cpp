#include "roofline/calibrated.h"

#include <fmt/core.h>

#include <algorithm>

namespace blis {
namespace {

constexpr double kMicros = 1e-6;
constexpr double kActivationBytes = 2;

// Sampling without restriction: softmax and argmax over the vocabulary in small kernels, measured on an
// H100 and scaled by the square root of bandwidth (part launch, part traffic).
constexpr double kSamplerUs = 20;
constexpr double kSamplerPerRowUs = 0.5;
constexpr double kSamplerBandwidth = 3.35e6;  // bytes a microsecond
// Restricted to top-p or top-k: sorting a vocabulary entry, up to vLLM 0.15; later kernels do not sort
// and take about a fixed time.
constexpr double kSortUsPerEntry = 0.14e-3;
constexpr double kSelectUs = 150;

// Layers of a stage whose attention has a window, which the config spreads evenly over the model.
int windowed_layers(const ModelConfig& m, const Stage& stage) {
  if (!m.window) return 0;
  auto up_to = [&](int layer) { return layer * m.window->layers / m.layers; };
  return up_to(stage.first_layer + stage.layers) - up_to(stage.first_layer);
}

KernelCost stage_layers(const Deployment& d, int dense, int moe, double tokens) {
  KernelCost sum;
  auto add = [&](int layers, bool experts) {
    if (layers == 0) return;
    KernelCost layer;
    for (const Operator& op : layer_operators(d, experts, tokens)) layer += op.cost;
    sum += layers * layer;
  };
  add(dense, false);
  add(moe, true);
  sum +=
      send_time(d.machine, d.pipeline_group, kActivationBytes * tokens * static_cast<double>(d.model.hidden));
  return sum;
}

}  // namespace

StepCost to_step_cost(const KernelCost& gpu, double host_us) {
  StepCost s;
  double total = 0;
  for_each_cost_part([&]<CostPart kPart>() {
    const double us = kPart == CostPart::host ? host_us : gpu.with_parts(kPart);
    if constexpr (is_whole(kPart)) total += us * kMicros;
    s[kPart] = Seconds{(kPart == CostPart::host ? host_us : gpu.get<kPart>()) * kMicros};
  });
  s.total = Seconds{total};
  s.once = s[CostPart::host];
  return s;
}

void add_parts(const KernelCost& gpu, double host_us, StepExplanation& out) {
  for (const CostPartRow& row : kCostParts) {
    const double us = row.part == CostPart::host ? host_us : gpu[row.part];
    out.terms.push_back({fmt::format("{}_us", row.name), us, "us"});
  }
}

CalibratedModel::CalibratedModel(const ModelConfig& model, const Hardware& hardware,
                                 const Parallelism& parallel, const CalibratedOptions& options)
    : deployment_(make_deployment(model, hardware, parallel, options.kv_dtype_bytes, options.exchange,
                                  options.compiled)),
      options_(options),
      full_(attention_shape(deployment_, false)),
      windowed_(attention_shape(deployment_, true)),
      sampling_(options.max_num_seqs, [this](double rows) { return sampling_time(rows); }) {
  for (const Stage& stage : pipeline_stages(model, parallel.pipeline)) {
    const int moe = blis::moe_layers(model, stage), dense = stage.layers - moe;
    const int windowed = blis::windowed_layers(model, stage), full = stage.layers - windowed;
    const bool seen = std::any_of(stages_.begin(), stages_.end(), [&](const StagePlan& p) {
      return p.dense_layers == dense && p.moe_layers == moe && p.windowed_layers == windowed &&
             p.head == stage.head;
    });
    if (seen) continue;
    stages_.push_back({dense, moe, full, windowed, stage.head,
                       TokenTable(options.max_num_batched_tokens, [&](double tokens) {
                         return stage_layers(deployment_, dense, moe, tokens);
                       })});
  }
}

DecodeBatch CalibratedModel::decodes(const StepShape& shape, bool windowed) {
  return {.sequences = static_cast<double>(shape.decodes),
          .tokens = static_cast<double>(shape.decode_tokens),
          .context = static_cast<double>(windowed ? shape.window_context : shape.decode_context)};
}

KernelCost CalibratedModel::sampling_time(double rows) const {
  const Deployment& d = deployment_;
  const auto vocab = static_cast<double>(d.model.vocab), hidden = static_cast<double>(d.model.hidden);
  KernelCost cost = gemm_time(d.machine, d.head, rows, vocab / d.parallel.tensor, hidden);
  cost += elementwise_time(d.machine, 2 * kActivationBytes * rows * hidden);  // last norm
  cost += all_gather_time(d.machine, d.tensor_group, kActivationBytes * rows * vocab);
  const double slower = kSamplerBandwidth / d.machine.bytes;
  cost.add<CostPart::launch>(kSamplerUs * std::sqrt(slower));
  cost.add<CostPart::sampling>(kSamplerPerRowUs * rows * std::sqrt(slower));
  if (options_.top_p_or_k) {
    if (options_.sort_to_sample) {
      cost.add<CostPart::sampling>(kSortUsPerEntry * rows * vocab * slower);
    } else {
      cost.add<CostPart::launch>(kSelectUs);
    }
  }
  return cost;
}

KernelCost CalibratedModel::attention(const StepShape& shape, bool windowed) const {
  KernelCost cost = attention_time(deployment_.machine, windowed ? windowed_ : full_, shape.prefills,
                                   decodes(shape, windowed));
  if (deployment_.model.mla) {
    double context = 0;
    for (const PrefillChunk& chunk : shape.prefills) context += chunk.context;
    if (context > 0) cost += expand_latent_time(deployment_, context);
  }
  return cost;
}

CalibratedModel::Attention CalibratedModel::attention_of(const StepShape& shape, bool windowed) const {
  if (!shape.prefills.empty()) return {.mixed = attention(shape, windowed), .has_chunks = true};
  return {.decodes =
              decode_time(deployment_.machine, windowed ? windowed_ : full_, decodes(shape, windowed))};
}

KernelCost CalibratedModel::stage_cost(const StagePlan& plan, const StepShape& shape, const Attention& full,
                                       const Attention& windowed) const {
  KernelCost cost = plan.layers.at(shape.graph_tokens > 0 ? shape.graph_tokens : shape.tokens());
  full.add_to(cost, plan.full_layers);
  if (plan.windowed_layers > 0) windowed.add_to(cost, plan.windowed_layers);
  if (plan.head && shape.sampled > 0) cost += sampling_.at(shape.sampled);
  return cost;
}

CalibratedModel::Slowest CalibratedModel::slowest(const StepShape& shape) const {
  const Attention full = attention_of(shape, false);
  const Attention windowed = deployment_.model.window ? attention_of(shape, true) : Attention{};
  Slowest worst{stage_cost(stages_.front(), shape, full, windowed), &stages_.front()};
  for (std::size_t i = 1; i < stages_.size(); ++i) {
    const KernelCost other = stage_cost(stages_[i], shape, full, windowed);
    if (other.total() > worst.cost.total()) worst = {other, &stages_[i]};
  }
  return worst;
}

double CalibratedModel::host_us(const StepShape& shape) const {
  const HostConstants& h = options_.host;
  const auto sequences =
      static_cast<double>(shape.decodes + static_cast<std::int64_t>(shape.prefills.size()));
  const double exposed = options_.async_scheduling ? 0 : h.sync_us + h.sync_per_sequence_us * sequences;
  return h.step_us + h.per_sequence_us * sequences + exposed;
}

KernelCost CalibratedModel::gpu_cost(const StepShape& shape) const {
  return shape.empty() ? KernelCost{} : slowest(shape).cost;
}

KernelCost CalibratedModel::layers_cost(double tokens) const {
  return stage_layers(deployment_, stages_.front().dense_layers, stages_.front().moe_layers, tokens);
}

KernelCost CalibratedModel::attention_cost(const StepShape& shape) const {
  KernelCost cost = stages_.front().full_layers * attention(shape, false);
  if (stages_.front().windowed_layers > 0) cost += stages_.front().windowed_layers * attention(shape, true);
  return cost;
}

StepCost CalibratedModel::step(const StepShape& shape) const {
  const Slowest slowest = shape.empty() ? Slowest{{}, &stages_.front()} : this->slowest(shape);
  StepCost step = to_step_cost(slowest.cost, host_us(shape));
  if (stages_.size() > 1 && slowest.stage->head && shape.sampled > 0) {
    step.once += Seconds{sampling_.at(shape.sampled).total() * kMicros};
  }
  return step;
}

StepExplanation CalibratedModel::explain(const StepShape& shape) const {
  StepExplanation out;
  auto term = [&out](std::string name, double value, const char* unit) {
    out.terms.push_back({std::move(name), value, unit});
  };
  KernelCost cost;
  if (!shape.empty()) {
    const Slowest slowest = this->slowest(shape);
    const StagePlan& stage = *slowest.stage;
    cost = slowest.cost;
    const std::int64_t tokens = shape.graph_tokens > 0 ? shape.graph_tokens : shape.tokens();
    term("tokens", static_cast<double>(shape.tokens()), "tokens");
    term("padded_tokens", static_cast<double>(tokens), "tokens");
    auto layers = [&](int count, bool experts) {
      if (count == 0) return;
      const std::string prefix = experts ? "moe_layer_" : "layer_";
      term(prefix + "count", count, "layers");
      for (const Operator& op : layer_operators(deployment_, experts, static_cast<double>(tokens))) {
        term(prefix + op.name + "_us", op.cost.total(), "us");
      }
    };
    layers(stage.dense_layers, false);
    layers(stage.moe_layers, true);
    if (stage.full_layers > 0) {
      term("attention_layers", stage.full_layers, "layers");
      term("attention_us", attention(shape, false).total(), "us");
    }
    if (stage.windowed_layers > 0) {
      term("windowed_attention_layers", stage.windowed_layers, "layers");
      term("windowed_attention_us", attention(shape, true).total(), "us");
    }
    if (stage.head && shape.sampled > 0)
      term("head_and_sampling_us", sampling_.at(shape.sampled).total(), "us");
  }
  add_parts(cost, host_us(shape), out);
  out.cost = to_step_cost(cost, host_us(shape));
  out.binds = fmt::format("{} is the largest part of the step", to_string(out.cost.bound()));
  return out;
}

}  // namespace blis
