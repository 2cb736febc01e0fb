// result.json, and the same figures as vLLM's benchmark and as a CSV row.
#include <fmt/format.h>

#include <cmath>

#include "sim/attribution.h"
#include "tools/output/json_writer.h"
#include "tools/report/client_figures.h"
#include "tools/report/detailed_lists.h"
#include "tools/report/documents.h"
#include "tools/report/endpoints.h"
#include "tools/report/replicas.h"
#include "tools/report/scaling.h"
#include "tools/simulate/attribution_json.h"
#include "tools/simulate/flat_figures.h"
#include "tools/simulate/slo.h"

namespace blis {
namespace {

struct Definition {
  std::string_view key, text;
};
constexpr Definition kDefinitions[] = {
    {"ttft_ms", "first token at the client minus the client's send"},
    {"tpot_ms", "(e2el - ttft) / (output tokens - 1) of each request with two tokens or more"},
    {"itl_ms", "every gap between successive tokens of a request, of all requests together"},
    {"e2el_ms", "last token at the client minus the client's send"},
    {"queue_ms", "first scheduling minus entry into the scheduler's queue"},
    {"percentiles", "exact, numpy's linear method; std is that of the population"},
    {"completed", "requests with a full answer: outcomes completed and length_capped, after warm-up"},
    {"failed", "all other requests after warm-up; outcomes counts every request"},
    {"duration", "seconds from the first measured arrival to the last token"},
    {"request_goodput", "requests a second that meet every condition of slo.goodput"},
    {"max_concurrent_requests", "most requests in the system at one instant"},
    {"prefix_hit_rate", "prompt tokens found in the prefix cache, of all those looked up at first admission"},
    {"kv_usage", "share of KV blocks in use, weighted by step time"},
    {"batch", "sequences computed in a step, weighted by step time"},
    {"accuracy",
     "absolute error in percent of measured runs on such GPUs at such load; load is the share of a "
     "step's time that comes with it, and a step's error e becomes about e / (1 - load); unscored: what "
     "none of those runs had, so errors may be larger"},
    {"bound_by", "share of step time by the part that took the longest"},
    {"slo",
     "value: the figure, with requests that were not served as slower than all others (null: it falls among "
     "them); low, high: with the model_error, as a share of the truth; met: by the value alone"},
    {"replicas.load", "sequences computed at once, over the time from the first arrival to the last answer"},
    {"replicas.busy", "share of that time with a step running"},
    {"imbalance", "the most over the mean, among the replicas of a pool"},
    {"attribution",
     "mean parts of e2el, which they sum to: of all completed requests, and of the tail from p99_e2el_ms on"},
    {"attribution.step_wait",
     "waiting for the running step: before the queue, and from scheduling to the first step"},
    {"attribution.kv_wait", "queue time while KV blocks were short; batch_wait: the rest of queue_ms"},
    {"attribution.prefill", "steps that computed the prompt; chunk_wait: steps that had no room for it"},
    {"attribution.stretch", "what other requests' prefills added to the steps of decode"},
    {"attribution.preemption", "from a preemption until as much is computed again"},
};

void write_outcomes(JsonWriter& json, const Metrics& m) {
  json.key("outcomes").begin_object();
  for (int i = 0; i < kOutcomes; ++i) {
    json.member(to_string(static_cast<Outcome>(i)), m.outcomes[static_cast<std::size_t>(i)]);
  }
  json.end_object();
}

void write_engine(JsonWriter& json, const RunReport& report) {
  const Metrics& m = report.metrics;
  json.key("engine").begin_object();
  json.member("description", report.engine);
  json.member("model", report.model);
  json.member("gpus", report.gpus);
  json.member("steps", m.steps);
  json.member("preemptions", m.preemptions);
  json.member("prefix_hit_rate", m.prefix_hit_rate);
  if (m.external_prefix_hit_rate) json.member("external_prefix_hit_rate", *m.external_prefix_hit_rate);
  json.member("kv_blocks", m.kv_blocks);
  json.member("kv_usage_mean", m.kv_usage_mean);
  json.member("kv_usage_peak", m.kv_usage_peak);
  json.member("batch_mean", m.batch_mean);
  json.member("batch_peak", m.batch_peak);
  json.key("bound_by").begin_object();
  for (const CostPartRow& row : kCostParts) json.member(row.name, m.bound_by[row.part]);
  json.end_object();
  json.end_object();
}

void write_slo(JsonWriter& json, const RunReport& report) {
  json.key("slo").begin_list();
  for (const LimitVerdict& limit : judge_slo(report)) {
    json.begin_object().member("key", limit.target.key).member("limit", limit.target.limit);
    json.member("at_least", limit.target.at_least).member("value", limit.value);
    json.member("low", limit.low).member("high", limit.high).member("model_error", limit.model_error);
    json.member("met", limit.met).member("verdict", to_string(limit.verdict)).end_object();
  }
  json.end_list();
}

void write_accuracy(JsonWriter& json, const std::optional<Accuracy>& accuracy) {
  json.key("accuracy");
  if (!accuracy) {
    json.raw("null");
    return;
  }
  json.begin_object();
  json.member("gpu", to_string(accuracy->gpu));
  json.member("evidence", accuracy->evidence);
  json.member("load", accuracy->load);
  json.member("latencies_hold", accuracy->latencies_hold);
  json.member("sentence", to_sentence(*accuracy));
  json.key("unscored").begin_list();
  for (const std::string& feature : accuracy->unscored) json.value(feature);
  json.end_list();
  for (const ScoredBand& band : accuracy->bands) {
    json.key(band.metric).begin_object().member("median_pct", band.median_pct);
    json.member("p90_pct", band.p90_pct).member("runs", band.runs).end_object();
  }
  json.end_object();
}

// The rate and shape of the arrivals, where the workload has one arrival process for all.
struct Arrivals {
  std::optional<double> request_rate, burstiness;
  std::optional<std::int64_t> max_concurrency;
};
Arrivals arrivals_of(const WorkloadSpec& workload) {
  return std::visit(
      [](const auto& spec) {
        Arrivals result;
        result.max_concurrency = spec.max_concurrency;
        if (!spec.arrival) return result;
        if (spec.arrival->request_rate > 0) result.request_rate = spec.arrival->request_rate;
        result.burstiness = spec.arrival->burstiness;
        return result;
      },
      workload.kind);
}

}  // namespace

std::string to_result_json(const RunReport& report, bool detailed) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("schema", "blis-result/1");
  json.member("interrupted", report.run.interrupted);
  write_figures(json, flat_figures(report.metrics));
  write_outcomes(json, report.metrics);
  write_engine(json, report);
  json.key("attribution");
  write_attribution(json, summarize_attribution(report.run, report.options(), report.metrics.e2el.p99));
  json.member("goodput_attainment", report.metrics.attainment);
  write_slo(json, report);
  write_clients(json, report);
  write_replicas(json, report);
  write_endpoints(json, report);
  write_autoscaling(json, report);
  json.member("usd_per_million_output_tokens", usd_per_million_output_tokens(report));
  write_accuracy(json, report.accuracy);
  if (!report.not_modelled.empty()) {
    json.member("unscored", true);
    json.key("not_modelled").begin_list();
    for (const std::string& part : report.not_modelled) json.value(part);
    json.end_list();
  }
  json.key("definitions").begin_object();
  for (const Definition& definition : kDefinitions) json.member(definition.key, definition.text);
  json.end_object();
  json.key("warnings").begin_list();
  for (const std::string& warning : report.warnings) json.value(warning);
  json.end_list();
  json.key("scenario").raw(to_json(report.scenario));
  if (detailed) write_detailed_lists(json, report);
  json.end_object();
  return text + "\n";
}

