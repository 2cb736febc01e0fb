#include "roofline/calibrated.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <variant>

#include "roofline/drafting_time.h"
#include "roofline/encoder_time.h"
#include "roofline/kinds.h"
#include "roofline/refuse.h"

namespace blis {
namespace {

constexpr double kMicros = 1e-6;

// Sampling without restriction: softmax and argmax over the vocabulary in small kernels, measured on an
// H100 and scaled by the square root of bandwidth (part launch, part traffic).
constexpr double kSamplerUs = 20;
constexpr double kSamplerPerRowUs = 0.5;
constexpr double kSamplerBandwidth = 3.35e6;  // bytes a microsecond
// Restricted to top-p or top-k: sorting a vocabulary entry, up to vLLM 0.15; later kernels do not sort
// and take about a fixed time.
constexpr double kSortUsPerEntry = 0.14e-3;
constexpr double kSelectUs = 150;

// A step beyond captured graphs takes at least what the host needs to launch a layer's kernels: of one run
// with enforce_eager on A100, and of experts from the TTFT of closed loops (docs/latency.md).
constexpr double kLaunchesUs = 500;
constexpr double kExpertLaunchesUs = 250;  // more

constexpr std::size_t kMostCores = 4;

// Costs are added in this order, whatever comes first in the model or the stage.
std::size_t row_of(const LayerHalf* channel) {
  const auto kinds = layer_kinds();
  const auto row = std::ranges::find_if(
      kinds, [&](const LayerKind& kind) { return channel != nullptr && kind.name == channel->kind(); });
  return static_cast<std::size_t>(row - kinds.begin());
}

std::string name_of(const AttentionCore& core) {
  if (!core.name.empty()) return core.name;
  return core.reach.kind == Reach::Kind::all ? "attention_" : "windowed_attention_";
}
std::string name_of(const LayerWork& work) {
  return work.prefix;
}

// How an explanation's terms of the i-th begin, different from those of all before it: "layer_", "layer_2_".
template <class T>
std::string label(const std::vector<T>& all, std::size_t i) {
  const std::string name = name_of(all[i]);
  const auto before = std::count_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](const T& other) { return name_of(other) == name; });
  return before == 0 ? name : fmt::format("{}{}_", name, before + 1);
}

double launches_us(const LayerList& layers) {
  double us = kLaunchesUs * layers.count();
  for (const auto& [half, count] : layers.halves()) {
    const bool routes = std::ranges::any_of(half->part({}).operations, [](const Operation& operation) {
      return std::holds_alternative<RoutedExperts>(operation.work);
    });
    if (routes) us += kExpertLaunchesUs * count;
  }
  return us;
}

template <class T>
std::size_t place_of(const std::vector<T>& all, const T& one) {
  return static_cast<std::size_t>(std::ranges::find(all, one) - all.begin());
}

}  // namespace

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
      sampling_(options.max_num_seqs, [this](double rows) { return sampling_time(rows); }) {
  list_works();
  list_cores();
  if (options.drafter.layers() > 0)
    drafting_ = std::make_shared<DraftingTime>(options.drafter, hardware, parallel, options);
  for (const Stage& stage : pipeline_stages(model, parallel.pipeline)) {
    const LayerList layers = model.layers.range(stage.first_layer, stage.layers);
    std::vector<int> works(works_.size()), cores(cores_.size());
    for (const LayerRun& run : layers.runs()) works[place_of(works_, layer_work(run, parallel))] += run.count;
    for (const LayerWork& once : works_beside(stage)) ++works[place_of(works_, once)];
    StateTime states;
    for (const auto& [half, count] : layers.halves()) {
      const LayerPart part = half->part(parallel);
      for (const AttentionCore& core : part.cores) cores[place_of(core_shapes_, core)] += count;
      if (part.state) states.add(deployment_.machine, *part.state, count);
    }
    const bool seen = std::ranges::any_of(stages_, [&](const StagePlan& p) {
      return p.works == works && p.cores == cores && p.head == stage.head && p.states == states;
    });
    if (seen) continue;
    TokenTable table(options.max_num_batched_tokens,
                     [&](double tokens) { return layers_time(works, tokens); });
    stages_.push_back(
        {std::move(works), std::move(cores), stage.head, states, std::move(table), launches_us(layers)});
  }
}

void CalibratedModel::list_works() {
  std::vector<LayerRun> runs = deployment_.model.layers.runs();
  std::ranges::stable_sort(runs, {}, [](const LayerRun& run) { return row_of(run.channel.get()); });
  for (const LayerRun& run : runs) {
    LayerWork work = layer_work(run, deployment_.parallel);
    if (place_of(works_, work) == works_.size()) works_.push_back(std::move(work));
  }
  std::ranges::move(works_beside({.embedding = true, .head = true}), std::back_inserter(works_));
}

