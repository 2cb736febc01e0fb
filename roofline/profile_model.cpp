#include "roofline/profile_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "roofline/refuse.h"

namespace blis {
namespace {

// LLMServingSim's names. Two norms a layer, each fused with its residual addition.
constexpr std::array kLayers{
    ProfileLayer{"qkv_proj", 1, 0, true},         ProfileLayer{"o_proj", 1, 0, true},
    ProfileLayer{"gate_up_proj", 1, 0, true},     ProfileLayer{"down_proj", 1, 0, true},
    ProfileLayer{"act_fn", 1, 0, false},          ProfileLayer{"rotary_emb", 1, 0, false},
    ProfileLayer{"layernorm", 2, 0, false},       ProfileLayer{"embedding", 0, 1, false},
    ProfileLayer{"final_layernorm", 0, 1, false},
};

// Measured points of one operator by tokens, piecewise linear; the last slope goes on.
class Curve {
 public:
  void add(double tokens, double us) { points_[tokens] = us; }
  bool empty() const { return points_.empty(); }
  double at(double tokens) const {
    if (points_.size() == 1) return points_.begin()->second;
    auto high = points_.upper_bound(tokens);
    if (high == points_.begin()) return high->second;
    if (high == points_.end()) --high;
    const auto low = std::prev(high);
    const double slope = (high->second - low->second) / (high->first - low->first);
    return std::max(0.0, low->second + slope * (tokens - low->first));
  }

 private:
  std::map<double, double> points_;
};

bool usable(double value) {
  return std::isfinite(value) && value > 0;
}

std::map<std::string_view, Curve> read_curves(const ProfileTables& tables) {
  std::map<std::string_view, Curve> curves;
  for (const LayerSample& s : tables.layers) {
    const auto known =
        std::find_if(kLayers.begin(), kLayers.end(), [&](const auto& l) { return l.name == s.layer; });
    if (known == kLayers.end()) {
      std::string names;
      for (const ProfileLayer& l : kLayers) names += (names.empty() ? "" : ", ") + std::string(l.name);
      refuse(ErrorKind::usage, fmt::format("unknown operator `{}` in the profile", s.layer),
             "one of " + names, s.layer);
    }
    if (!usable(s.tokens) || !usable(s.us)) {
      refuse(ErrorKind::usage, fmt::format("unusable sample of operator `{}` in the profile", s.layer),
             "positive, finite tokens and microseconds", fmt::format("{} tokens, {} us", s.tokens, s.us));
    }
    curves[known->name].add(s.tokens, s.us);
  }
  for (const ProfileLayer& l : kLayers) {
    if (l.required && !curves.empty() && curves[l.name].empty()) {
      refuse(ErrorKind::usage, fmt::format("the profile has no operator `{}`", l.name),
             "measurements of every matrix product of a layer");
    }
  }
  return curves;
}

// A batch like the sample, to be priced.
struct SampleShape {
  PrefillChunk chunk;
  StepShape shape;

