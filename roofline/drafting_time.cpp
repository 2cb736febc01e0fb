#include "roofline/drafting_time.h"

#include <algorithm>
#include <limits>

#include "roofline/calibrated.h"

namespace blis {
namespace {

// A search for the longest n-gram that ends a sequence takes 2.3 ns a token of it on one core (the algorithm
// timed for 400 to 100,000 tokens on an x86 server); vLLM searches one sequence after the other. Around each
// search 1 us: vllm#13365 reports 1.9 s for ShareGPT's 5,000 requests, about a million searches.
constexpr double kSearchUs = 1;
constexpr double kSearchUsPerToken = 0.0023;

std::int64_t sequences_of(const StepShape& shape) {
  return shape.decodes + static_cast<std::int64_t>(shape.prefills.size());
}

// One module and its head as a model. Drafts are the likeliest tokens: nothing is sampled.
ModelConfig module_of(const Drafter& drafter) {
  ModelConfig model = drafter.model;
  model.layers = model.layers.range(0, drafter.layers() / drafter.modules);
  if (drafter.draft_vocab > 0) model.vocab = drafter.draft_vocab;
  return model;
}

CalibratedOptions options_of(CalibratedOptions options) {
  options.top_p_or_k = false;
  options.drafter = {};
  return options;
}

std::int64_t reach_of(const LayerList& layers) {
  std::int64_t tokens = std::numeric_limits<std::int64_t>::max();
  for (const Reach& reach : limited_reaches(layers)) tokens = std::min(tokens, reach.tokens);
  return tokens;
}

// What depends on the number of tokens alone: matrices around the layers and, of captured graphs, the layers.
TokenTable tabulate(const CalibratedModel& module, const Drafter& drafter, const Hardware& hardware,
                    const Parallelism& parallel, const CalibratedOptions& options, bool first_pass) {
  const Deployment d = make_deployment(drafter.model, hardware, {.tensor = parallel.tensor},
                                       options.kv_dtype_bytes, options.exchange, options.compiled);
  return TokenTable(options.max_num_batched_tokens, [&](double tokens) {
    KernelCost cost;
    if (options.compiled) cost += module.layers_cost(tokens);
    for (const Drafter::Matrix& matrix : drafter.around) {
      if (matrix.first_pass && !first_pass) continue;
      const double n = matrix.n / (matrix.sharded ? parallel.tensor : 1);
      cost += product_time(d, {.n = n, .k = matrix.k, .role = WeightRole::router}, tokens);
    }
    return cost;
  });
}

}  // namespace

DraftingTime::DraftingTime(const Drafter& drafter, const Hardware& hardware, const Parallelism& parallel,
                           const CalibratedOptions& options)
    : module_(std::make_shared<CalibratedModel>(
          module_of(drafter), hardware,
          Parallelism{.tensor = parallel.tensor,
                      .data = parallel.data,
                      .expert_parallel = parallel.expert_parallel && drafter.model.layers.has("experts")},
          options_of(options))),
      modules_(drafter.modules),
      limit_(reach_of(drafter.model.layers)),
      rereads_(drafter.rereads),
      captured_(options.compiled),
      first_(tabulate(*module_, drafter, hardware, parallel, options, true)),
      later_(tabulate(*module_, drafter, hardware, parallel, options, false)) {}

// A step beyond captured graphs is launched while the model's kernels still run; without graphs every pass
// is.
KernelCost DraftingTime::pass(const StepShape& shape, const TokenTable& by_tokens) const {
  if (!captured_) return module_->gpu_cost(shape) + by_tokens.at(shape.tokens());
  KernelCost cost = module_->attention_cost(shape);
  cost += by_tokens.at(std::max(shape.graph_tokens, shape.tokens()));
  cost += module_->sampling_cost(shape.sampled);
  return cost;
}

KernelCost DraftingTime::of(const StepShape& shape) const {
  if (shape.drafts == 0 || shape.empty()) return {};
  const std::int64_t sequences = sequences_of(shape);
  StepShape all = shape;
  all.sampled = sequences;
  all.drafts = all.encoded = 0;
  if (rereads_) all.decode_tokens += shape.decodes;
  StepShape next{.decodes = sequences,
                 .decode_tokens = sequences,
                 .decode_context = shape.decode_context + shape.decode_tokens,
                 .window_context = shape.window_context,
                 .sampled = sequences};
  for (const PrefillChunk& chunk : shape.prefills) {
    const std::int64_t context = std::int64_t{chunk.context} + chunk.new_tokens;
    next.decode_context += context;
    next.window_context += std::min(context, limit_);
  }
  // Each module has a cache of its own, and reads all tokens once.
  const std::int64_t over_all = std::min(shape.drafts, modules_);
  KernelCost cost = static_cast<double>(over_all) * pass(all, first_);
  if (shape.drafts > over_all) pass(next, later_).add_to(cost, static_cast<double>(shape.drafts - over_all));
  return cost;
}

double search_us(const StepShape& shape) {
  if (shape.drafts == 0) return 0;
  auto tokens = static_cast<double>(shape.decode_context + shape.decode_tokens);
  for (const PrefillChunk& chunk : shape.prefills) tokens += chunk.context + chunk.new_tokens;
  return kSearchUs * static_cast<double>(sequences_of(shape)) + kSearchUsPerToken * tokens;
}

}  // namespace blis
