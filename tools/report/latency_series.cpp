#include "tools/report/latency_series.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sim/order_statistics.h"

namespace blis {
namespace {

// Of several values that a percentile falls between, the lower.
void append(LatencyOverTime& latency, const LargeVector<Weighted>& samples) {
  std::array<std::int64_t, 2> values{};
  if (samples.empty()) {
    latency.p50.push_back(std::numeric_limits<double>::quiet_NaN());
    latency.p99.push_back(std::numeric_limits<double>::quiet_NaN());
    return;
  }
  std::int64_t total = 0;
  for (const Weighted& sample : samples) total += sample.weight;
  const std::array<std::int64_t, 2> ranks{(total - 1) / 2, (total - 1) * 99 / 100};
  order_statistics::select<Weighted>(samples, order_statistics::range_of<Weighted>(samples), 0, ranks,
                                     values);
  latency.p50.push_back(to_ms(Duration{values[0]}));
  latency.p99.push_back(to_ms(Duration{values[1]}));
}

// `collect(end, samples)` adds what comes before `end` and has not been collected yet.
template <class F>
LatencyOverTime over_time(const RunResult& run, const TimeSeries& series, F collect) {
  const std::size_t bins = bins_per_piece(run.requests.size());
  LatencyOverTime latency;
  latency.width = static_cast<std::int64_t>(bins) * series.width;
  LargeVector<Weighted> samples;
  for (std::size_t piece = 1; piece <= series.bins.size() / bins; ++piece) {
    samples.clear();
    collect(series.start + static_cast<std::int64_t>(piece) * latency.width, samples);
    append(latency, samples);
  }
  return latency;
}

}  // namespace

std::size_t bins_per_piece(std::size_t requests) {
  constexpr std::size_t kRequests = 20;
  for (const std::size_t bins : {1, 2, 3, 4, 5, 6, 8}) {
    if (requests * bins >= kRequests * kSeriesBins) return bins;
  }
  return 10;
}

LatencyOverTime ttft_over_time(const RunResult& run, const TimeSeries& series) {
  std::size_t next = 0;
  return over_time(run, series, [&](Time end, LargeVector<Weighted>& samples) {
    for (; next < run.requests.size() && run.requests[next].arrival < end; ++next) {
      const RequestRecord& r = run.requests[next];
      if (r.first_token != kUnset) samples.push_back({(r.first_token - r.arrival).count(), 1});
    }
  });
}

LatencyOverTime itl_over_time(const RunResult& run, const TimeSeries& series, const FoldedSteps& folded) {
  std::vector<std::size_t> next;  // step, by engine
  for (std::size_t e = 0; e < run.engines.size(); ++e) {
    next.push_back(folded.read_until(static_cast<EngineIndex>(e)));
  }
  const std::span<const TimeSlot> slots = folded.slots().all();
  const Duration slot_width = folded.slots().width();
  std::size_t next_slot = 0;
  return over_time(run, series, [&](Time end, LargeVector<Weighted>& samples) {
    // A slot belongs where its middle is.
    const auto middle = [&] {
      return Time{} + static_cast<std::int64_t>(next_slot) * slot_width + slot_width / 2;
    };
    GapHistogram gaps = TimeSlot{}.gaps;
    for (; next_slot < slots.size() && middle() < end; ++next_slot) gaps.merge(slots[next_slot].gaps);
    gaps.append_to(samples);
    for (std::size_t e = 0; e < run.engines.size(); ++e) {
      const StepLog& steps = run.engines[e].steps;
      for (std::size_t& i = next[e]; i < steps.size() && steps[i].end < end; ++i) {
        if (steps[i].steady == 0) continue;
        samples.push_back({(steps[i].end - steps[i - steps[i].distance].end).count(), steps[i].steady});
      }
    }
  });
}

}  // namespace blis
