#include "scenarios/latency_models.h"

#include <fmt/format.h>

#include <array>

#include "roofline/seed_roofline.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

Problem refusal(std::string key, std::string message, std::string hint) {
  return {.place = {std::move(key)}, .message = std::move(message), .hint = std::move(hint)};
}

std::vector<Problem> roofline_refusals(const LatencyInputs& in) {
  const LatencySettings& latency = in.scenario.latency;
  const SamplingSettings& sampling = in.scenario.workload.sampling;
  std::vector<Problem> problems;
  const auto refuse = [&](bool given, std::string key, std::string message, std::string hint) {
    if (given) problems.push_back(refusal(std::move(key), std::move(message), std::move(hint)));
  };
  const std::string remove = "remove the key";
  refuse(latency.profile.has_value(), "latency.profile", "latency model `roofline` reads no profile", remove);
  refuse(latency.coefficients.has_value(), "latency.coefficients",
         "latency model `roofline` takes no coefficients", remove);
  refuse(latency.calibration.has_value(), "latency.calibration",
         "latency model `roofline` takes no calibration", remove);
  refuse(latency.host.step_us || latency.host.per_sequence_us, "latency.host",
         "latency model `roofline` has no host time of its own",
         "its fixed time a step is the GPU's TOverheadMicros in hardware_config.json");
  refuse(sampling.top_p || sampling.top_k, "workload.sampling",
         "latency model `roofline` does not price sampling", remove);
  refuse(in.parallel.pipeline > 1, "engine.pipeline_parallel_size",
         "latency model `roofline` knows no pipeline stages",
         "set pipeline_parallel_size to 1, or use tensor parallelism");
  return problems;
}

std::vector<std::string> roofline_caveats(const LatencyInputs& in) {
  std::vector<std::string> sentences;
  if (in.model.quantization.format != WeightFormat::native) {
    sentences.push_back(
        fmt::format("latency model `roofline` prices {} weights at the model's dtype; quantization changes "
                    "the KV capacity only",
                    in.model.quantization.method));
  }
  if (in.scenario.engine.speculative) {
    sentences.push_back("latency model `roofline` prices the checking of drafts, not the making of them");
  }
  return sentences;
}

std::unique_ptr<ExplainedModel> make_roofline(const LatencyInputs& in) {
  // The seed knows one dtype, the config's.
  return std::make_unique<SeedRoofline>(in.model_as_is, in.hardware, in.parallel.tensor);
}

constexpr std::array kLatencyModels{
    LatencyModelRow{"roofline", "the seed document's formula, exactly; needs a data sheet only", 0,
                    roofline_refusals, roofline_caveats, make_roofline},
};

}  // namespace

std::span<const LatencyModelRow> latency_models() {
  return kLatencyModels;
}

const LatencyModelRow& default_latency_model() {
  return kLatencyModels.front();
}

const LatencyModelRow& find_latency_model(std::string_view name, const Place& place) {
  std::vector<std::string> names;
  for (const LatencyModelRow& row : kLatencyModels) {
    if (row.name == name) return row;
    names.emplace_back(row.name);
  }
  throw InputError(ErrorKind::usage, {.place = place,
                                      .message = fmt::format("unknown latency model `{}`", name),
                                      .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                                      .got = std::string(name),
                                      .hint = did_you_mean(name, names)});
}

}  // namespace blis