// What the stage runs once beside its layers.
std::vector<LayerWork> CalibratedModel::works_beside(const Stage& stage) const {
  const BesideLayers& beside = deployment_.model.beside;
  std::vector<LayerWork> works;
  if (stage.embedding && beside.before)
    works.push_back(work_beside_layers("before_layers_", beside.before, deployment_.parallel));
  if (stage.head && beside.after)
    works.push_back(work_beside_layers("after_layers_", beside.after, deployment_.parallel));
  return works;
}

void CalibratedModel::list_cores() {
  for (const auto& [half, layers] : deployment_.model.layers.halves()) {
    for (const AttentionCore& core : half->part(deployment_.parallel).cores) {
      if (place_of(core_shapes_, core) == core_shapes_.size()) core_shapes_.push_back(core);
    }
  }
  std::stable_partition(core_shapes_.begin(), core_shapes_.end(),
                        [](const AttentionCore& core) { return core.reach.kind == Reach::Kind::all; });
  if (core_shapes_.size() > kMostCores) {
    refuse(ErrorKind::usage, fmt::format("`{}` has too many kinds of attention", deployment_.model.name),
           fmt::format("at most {}", kMostCores), fmt::format("{}", core_shapes_.size()));
  }
  const std::int64_t longest = longest_reach(deployment_.model.layers);
  for (const AttentionCore& core : core_shapes_) {
    AttentionShape shape = core.shape;
    shape.kv_bytes = core.cached_elements * deployment_.kv_dtype_bytes + core.fixed_bytes;
    shape.kv_in_8_bits = deployment_.kv_dtype_bytes == 1 && deployment_.model.dtype_bytes > 1;
    const bool limited = core.reach.kind != Reach::Kind::all;
    const bool shorter = limited && core.reach.tokens < longest;
    cores_.push_back({AttentionTime(deployment_.machine, shape), limited,
                      shorter ? static_cast<double>(core.reach.tokens) : 0, core.expands});
  }
}

// Everything of a stage's layers but attention.
KernelCost CalibratedModel::layers_time(const std::vector<int>& works, double tokens) const {
  KernelCost sum;
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (works[i] > 0) sum += works[i] * layer_time(deployment_, works_[i], tokens);
  }
  const auto hidden = static_cast<double>(deployment_.model.hidden);
  sum += send_time(deployment_.machine, deployment_.pipeline_group, kActivationBytes * tokens * hidden);
  return sum;
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

namespace {

// A step tells of one sum of contexts that are cut, at the longest reach that is not all. A shorter one is at
// most that, and at most so many tokens of each sequence: exact once all contexts, or none, are that long.
DecodeBatch decodes_of(const StepShape& shape, bool limited, double shorter) {
  const auto sequences = static_cast<double>(shape.decodes);
  auto context = static_cast<double>(limited ? shape.window_context : shape.decode_context);
  if (shorter > 0) context = std::min(context, sequences * shorter);
  return {.sequences = sequences, .tokens = static_cast<double>(shape.decode_tokens), .context = context};
}

}  // namespace

KernelCost CalibratedModel::mixed_time(const CoreTime& core, const StepShape& shape) const {
  KernelCost cost = core.time.mixed(shape.prefills, decodes_of(shape, core.limited, core.shorter));
  if (core.expands) {
    double context = 0;
    for (const PrefillChunk& chunk : shape.prefills) context += chunk.context;
    if (context > 0) cost += product_time(deployment_, *core.expands, context);
  }
  return cost;
}

// `price(core)` is what one layer of it takes, and is asked once a core.
template <class Price>
CalibratedModel::Slowest CalibratedModel::slowest_of(const StepShape& shape, const Price& price) const {
  const auto stage_cost = [&](const StagePlan& stage, const auto& core_cost) {
    KernelCost cost = stage.layers.at(shape.graph_tokens > 0 ? shape.graph_tokens : shape.tokens());
    for (std::size_t i = 0; i < stage.cores.size(); ++i) {
      if (stage.cores[i] > 0) core_cost(i).add_to(cost, stage.cores[i]);
    }
    stage.states.add_to(cost, shape);
    if (stage.head && shape.sampled > 0) cost += sampling_.at(shape.sampled);
    if (shape.graph_tokens == 0) cost.add<CostPart::launch>(std::max(0.0, stage.launch_us - cost.total()));
    if (stage.head && drafting_) cost += drafting_->of(shape);
    return cost;
  };
  const StagePlan& first = stages_.front();
  if (stages_.size() == 1)
    return {stage_cost(first, [&](std::size_t i) { return price(cores_[i]); }), &first};

  std::array<decltype(price(cores_.front())), kMostCores> costs;
  for (std::size_t i = 0; i < cores_.size(); ++i) costs[i] = price(cores_[i]);
  const auto known = [&](std::size_t i) -> const auto& {
    return costs[i];
  };
  Slowest worst{stage_cost(first, known), &first};
  for (std::size_t i = 1; i < stages_.size(); ++i) {
    const KernelCost other = stage_cost(stages_[i], known);
    if (other.total() > worst.cost.total()) worst = {other, &stages_[i]};
  }
  return worst;
}

