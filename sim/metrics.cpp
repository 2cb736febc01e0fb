#include "sim/metrics.h"

#include <algorithm>
#include <cassert>

#include "sim/radix_sort.h"

namespace blis {
namespace {

// Calls `f(first, last)` for each interval of steps in which the request produced tokens.
template <class F>
void for_each_interval(const EngineResult& engine, const RequestRecord& request, F f) {
  TokenInterval interval = request.tokens;
  if (interval.first == kNoStep) return;
  f(interval.first, interval.last);
  while (interval.next != ~0u) {
    interval = engine.intervals[interval.next];
    f(interval.first, interval.last);
  }
}

double tpot_ms(const RequestRecord& r) {
  return to_ms(r.last_token - r.first_token) / (r.output_tokens - 1);
}

// The gaps between tokens of the requests that count. A step's record tells the gap that most of
// its sequences share; what the left-out requests contributed is taken off again, interval by
// interval, in time proportional to steps and requests.
class TokenGaps {
 public:
  TokenGaps(const RunResult& run, RequestIndex first)
      : run_(run), first_(first), left_out_(run.engines.size()) {
    for (std::size_t i = 0; i < run.requests.size(); ++i) {
      if (!counts(static_cast<RequestIndex>(i))) leave_out(run.requests[i]);
    }
  }

  LargeVector<Weighted> all() && {
    LargeVector<Weighted> gaps;
    std::size_t size = 0;
    for (const EngineResult& engine : run_.engines) size += engine.steps.size() + engine.odd_gaps.size();
    gaps.reserve(size);
    for (std::size_t e = 0; e < run_.engines.size(); ++e) add(run_.engines[e], left_out_[e], gaps);
    return gaps;
  }

 private:
  bool counts(RequestIndex i) const { return i >= first_ && has_full_answer(run_.requests[i]); }

  // Marks where the request's regular gaps begin and end; sums over the steps give their number.
  void leave_out(const RequestRecord& request) {
    if (request.tokens.first == kNoStep) return;
    const EngineResult& engine = run_.engines[request.replica];
    const auto distance = static_cast<StepIndex>(engine.regular_distance);
    std::vector<std::int32_t>& change = left_out_[request.replica];
    change.resize(engine.steps.size() + distance);
    for_each_interval(engine, request, [&](StepIndex first, StepIndex last) {
      ++change[first + distance];
      --change[last + distance];
    });
  }

  void add(const EngineResult& engine, std::span<std::int32_t> left_out, LargeVector<Weighted>& gaps) const {
    const auto distance = static_cast<std::size_t>(engine.regular_distance);
    const StepLog& steps = engine.steps;
    for (std::size_t i = distance; i < steps.size(); ++i) {
      std::int64_t weight = steps[i].steady;
      if (!left_out.empty()) {
        left_out[i] += left_out[i - distance];
        weight -= left_out[i];
      }
      assert(weight >= 0 && "a request is left out of steps that counted it");
      if (weight > 0) gaps.push_back({(steps[i].end - steps[i - distance].end).count(), weight});
    }
    for (const OddGap& odd : engine.odd_gaps) {
      if (counts(odd.request)) gaps.push_back({odd.gap.count(), 1});
    }
  }

