#include "scenarios/latency_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "roofline/blackbox_model.h"
#include "roofline/profile_model.h"
#include "roofline/seed_roofline.h"
#include "scenarios/item_rules.h"
#include "scenarios/profile_reader.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

constexpr double kMicrosPerMilli = 1000;

double no_api_time(const ScenarioSettings&) {
  return 0;
}
double general_api_time(const ScenarioSettings&) {
  return HostConstants{}.api_us / kMicrosPerMilli;
}
double blackbox_api_time(const ScenarioSettings& s) {
  return s.latency.coefficients ? s.latency.coefficients->request_us / kMicrosPerMilli : 0;
}

std::unique_ptr<ExplainedModel> make_calibrated(const LatencyInputs& in) {
  return std::make_unique<CalibratedModel>(in.model, in.hardware, in.parallel, in.options);
}
std::unique_ptr<ExplainedModel> make_roofline(const LatencyInputs& in) {
  // The seed knows one dtype, the config's.
  return std::make_unique<SeedRoofline>(in.model_as_is, in.hardware, in.parallel.tensor);
}
std::unique_ptr<ExplainedModel> make_profile(const LatencyInputs& in) {
  const ProfileTables tables = read_profile(located(in.scenario, *in.scenario.latency.profile));
  return std::make_unique<ProfileModel>(tables, in.model, in.hardware, in.parallel, in.options);
}
std::unique_ptr<ExplainedModel> make_blackbox(const LatencyInputs& in) {
  return std::make_unique<BlackboxModel>(*in.scenario.latency.coefficients);
}

constexpr std::array kLatencyModels{
    LatencyModelRow{.name = "calibrated",
                    .description = "a roofline of every kernel with measured efficiencies, and host time",
                    .api_ms = general_api_time,
                    .api_per_token_us = HostConstants{}.api_per_token_us,
                    .api_per_sequence_us = HostConstants{}.api_per_sequence_us,
                    .clock_slowdown = SustainedConstants{}.slowdown,
                    .host_terms = true,
                    .sampling = true,
                    .pipeline = true,
                    .encodes = true,
                    .drafts = true,
                    .quantization = true,
                    .scored = true,
                    .make = make_calibrated},
    LatencyModelRow{.name = "roofline",
                    .description = "the seed document's formula, exactly; dense models only",
                    .api_ms = no_api_time,
                    .make = make_roofline},
    LatencyModelRow{.name = "profile",
                    .description = "measured tables (latency.profile), interpolated; the rest as calibrated",
                    .api_ms = general_api_time,
                    .api_per_token_us = HostConstants{}.api_per_token_us,
                    .api_per_sequence_us = HostConstants{}.api_per_sequence_us,
                    .clock_slowdown = SustainedConstants{}.slowdown,
                    .host_terms = true,
                    .sampling = true,
                    .drafts = true,
                    .quantization = true,
                    .profile = true,
                    .make = make_profile},
    LatencyModelRow{.name = "blackbox",
                    .description = "linear in the batch, with given coefficients (latency.coefficients)",
                    .api_ms = blackbox_api_time,
                    .quantization = true,
                    .coefficients = true,
                    .make = make_blackbox},
};

}  // namespace

std::span<const LatencyModelRow> latency_models() {
  return kLatencyModels;
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

std::vector<Problem> refusals(const LatencyModelRow& row, const LatencyInputs& in) {
  const LatencySettings& latency = in.scenario.latency;
  const SamplingSettings& sampling = in.scenario.workload.sampling;
  std::vector<Problem> problems;
  const auto refuse_if = [&](bool wrong, std::string key, std::string_view what, std::string hint) {
    if (!wrong) return;
    problems.push_back({.place = {std::move(key)},
                        .message = fmt::format("latency model `{}` {}", row.name, what),
                        .hint = std::move(hint)});
  };
  refuse_if(latency.profile && !row.profile, "latency.profile", "reads no profile",
            "remove the key, or use `profile`");
  refuse_if(!latency.profile && row.profile, "latency", "needs measured tables",
            "name them with `latency.profile`: a folder with dense.csv, attention.csv or steps.csv");
  refuse_if(latency.coefficients && !row.coefficients, "latency.coefficients", "takes no coefficients",
            "remove the key, or use `blackbox`");
  refuse_if(!latency.coefficients && row.coefficients, "latency", "needs coefficients",
            "give `latency.coefficients: { step_us: ..., prefill_token_us: ..., decode_token_us: ... }`");
  const HostSettings& host = latency.host;
  refuse_if(
      (host.step_us || host.per_sequence_us || host.sync_us || host.sync_per_sequence_us) && !row.host_terms,
      "latency.host", "has no host time of its own", "only latency.host.api_ms applies");
  refuse_if((sampling.top_p || sampling.top_k) && !row.sampling, "workload.sampling",
            "does not price sampling", "remove the key");
  refuse_if(in.parallel.pipeline > 1 && !row.pipeline, "engine.pipeline_parallel_size",
            "knows no pipeline stages", "use tensor parallelism, or latency model `calibrated`");
  return problems;
}

std::vector<std::string> caveats(const LatencyModelRow& row, const LatencyInputs& in) {
  std::vector<std::string> sentences;
  if (in.model.quantization.format != WeightFormat::native && !row.quantization) {
    sentences.push_back(
        fmt::format("latency model `{}` prices {} weights at the model's dtype; quantization changes the KV "
                    "capacity only",
                    row.name, in.model.quantization.method));
  }
  const std::optional<SpeculativeSettings>& drafts = in.scenario.engine.speculative;
  if (drafts && !row.drafts) {
    sentences.push_back(
        fmt::format("latency model `{}` prices the checking of drafts, not the making of them", row.name));
  } else if (drafts && drafts->method == "suffix") {
    sentences.emplace_back("how long the search for suffixes takes is not known, and not priced");
  }
  if (row.name == "calibrated" && in.options.exchange != ExpertExchange::gather &&
      in.parallel.expert_ranks() > 1 && in.parallel.data > 1) {
    sentences.push_back(fmt::format(
        "the exchange of tokens by {} is priced as DeepEP's published kernels on H800; no step of an engine "
        "with it was measured",
        *in.scenario.engine.all2all_backend));
  }
  if (row.encodes && sends_images(in.scenario)) {
    sentences.push_back(
        "the time of the vision encoder rests on its shape and on what products of language models reach: no "
        "encoder was measured");
  }
  if (row.name == "calibrated" && !in.hardware.calibrated) {
    sentences.push_back(fmt::format(
        "no kernel of {} was measured: step times rest on its data sheet and on what other GPUs reach",
        in.hardware.name));
  }
  return sentences;
}

}  // namespace blis
