#include "sim/metrics.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "sim/population.h"
#include "sim/step_summary.h"

namespace blis {
namespace {

// Peak number of requests in the system, seen at the arrivals from `first` on.
std::int64_t peak_concurrency(std::span<const RequestRecord> requests, RequestIndex first) {
  Population population(requests);
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::int64_t found = population.found_by(i);
    if (i >= first) peak = std::max(peak, found + was_in_system(requests[i]));
  }
  return peak;
}

// Of the requests with a full answer for which there is a value. `values` is room for one of each.
template <class ValueOf>
Stats stats_of(std::span<const RequestRecord> requests, std::vector<double>& values, ValueOf value_of) {
  values.clear();
  for (const RequestRecord& r : requests) {
    if (!has_full_answer(r)) continue;
    if (const std::optional<double> value = value_of(r)) values.push_back(*value);
  }
  return stats_ms(values);
}

void summarize_requests(std::span<const RequestRecord> requests, const GoodputSlo& slo, Metrics& m) {
  Time last = kUnset;
  std::int64_t good = 0;
  for (const RequestRecord& r : requests) {
    if (!has_full_answer(r)) continue;
    ++m.completed;
    m.total_input_tokens += r.input_tokens;
    m.total_output_tokens += r.output_tokens;
    last = std::max(last, r.last_token);
    good += meets(slo, r);
  }
  m.measured = static_cast<std::int64_t>(requests.size());
  m.failed = m.measured - m.completed;

  std::vector<double> values;  // of one figure at a time: ten million requests are 80 MB
  values.reserve(static_cast<std::size_t>(m.completed));
  using Value = std::optional<double>;
  const auto stats = [&](auto value_of) { return stats_of(requests, values, value_of); };
  m.ttft = stats([](const RequestRecord& r) -> Value { return to_ms(blis::ttft(r)); });
  m.tpot = stats([](const RequestRecord& r) { return r.output_tokens > 1 ? Value(tpot_ms(r)) : Value(); });
  m.e2el = stats([](const RequestRecord& r) -> Value { return to_ms(blis::e2el(r)); });
  m.queue = stats([](const RequestRecord& r) -> Value { return to_ms(r.scheduled - r.queued); });

  if (m.completed > 0) m.duration_s = static_cast<double>((last - requests.front().arrival).count()) / 1e9;
  const auto rate = [&](std::int64_t count) {
    return m.duration_s > 0 ? static_cast<double>(count) / m.duration_s : 0.0;
  };
  m.request_throughput = rate(m.completed);
  m.output_throughput = rate(m.total_output_tokens);
  m.total_token_throughput = rate(m.total_input_tokens + m.total_output_tokens);
  if (slo.any()) {
    m.request_goodput = rate(good);
    m.attainment = m.measured > 0 ? static_cast<double>(good) / static_cast<double>(m.measured) : 0.0;
  }
}

}  // namespace

bool has_full_answer(const RequestRecord& request) {
  return request.outcome == Outcome::completed || request.outcome == Outcome::length_capped;
}

bool PastWarmup::operator()(const RequestRecord& request) {
  late_ = late_ || since_start(request.arrival) >= until_;
  if (requests_left_ == 0) return late_;
  --requests_left_;
  return false;
}

RequestIndex first_measured(const RunResult& run, const MetricsOptions& options) {
  PastWarmup past_warmup(options);
  const auto first = std::ranges::find_if(run.requests, std::ref(past_warmup));
  return static_cast<RequestIndex>(first - run.requests.begin());
}

bool meets(const GoodputSlo& slo, const RequestRecord& r) {
  const auto within = [](std::optional<double> limit, double value) { return !limit || value <= *limit; };
  return within(slo.ttft_ms, to_ms(ttft(r))) && within(slo.e2el_ms, to_ms(e2el(r))) &&
         within(slo.tpot_ms, r.output_tokens > 1 ? tpot_ms(r) : 0.0);  // vLLM's: no gap, no time
}

Metrics summarize(const RunResult& run, const MetricsOptions& options) {
  StepSummary steps(options);
  steps.finish(run);
  return summarize(run, steps);
}

Metrics summarize(const RunResult& run, const StepSummary& steps) {
  const MetricsOptions& options = steps.options();
  Metrics m;
  for (const RequestRecord& r : run.requests) ++m.outcomes[static_cast<std::size_t>(r.outcome)];
  const RequestIndex first = first_measured(run, options);
  summarize_requests(std::span(run.requests).subspan(first), options.goodput, m);
  m.max_concurrent_requests = peak_concurrency(run.requests, first);
  m.itl = stats_ms(steps.token_gaps());
  steps.fill(run, m);
  return m;
}

Metrics summarize_client(const RunResult& run, const MetricsOptions& options, std::uint16_t client) {
  std::vector<RequestRecord> requests;
  const RequestIndex first = first_measured(run, options);
  Metrics m{};
  for (std::size_t i = 0; i < run.requests.size(); ++i) {
    const RequestRecord& r = run.requests[i];
    if (r.client != client) continue;
    ++m.outcomes[static_cast<std::size_t>(r.outcome)];
    if (i >= first) requests.push_back(r);
  }
  summarize_requests(requests, options.goodput, m);
  return m;
}

std::vector<Duration> inter_token_gaps(const RunResult& run, const RequestRecord& request) {
  std::vector<Duration> gaps;
  const EngineResult& engine = run.engines[request.replica];
  Time later = kUnset;
  for_each_token_interval(engine, request, [&](StepIndex first, StepIndex last) {
    for (StepIndex i = last;; i -= engine.steps[i].distance) {
      const Time end = engine.steps[i].end;
      if (later != kUnset) gaps.push_back(later - end);
      later = end;
      if (i == first) return;
    }
  });
  std::ranges::reverse(gaps);
  return gaps;
}

}  // namespace blis