CalibratedModel::Slowest CalibratedModel::slowest(const StepShape& shape) const {
  if (shape.prefills.empty()) {
    return slowest_of(shape, [&](const CoreTime& core) {
      return core.time.decodes(decodes_of(shape, core.limited, core.shorter));
    });
  }
  return slowest_of(shape, [&](const CoreTime& core) { return mixed_time(core, shape); });
}

double CalibratedModel::host_us(const StepShape& shape) const {
  const HostConstants& h = options_.host;
  const auto sequences =
      static_cast<double>(shape.decodes + static_cast<std::int64_t>(shape.prefills.size()));
  const double exposed = options_.async_scheduling ? 0 : h.sync_us + h.sync_per_sequence_us * sequences;
  const double searching = options_.drafter.searches ? search_us(shape) : 0;
  return h.step_us + h.per_sequence_us * sequences + exposed + searching;
}

KernelCost CalibratedModel::drafting_cost(const StepShape& shape) const {
  return drafting_ ? drafting_->of(shape) : KernelCost{};
}

KernelCost CalibratedModel::gpu_cost(const StepShape& shape) const {
  return shape.empty() ? KernelCost{} : slowest(shape).cost;
}

KernelCost CalibratedModel::layers_cost(double tokens) const {
  return layers_time(stages_.front().works, tokens);
}

KernelCost CalibratedModel::attention_cost(const StepShape& shape) const {
  KernelCost cost;
  const std::vector<int>& layers = stages_.front().cores;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    if (shape.prefills.empty() && shape.decodes > 0) {
      cores_[i].time.decodes(decodes_of(shape, cores_[i].limited, cores_[i].shorter)).add_to(cost, layers[i]);
    } else {
      cost += layers[i] * mixed_time(cores_[i], shape);
    }
  }
  stages_.front().states.add_to(cost, shape);
  return cost;
}

// What a batch does not pay again in each further stage: the last one's work behind its layers, if it is the
// slowest.
double CalibratedModel::behind_layers_us(const StepShape& shape, const StagePlan& stage) const {
  if (stages_.size() == 1 || !stage.head) return 0;
  const double sampling = shape.sampled > 0 ? sampling_.at(shape.sampled).total() : 0;
  return sampling + drafting_cost(shape).total();
}

StepCost CalibratedModel::step(const StepShape& shape) const {
  const Slowest slowest = shape.empty() ? Slowest{{}, &stages_.front()} : this->slowest(shape);
  if (shape.encoded > 0) return with_encoder(shape, slowest);
  StepCost step = to_step_cost(slowest.cost, host_us(shape));
  step.once += Seconds{behind_layers_us(shape, *slowest.stage) * kMicros};
  return step;
}

// Items are encoded before the batch enters the first stage.
StepCost CalibratedModel::with_encoder(const StepShape& shape, const Slowest& slowest) const {
  const auto& vision = deployment_.model.vision;
  if (!vision) return to_step_cost(slowest.cost, host_us(shape));
  const KernelCost encoder =
      encoder_time(deployment_, *vision, static_cast<double>(shape.encoded), shape.encoded_pairs);
  StepCost step = to_step_cost(slowest.cost + encoder, host_us(shape));
  step.once += Seconds{(encoder.total() + behind_layers_us(shape, *slowest.stage)) * kMicros};
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
    for (std::size_t i = 0; i < works_.size(); ++i) {
      if (stage.works[i] == 0) continue;
      const std::string name = label(works_, i);
      if (works_[i].norms > 0) term(name + "count", stage.works[i], "layers");
      for (const Operator& op : layer_operators(deployment_, works_[i], static_cast<double>(tokens))) {
        term(name + op.name + "_us", op.cost.total(), "us");
      }
    }
    for (std::size_t i = 0; i < cores_.size(); ++i) {
      if (stage.cores[i] == 0) continue;
      const std::string name = label(core_shapes_, i);
      term(name + "layers", stage.cores[i], "layers");
      term(name + "us", mixed_time(cores_[i], shape).total(), "us");
    }
    if (stage.states.layers() > 0) {
      KernelCost states;
      stage.states.add_to(states, shape);
      term("state_layers", stage.states.layers(), "layers");
      term("states_us", states.total(), "us");  // of all of them
    }
    if (stage.head && shape.sampled > 0)
      term("head_and_sampling_us", sampling_.at(shape.sampled).total(), "us");
    if (const double drafting = drafting_cost(shape).total(); stage.head && drafting > 0)
      term("drafting_us", drafting, "us");
    if (shape.graph_tokens == 0) term("launches_us", stage.launch_us, "us");  // the least of all of these
  }
  add_parts(cost, host_us(shape), out);
  out.cost = to_step_cost(cost, host_us(shape));
  out.binds = fmt::format("{} is the largest part of the step", to_string(out.cost.bound()));
  return out;
}

}  // namespace blis