  const RunResult& run_;
  RequestIndex first_;
  std::vector<std::vector<std::int32_t>> left_out_;  // by engine and step; empty: nothing
};

// Peak number of requests in the system, seen at the arrivals from `first` on; a request that ends
// at an instant is gone when others arrive at it. What was refused was never in.
std::int64_t peak_concurrency(std::span<const RequestRecord> requests, RequestIndex first) {
  const auto stays = [](const RequestRecord& r) { return r.outcome == Outcome::unfinished; };
  std::vector<std::int64_t> ends;
  ends.reserve(requests.size() + 1);
  for (const RequestRecord& r : requests) {
    if (!stays(r) && r.last_token != kUnset) ends.push_back(since_start(r.last_token).count());
  }
  radix_sort(ends);
  ends.push_back(since_start(kNever).count());
  std::int64_t arrived = 0, left = 0, peak = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const RequestRecord& r = requests[i];
    const std::int64_t now = since_start(r.arrival).count();
    while (ends[static_cast<std::size_t>(left)] <= now) ++left;
    arrived += r.last_token != kUnset || stays(r);
    if (i >= first) peak = std::max(peak, arrived - left);
  }
  return peak;
}

void summarize_requests(std::span<const RequestRecord> requests, const GoodputSlo& slo, Metrics& m) {
  std::vector<double> ttft, tpot, e2el, queue;
  for (auto* values : {&ttft, &tpot, &e2el, &queue}) values->reserve(requests.size());
  Time last = kUnset;
  std::int64_t good = 0;
  for (const RequestRecord& r : requests) {
    if (!has_full_answer(r)) continue;
    ++m.completed;
    m.total_input_tokens += r.input_tokens;
    m.total_output_tokens += r.output_tokens;
    last = std::max(last, r.last_token);
    good += meets(slo, r);
    ttft.push_back(to_ms(r.first_token - r.arrival));
    e2el.push_back(to_ms(r.last_token - r.arrival));
    queue.push_back(to_ms(r.scheduled - r.queued));
    if (r.output_tokens > 1) tpot.push_back(tpot_ms(r));
  }
  m.measured = static_cast<std::int64_t>(requests.size());
  m.failed = m.measured - m.completed;
  m.ttft = stats_ms(ttft);
  m.tpot = stats_ms(tpot);
  m.e2el = stats_ms(e2el);
  m.queue = stats_ms(queue);
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

void summarize_engines(std::span<const EngineResult> engines, Metrics& m) {
  PrefixStats prefix;
  double busy_ns = 0, usage_ns = 0, batch_ns = 0;
  std::array<Duration, kBoundKinds> bound_time{};
  for (const EngineResult& engine : engines) {
    m.steps += static_cast<std::int64_t>(engine.steps.size());
    m.preemptions += engine.preemptions;
    m.kv_blocks += engine.num_blocks;
    prefix.queries += engine.prefix.queries;
    prefix.hits += engine.prefix.hits;
    std::int32_t blocks_peak = 0;
    double blocks_ns = 0;
    for (const StepRecord& step : engine.steps) {
      const Duration took = step.end - step.start;
      const auto ns = static_cast<double>(took.count());
      const std::int32_t batch = step.decodes + step.prefills;
      busy_ns += ns;
      blocks_ns += ns * step.used_blocks;
      batch_ns += ns * batch;
      blocks_peak = std::max(blocks_peak, step.used_blocks);
      m.batch_peak = std::max<std::int64_t>(m.batch_peak, batch);
      bound_time[static_cast<std::size_t>(step.bound)] += took;
    }
    if (engine.num_blocks > 0) {
      const auto blocks = static_cast<double>(engine.num_blocks);
      usage_ns += blocks_ns / blocks;
      m.kv_usage_peak = std::max(m.kv_usage_peak, blocks_peak / blocks);
    }
  }
  if (prefix.queries > 0) {
    m.prefix_hit_rate = static_cast<double>(prefix.hits) / static_cast<double>(prefix.queries);
  }
  if (busy_ns > 0) {
    m.kv_usage_mean = usage_ns / busy_ns;
    m.batch_mean = batch_ns / busy_ns;
    for (std::size_t i = 0; i < bound_time.size(); ++i) {
      m.bound_by[i] = static_cast<double>(bound_time[i].count()) / busy_ns;
    }
  }
}

}  // namespace

bool has_full_answer(const RequestRecord& request) {
  return request.outcome == Outcome::completed || request.outcome == Outcome::length_capped;
}

RequestIndex first_measured(const RunResult& run, const MetricsOptions& options) {
  const auto past_warmup = [&](const RequestRecord& r) { return since_start(r.arrival) >= options.warmup; };
  const auto by_time = std::ranges::find_if(run.requests, past_warmup) - run.requests.begin();
  const std::size_t by_count = std::min<std::size_t>(options.warmup_requests, run.requests.size());
  return static_cast<RequestIndex>(std::max(static_cast<std::size_t>(by_time), by_count));
}

bool meets(const GoodputSlo& slo, const RequestRecord& r) {
  const auto within = [](std::optional<double> limit, double value) { return !limit || value <= *limit; };
  return within(slo.ttft_ms, to_ms(r.first_token - r.arrival)) &&
         within(slo.e2el_ms, to_ms(r.last_token - r.arrival)) &&
         within(slo.tpot_ms, r.output_tokens > 1 ? tpot_ms(r) : 0.0);  // vLLM's: no gap, no time
}

Metrics summarize(const RunResult& run, const MetricsOptions& options) {
  Metrics m;
  for (const RequestRecord& r : run.requests) ++m.outcomes[static_cast<std::size_t>(r.outcome)];
  const RequestIndex first = first_measured(run, options);
  summarize_requests(std::span(run.requests).subspan(first), options.goodput, m);
  m.max_concurrent_requests = peak_concurrency(run.requests, first);
  m.itl = stats_ms(token_gaps(run, options));
  summarize_engines(run.engines, m);
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

LargeVector<Weighted> token_gaps(const RunResult& run, const MetricsOptions& options) {
  return TokenGaps(run, first_measured(run, options)).all();
}

std::vector<Duration> inter_token_gaps(const RunResult& run, const RequestRecord& request) {
  std::vector<Duration> gaps;
  const EngineResult& engine = run.engines[request.replica];
  const auto distance = static_cast<StepIndex>(engine.regular_distance);
  Time previous = kUnset;
  for_each_interval(engine, request, [&](StepIndex first, StepIndex last) {
    for (StepIndex i = first; i <= last; i += distance) {
      const Time end = engine.steps[i].end;
      if (previous != kUnset) gaps.push_back(end - previous);
      previous = end;
    }
  });
  return gaps;
}

}  // namespace blis
