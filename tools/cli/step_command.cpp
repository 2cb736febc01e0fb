// blis step: one batch, priced and explained.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "blis/error.hpp"
#include "roofline/cuda_graphs.h"
#include "roofline/evidence.h"
#include "scenarios/build.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/json_writer.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/simulate/batch_limits.h"
#include "tools/simulate/no_workload.h"
#include "tools/simulate/simulate_scenario.h"

namespace blis {
namespace {

// No batch is larger than this many sequences or tokens.
constexpr std::int64_t kMost = 100'000'000;

struct CountAtContext {
  std::int64_t count, context;
};

// "512@0". A context may be left out: 0.
CountAtContext parse_count_at_context(const Given& given) {
  const auto number = [&](std::string_view text, std::int64_t least) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > kMost) {
      throw InputError(ErrorKind::usage,
                       Problem{.place = {given.shown},
                               .message = "this is no part of a batch",
                               .expected = fmt::format("N@C, N from 1 and C from 0, both up to {}", kMost),
                               .got = given.value});
    }
    return value;
  };
  const std::string_view text = given.value;
  const std::size_t at = text.find('@');
  return {number(text.substr(0, at), 1), at == std::string_view::npos ? 0 : number(text.substr(at + 1), 0)};
}

// What was asked for; the prefill chunks that a shape refers to, and the shape.
struct Batch {
  std::vector<BatchPart> parts;
  std::vector<PrefillChunk> prefills;
  StepShape shape;
};

Batch batch_of(const Invocation& invocation, const EngineConfig& config) {
  Batch batch;
  for (const Given* given : invocation.all("prefill")) {
    const auto [tokens, context] = parse_count_at_context(*given);
    batch.parts.push_back({given->shown, /*prefill=*/true, /*sequences=*/1, tokens, context});
    batch.prefills.push_back(
        {static_cast<std::int32_t>(tokens), static_cast<std::int32_t>(context), /*samples=*/true});
    batch.shape.prefill_tokens += tokens;
    ++batch.shape.sampled;
  }
  const std::int64_t window = config.attention_window;
  const std::int64_t per_sequence = 1 + config.scheduler.num_spec_tokens;
  for (const Given* given : invocation.all("decode")) {
    const auto [sequences, context] = parse_count_at_context(*given);
    batch.parts.push_back({given->shown, /*prefill=*/false, sequences, per_sequence, context});
    batch.shape.decodes += sequences;
    batch.shape.decode_context += sequences * context;
    batch.shape.window_context += sequences * (window > 0 ? std::min(window, context) : context);
  }
  batch.shape.decode_tokens = batch.shape.decodes * per_sequence;
  batch.shape.sampled += batch.shape.decode_tokens;
  batch.shape.prefills = batch.prefills;
  if (batch.shape.empty()) {
    throw InputError(ErrorKind::usage,
                     Problem{.message = "the batch is empty",
                             .expected = "--prefill N@C or --decode N@C, or several of them"});
  }
  batch.shape.graph_tokens = graph_padded(batch.shape.tokens(), config.cuda_graph_sizes);
  return batch;
}

double microseconds(Seconds s) {
  return s.count() * 1e6;
}

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_list();
  for (const std::string& text : texts) json.value(text);
  json.end_list();
}

std::string step_json(const ResolvedScenario& resolved, const StepExplanation& explanation,
                      const std::vector<std::string>& warnings) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("schema", "blis-step/1");
  json.member("engine", describe_engine(resolved));
  json.member("evidence", to_string(evidence_of(resolved.hardware)));
  json.member("latency_model", resolved.latency->name);
  json.member("step_us", microseconds(explanation.cost.total));
  json.member("bound_by", to_string(explanation.cost.bound()));
  json.member("binds", explanation.binds);
  json.key("parts_us").begin_object();
  for (const CostPartRow& row : kCostParts) json.member(row.name, microseconds(explanation.cost[row.part]));
  json.end_object();
  json.key("terms").begin_object();
  for (const StepTerm& term : explanation.terms) {
    json.key(term.name).begin_object().member("value", term.value).member("unit", term.unit).end_object();
  }
  json.end_object();
  if (!resolved.not_modelled.empty()) {
    json.member("unscored", true);
    write_list(json, "not_modelled", resolved.not_modelled);
  }
  write_list(json, "warnings", warnings);
  json.end_object();
  return text + "\n";
}

std::string step_text(const ResolvedScenario& resolved, const StepExplanation& explanation,
                      const std::vector<std::string>&) {
  std::string text =
      fmt::format("{} ({}; {})\n\n{:<40} {:>16.3f} us\n", describe_engine(resolved), resolved.latency->name,
                  to_string(evidence_of(resolved.hardware)), "step", microseconds(explanation.cost.total));
  for (const CostPartRow& row : kCostParts) {
    text += fmt::format("  {:<38} {:>16.3f} us\n", row.name, microseconds(explanation.cost[row.part]));
  }
  text += "\n";
  for (const StepTerm& term : explanation.terms) {
    text += fmt::format("  {:<38} {:>16.6g} {}\n", term.name, term.value, term.unit);
  }
  return text + "\n" + explanation.binds + "\n";
}

}  // namespace

ExitCode step_command(const Invocation& invocation) {
  const auto write = json_wanted(invocation) ? step_json : step_text;
  const std::vector<Override> overrides = overrides_of(invocation);
  require_keys(invocation, overrides, {"model", "hardware.gpu"});
  const ScenarioSettings scenario = parse_settings(kNoWorkload, "step", "", overrides);
  const ResolvedScenario resolved = resolve(scenario, catalog_of(invocation), Fit::reported);
  const std::unique_ptr<ExplainedModel> latency = make_latency_model(resolved);
  const EngineConfig config = engine_config(resolved);
  const Batch batch = batch_of(invocation, config);
  const StepExplanation explanation = latency->explain(batch.shape);
  std::vector<std::string> warnings = resolved.warnings;
  for (std::string& warning : beyond_limits(batch.parts, config.scheduler)) {
    warnings.push_back(std::move(warning));
  }

  write_to_stdout(write(resolved, explanation, warnings));
  if (!invocation.has("quiet")) say_warnings(warnings);
  return ExitCode::ok;
}

}  // namespace blis
