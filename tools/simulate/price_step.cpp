#include "tools/simulate/price_step.h"

#include <algorithm>
#include <memory>

#include "roofline/cuda_graphs.h"
#include "scenarios/build.h"
#include "tools/simulate/no_workload.h"

namespace blis {
namespace {

// The prefill chunks that a shape refers to, and the shape.
struct Shape {
  std::vector<PrefillChunk> prefills;
  StepShape shape;
};

// As Scheduler's: by the number of requests where there is a table.
std::int64_t drafts_of(std::span<const BatchPart> batch, const SchedulerConfig& config) {
  if (config.drafts_by_batch_size.empty()) return config.num_spec_tokens;
  std::size_t requests = 0;
  for (const BatchPart& part : batch) requests += static_cast<std::size_t>(part.sequences);
  return config.drafts_by_batch_size[std::min(requests, config.drafts_by_batch_size.size() - 1)];
}

Shape shape_of(std::span<const BatchPart> batch, const EngineConfig& config) {
  Shape result;
  StepShape& shape = result.shape;
  const std::int64_t window = config.attention_window;
  for (const BatchPart& part : batch) {
    if (part.prefill) {
      result.prefills.push_back({static_cast<std::int32_t>(part.tokens),
                                 static_cast<std::int32_t>(part.context), /*samples=*/true});
      shape.prefill_tokens += part.tokens;
      ++shape.sampled;
    } else {
      shape.decodes += part.sequences;
      shape.decode_tokens += part.sequences * part.tokens;
      shape.decode_context += part.sequences * part.context;
      shape.window_context += part.sequences * (window > 0 ? std::min(window, part.context) : part.context);
    }
  }
  shape.sampled += shape.decode_tokens;
  shape.prefills = result.prefills;
  shape.drafts = drafts_of(batch, config.scheduler);
  shape.graph_tokens = graph_padded(shape.tokens(), config.cuda_graph_sizes);
  return result;
}

}  // namespace

PricedStep price_step(const std::vector<Override>& settings, std::vector<BatchPart> batch,
                      const Catalog& catalog) {
  const ScenarioSettings scenario = parse_settings(kNoWorkload, "step", "", settings);
  ResolvedScenario resolved = resolve(scenario, catalog, Fit::reported);
  const std::unique_ptr<ExplainedModel> latency = make_latency_model(resolved);
  const EngineConfig config = engine_config(resolved);
  if (batch.empty()) {
    throw InputError(ErrorKind::usage,
                     Problem{.message = "the batch is empty",
                             .expected = "--prefill N@C or --decode N@C, or several of them"});
  }
  for (BatchPart& part : batch) {
    if (!part.prefill) part.tokens = 1 + config.scheduler.num_spec_tokens;
  }
  const Shape shape = shape_of(batch, config);
  std::vector<std::string> warnings = resolved.warnings;
  for (std::string& warning : beyond_limits(batch, config.scheduler)) warnings.push_back(std::move(warning));
  StepExplanation explanation = latency->explain(shape.shape);
  return {std::move(resolved), std::move(explanation), std::move(warnings)};
}

}  // namespace blis