std::string to_vllm_json(const RunReport& report, bool detailed) {
  const Arrivals arrivals = arrivals_of(report.scenario.workload.spec);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("endpoint_type", "blis");
  json.member("backend", "blis");
  json.member("label", report.scenario.name);
  json.member("model_id", report.scenario.model);
  json.member("tokenizer_id", report.scenario.model);
  json.member("num_prompts", report.metrics.measured);
  json.key("request_rate");
  arrivals.request_rate ? json.value(*arrivals.request_rate) : json.value("inf");
  json.member("burstiness", arrivals.burstiness.value_or(1.0));
  json.member("max_concurrency", arrivals.max_concurrency);
  write_figures(json, flat_figures(report.metrics));
  if (detailed) write_detailed_lists(json, report);
  json.end_object();
  return text + "\n";
}

std::string to_csv(const RunReport& report) {
  std::string header, row;
  for (const Figure& figure : flat_figures(report.metrics)) {
    const char* const separator = header.empty() ? "" : ",";
    header += separator + figure.key;
    row += separator;
    const double* const number = std::get_if<double>(&figure.value);
    if (number == nullptr || !std::isnan(*number)) {
      row += std::visit([](auto value) { return fmt::format("{}", value); }, figure.value);
    }
  }
  return header + "\n" + row + "\n";
}

}  // namespace blis
