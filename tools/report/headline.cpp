#include "tools/report/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/utf8.h"
#include "tools/output/text_chart.h"
#include "tools/simulate/slo.h"
#include "tools/simulate/traffic_line.h"

namespace blis {
namespace {

std::string deployment(const RunReport& report) {
  std::string text = report.scenario.name.empty() ? "" : printable(report.scenario.name) + ": ";
  text += printable(report.engine);
  if (const auto& version = report.scenario.engine.vllm_version) text += ", vLLM " + printable(*version);
  return text;
}

std::string traffic(const RunReport& report) {
  const Metrics& m = report.metrics;
  return traffic_line(report.scenario.workload.spec,
                      {.requests = m.measured,
                       .offered_rate = report.saturation.offered_requests,
                       .answered = m.completed,
                       .input_tokens = static_cast<double>(m.total_input_tokens),
                       .output_tokens = static_cast<double>(m.total_output_tokens)});
}

std::string unserved(const Metrics& m) {
  if (m.failed == 0) return {};
  std::string ways;
  for (int i = 0; i < kOutcomes; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    const std::int64_t count = m.outcomes[static_cast<std::size_t>(i)];
    if (count == 0 || outcome == Outcome::completed || outcome == Outcome::length_capped) continue;
    ways += fmt::format("{}{} {}", ways.empty() ? "" : ", ", with_separators(count), to_string(outcome));
  }
  return fmt::format("{} of {} requests ({})", with_separators(m.failed), with_separators(m.measured), ways);
}

std::vector<HeadlineLatency> latencies(const RunReport& report, const std::vector<LimitVerdict>& limits) {
  const Metrics& m = report.metrics;
  struct Kind {
    std::string_view name, key;
    const Stats& stats;
    bool always;
  };
  const Kind kinds[] = {{"TTFT", "_ttft_ms", m.ttft, true},
                        {"TPOT", "_tpot_ms", m.tpot, true},
                        {"ITL", "_itl_ms", m.itl, false},
                        {"E2E", "_e2el_ms", m.e2el, true},
                        {"queue", "_queue_ms", m.queue, false}};
  std::vector<HeadlineLatency> shown;
  for (const Kind& kind : kinds) {
    const auto limits_it = [&](const LimitVerdict& limit) { return limit.target.key.ends_with(kind.key); };
    if (kind.always || std::ranges::any_of(limits, limits_it)) shown.push_back({kind.name, kind.stats});
  }
  return shown;
}

std::string accuracy(const RunReport& report) {
  if (report.accuracy) return "Accuracy: " + to_sentence(*report.accuracy);
  if (report.not_modelled.empty()) return {};
  return fmt::format("Unscored, as parts are left out: {}", fmt::join(report.not_modelled, "; "));
}

}  // namespace

std::string condition(const SloTarget& target) {
  return fmt::format("{} {} {:g}", target.key, target.at_least ? ">=" : "<=", target.limit);
}

std::string held_against(const LimitVerdict& limit) {
  if (!std::isfinite(limit.value)) return "no value";
  std::string text = fmt::format("{:.2f}", limit.value);
  if (limit.model_error && limit.low != limit.high) {
    text += fmt::format(" ({} to {} with the model's error)", rounded(limit.low), rounded(limit.high));
  }
  return text;
}

Headline headline(const RunReport& report) {
  const Metrics& m = report.metrics;
  std::vector<LimitVerdict> limits = judge_slo(report);
  Headline answer{.deployment = deployment(report),
                  .traffic = traffic(report),
                  .unserved = unserved(m),
                  .limits = {},
                  .verdict = overall(limits),
                  .latencies = latencies(report, limits),
                  .rates = {},
                  .accuracy = accuracy(report)};
  answer.limits = std::move(limits);
  answer.rates.emplace_back("Throughput", fmt::format("{:.2f} output tok/s, {:.2f} req/s",
                                                      m.output_throughput, m.request_throughput));
  answer.rates.emplace_back(
      "KV usage", fmt::format("mean {:.2f} %, peak {:.2f} %", 100 * m.kv_usage_mean, 100 * m.kv_usage_peak));
  if (const auto cost = usd_per_million_output_tokens(report)) {
    answer.rates.emplace_back("Cost", fmt::format("{:.2f} USD / 1M output tokens", *cost));
  }
  return answer;
}

}  // namespace blis
