#include "scenarios/item_rules.h"

#include <fmt/core.h>

#include <algorithm>

namespace blis {
namespace {

int largest_item(const EngineSettings& engine) {
  return engine.max_tokens_per_mm_item.value_or(*engine.max_num_batched_tokens);
}

}  // namespace

bool sends_images(const ScenarioSettings& scenario) {
  const auto* const spec = std::get_if<SyntheticSpec>(&scenario.workload.spec.kind);
  return spec != nullptr &&
         std::ranges::any_of(spec->clients, [](const ClientSpec& c) { return c.images.has_value(); });
}

bool encodes_items(const ResolvedScenario& d) {
  return d.model.vision.has_value() && d.latency->encodes;
}

void check_items(const ResolvedScenario& d, Complaints& complaints) {
  const ScenarioSettings& s = d.scenario;
  if (sends_images(s) && !d.model.vision) {
    complaints.add("workload", {.message = fmt::format(
                                    "requests have images, and `{}` has no vision tower whose time is known",
                                    d.model.name),
                                .expected = "a model with a `vision_config`, or no `images`"});
  } else if (sends_images(s) && !d.latency->encodes) {
    complaints.add(
        "latency.model",
        {.message = fmt::format("latency model `{}` does not price the encoding of images", d.latency->name),
         .expected = "calibrated, or no `images`"});
  }
  const EngineSettings& engine = s.engine;
  if (engine.disable_chunked_mm_input.value_or(false) &&
      largest_item(engine) > *engine.max_num_batched_tokens) {
    complaints.add("engine.disable_chunked_mm_input",
                   {.message = "an item that may not be split is larger than a step",
                    .expected = fmt::format("max_num_batched_tokens of at least {}", largest_item(engine)),
                    .got = std::to_string(*engine.max_num_batched_tokens)});
  }
  if (engine.max_tokens_per_mm_item && !d.model.vision) {
    complaints.add("engine.max_tokens_per_mm_item",
                   {.message = fmt::format("`{}` has no vision tower, and so no items", d.model.name),
                    .expected = "no such key"});
  }
}

EncoderLimits encoder_limits(const ResolvedScenario& d) {
  if (!encodes_items(d)) return {};
  const EngineSettings& engine = d.scenario.engine;
  const int budget = std::max(*engine.max_num_batched_tokens, largest_item(engine));
  return {.compute_budget = budget,
          .cache_size = budget,
          .disable_chunked_mm_input = engine.disable_chunked_mm_input.value_or(false)};
}

}  // namespace blis