  SampleShape(const SampleShape&) = delete;
  explicit SampleShape(const BatchPoint& p) {
    chunk = {static_cast<std::int32_t>(p.prefill), static_cast<std::int32_t>(p.prefill_context), true};
    if (chunk.new_tokens > 0) shape.prefills = {&chunk, 1};
    shape.prefill_tokens = chunk.new_tokens;
    shape.decodes = shape.decode_tokens = static_cast<std::int64_t>(p.decodes);
    shape.decode_context = shape.window_context = static_cast<std::int64_t>(p.decodes * p.decode_context);
    shape.sampled = shape.decodes + (chunk.new_tokens > 0 ? 1 : 0);
    // Measured as a server runs it, which captures steps up to here by default.
    constexpr std::int64_t kCaptured = 512;
    if (shape.tokens() <= kCaptured) shape.graph_tokens = shape.tokens();
  }
};

template <class Price>
std::vector<RatioSample> ratios(const std::vector<BatchSample>& samples, const Price& price) {
  std::vector<RatioSample> out;
  for (const BatchSample& s : samples) {
    const SampleShape like(s.at);
    if (like.shape.empty()) continue;
    if (!usable(s.us)) {
      refuse(ErrorKind::usage, "unusable batch sample in the profile", "positive, finite microseconds",
             fmt::format("{} us", s.us));
    }
    out.push_back({s.at, s.us / price(like.shape)});
  }
  return out;
}

BatchPoint point_of(const StepShape& shape) {
  BatchPoint p;
  double pairs = 0;
  for (const PrefillChunk& c : shape.prefills) {
    p.prefill += c.new_tokens;
    pairs += static_cast<double>(c.new_tokens) * c.context;
  }
  if (p.prefill > 0) p.prefill_context = pairs / p.prefill;
  p.decodes = static_cast<double>(shape.decodes);
  if (shape.decodes > 0) p.decode_context = static_cast<double>(shape.decode_context) / p.decodes;
  return p;
}

void check(const ProfileTables& tables, const ModelConfig& model, const Parallelism& parallel) {
  if (tables.layers.empty() && tables.steps.empty()) {
    refuse(ErrorKind::usage, "the profile has no samples", "layer times or step times");
  }
  if (tables.layers.empty()) return;
  if (model.layers.has("experts")) {
    refuse(ErrorKind::usage,
           fmt::format("layer profiles do not cover experts, and `{}` has them", model.name),
           "a dense model, or a profile of whole steps", {}, "use latency model `calibrated`");
  }
  if (parallel.pipeline > 1) {
    refuse(ErrorKind::usage, "layer profiles do not cover pipeline parallelism", "pipeline_parallel_size 1",
           fmt::format("{}", parallel.pipeline));
  }
}

}  // namespace

std::span<const ProfileLayer> profile_layers() {
  return kLayers;
}

ProfileModel::ProfileModel(const ProfileTables& tables, const ModelConfig& model, const Hardware& hardware,
                           const Parallelism& parallel, const CalibratedOptions& options)
    : base_((check(tables, model, parallel), CalibratedModel(model, hardware, parallel, options))),
      has_layers_(!tables.layers.empty()),
      layers_(has_layers_ ? options.max_num_batched_tokens : 1,
              [&, curves = read_curves(tables)](double tokens) {
                // Measured totals, split by what binds as the model splits them; collectives are added.
                double us = 0;
                for (const ProfileLayer& l : kLayers) {
                  const auto curve = curves.find(l.name);
                  if (curve == curves.end() || curve->second.empty()) continue;
                  us += (l.per_layer * model.layers.count() + l.once) * curve->second.at(tokens);
                }
                KernelCost cost = base_.layers_cost(tokens);
                const KernelCost exchanged = cost.take(CostPart::communication);
                if (cost.total() > 0) cost = (us / cost.total()) * cost;
                return cost + exchanged;
              }),
      attention_(
          ratios(tables.attention,
                 [&](const StepShape& s) { return base_.attention_cost(s).total() / model.layers.count(); })),
      steps_(ratios(tables.steps, [&](const StepShape& s) { return base_.step(s).total.count() * 1e6; })) {}

KernelCost ProfileModel::gpu_time(const StepShape& shape) const {
  if (shape.empty()) return {};
  const BatchPoint point = point_of(shape);
  KernelCost cost;
  if (has_layers_) {
    cost = layers_.at(shape.graph_tokens > 0 ? shape.graph_tokens : shape.tokens());
    cost += attention_.at(point) * base_.attention_cost(shape);
    if (shape.sampled > 0) cost += base_.sampling_cost(shape.sampled);
    cost += base_.drafting_cost(shape);
  } else {
    cost = base_.gpu_cost(shape);
  }
  return steps_.at(point) * cost;
}

StepCost ProfileModel::step(const StepShape& shape) const {
  return to_step_cost(gpu_time(shape), base_.host_us(shape) * (has_layers_ ? 1 : steps_.at(point_of(shape))));
}

StepExplanation ProfileModel::explain(const StepShape& shape) const {
  StepExplanation out = base_.explain(shape);
  for (StepTerm& term : out.terms) term.name = "calibrated_" + term.name;
  const BatchPoint point = point_of(shape);
  const KernelCost cost = gpu_time(shape);
  auto term = [&out](std::string name, double value, const char* unit) {
    out.terms.push_back({std::move(name), value, unit});
  };
  if (has_layers_ && !shape.empty()) term("attention_measured_over_modelled", attention_.at(point), "ratio");
  term("steps_measured_over_modelled", steps_.at(point), "ratio");
  out.cost = step(shape);
  add_parts(cost, out.cost[CostPart::host].count() * 1e6, out);
  out.binds = fmt::format("{} is the largest part of the step", to_string(out.cost.bound()));
  return out;
}

}  // namespace blis
