#include "tools/report/series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tools/output/json_writer.h"
#include "tools/report/latency_series.h"
#include "tools/report/replica_series.h"
#include "tools/report/roofline_cells.h"
#include "tools/report/scaling.h"

namespace blis {
namespace {

// First and last instant at which anything happened.
std::pair<Time, Time> extent(const RunResult& run) {
  Time first = kNever, last{};
  const auto include = [&](Time t) {
    if (t == kUnset) return;
    first = std::min(first, t);
    last = std::max(last, t);
  };
  for (const RequestRecord& r : run.requests) include(r.arrival), include(r.last_token);
  for (const EngineResult& engine : run.engines) {
    if (!engine.steps.empty()) include(engine.steps.begin()->start), include(engine.steps.back().end);
  }
  return {first, last};
}

// With GPUs, in the mean.
double replicas_in(const RunResult& run, Time begin, Time end) {
  auto replicas = static_cast<double>(run.engines.size());
  for (const PoolScaling& pool : run.scaling) replicas -= pool.places - mean_replicas(pool, begin, end);
  return replicas;
}

class Bins {
 public:
  Bins(Time first, Time last) {
    series_.start = first;
    series_.width = (last - first) / static_cast<std::int64_t>(kSeriesBins) + Duration{1};
    series_.bins.resize(kSeriesBins);
    sums_.resize(kSeriesBins);
  }

  // Nothing for an instant that never came.
  TimeSeries::Bin* requests_at(Time t) { return t == kUnset ? nullptr : &series_.bins[index(t)]; }

  void add(const EngineResult& engine, std::size_t step) {
    share_out(
        engine, step, [&](Time t) -> StepSums& { return sums_[index(t)]; },
        [&](Time t) { return end_of(t); });
  }

  // The sums of [begin, end), evenly over the part of it in which the run lies.
  void add(const StepSums& sums, Time begin, Time end) {
    begin = std::max(begin, series_.start);
    end = std::min(end, series_.start + static_cast<std::int64_t>(kSeriesBins) * series_.width);
    if (begin >= end) return;
    for (Time t = begin; t < end;) {
      const Time until = std::min(end, end_of(t));
      sums_[index(t)].add(
          sums, static_cast<double>((until - t).count()) / static_cast<double>((end - begin).count()));
      t = until;
    }
    sums_[index(begin + (end - begin) / 2)].preemptions += sums.preemptions;
  }

  TimeSeries take(const RunResult& run) && {
    const auto width = static_cast<double>(series_.width.count());
    for (std::size_t i = 0; i < kSeriesBins; ++i) {
      const Time begin = series_.start + static_cast<std::int64_t>(i) * series_.width;
      const double replicas = replicas_in(run, begin, begin + series_.width);
      TimeSeries::Bin& bin = series_.bins[i];
      const StepSums& sums = sums_[i];
      bin.prefill_tokens = sums.prefill_tokens;
      bin.decode_tokens = sums.decode_tokens;
      bin.busy = sums.busy / width / replicas;
      bin.running = sums.running / width;
      bin.waiting = sums.waiting / width;
      bin.kv_usage = sums.kv_usage / width / replicas;
      bin.preemptions = sums.preemptions;
    }
    return std::move(series_);
  }

 private:
  std::size_t index(Time t) const { return static_cast<std::size_t>((t - series_.start) / series_.width); }
  Time end_of(Time t) const {
    return series_.start + (static_cast<std::int64_t>(index(t)) + 1) * series_.width;
  }

  TimeSeries series_;
  std::vector<StepSums> sums_;
};

constexpr std::array<double, 8> kTail{99.1, 99.2, 99.3, 99.4, 99.6, 99.7, 99.8, 99.9};

std::vector<double> cdf_percentiles() {
  std::vector<double> percentiles(kTail.begin(), kTail.end());
  for (int i = 0; i <= 200; ++i) percentiles.push_back(i / 2.0);
  std::ranges::sort(percentiles);
  return percentiles;
}

template <class TimeOf>
Cdf cdf_of(const RunReport& report, TimeOf time_of) {
  LargeVector<Weighted> samples;
  for (std::size_t i = first_measured(report.run, report.options()); i < report.run.requests.size(); ++i) {
    const RequestRecord& r = report.run.requests[i];
    if (!has_full_answer(r)) continue;
    if (const Duration d = time_of(r); d >= Duration{0}) samples.push_back({d.count(), 1});
  }
  return cdf_of(std::move(samples));
}

void write_cdf(JsonWriter& json, std::string_view name, const Cdf& cdf) {
  json.key(name).begin_list(true);
  for (const auto& [percentile, ms] : cdf) json.begin_list().value(percentile).value(ms).end_list();
  json.end_list();
}

// Figures for drawing need no more digits than these.
double to_four_decimals(double value) {
  return std::round(value * 1e4) / 1e4;
}

// The same for what spans orders of magnitude: five significant digits.
double significant(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10, 4 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

void write_latencies(JsonWriter& json, const RunReport& report, const TimeSeries& series) {
  const auto list = [&](std::string_view name, const std::vector<double>& values) {
    json.key(name).begin_list(true);
    for (const double ms : values) json.value(to_four_decimals(ms));
    json.end_list();
  };
  const LatencyOverTime ttft = ttft_over_time(report.run, series);
  const LatencyOverTime itl = itl_over_time(report.run, series, report.folded);
  json.key("latency").begin_object();
  json.member("start_s", Seconds(since_start(series.start)).count());
  json.member("width_s", Seconds(ttft.width).count());
  list("ttft_p50_ms", ttft.p50);
  list("ttft_p99_ms", ttft.p99);
  list("itl_p50_ms", itl.p50);
  list("itl_p99_ms", itl.p99);
  json.end_object();
}

void write_time_series(JsonWriter& json, const TimeSeries& series) {
  json.key("time").begin_object();
  json.member("start_s", Seconds(since_start(series.start)).count());
  json.member("width_s", Seconds(series.width).count());
  const auto list = [&](std::string_view name, auto field) {
    json.key(name).begin_list(true);
    for (const TimeSeries::Bin& bin : series.bins) {
      if constexpr (std::is_same_v<decltype(field), double TimeSeries::Bin::*>) {
        json.value(to_four_decimals(bin.*field));
      } else {
        json.value(bin.*field);
      }
    }
    json.end_list();
  };
  list("arrivals", &TimeSeries::Bin::arrivals);
  list("first_tokens", &TimeSeries::Bin::first_tokens);
  list("completions", &TimeSeries::Bin::completions);
  list("prefill_tokens", &TimeSeries::Bin::prefill_tokens);
  list("decode_tokens", &TimeSeries::Bin::decode_tokens);
  list("busy", &TimeSeries::Bin::busy);
  list("running", &TimeSeries::Bin::running);
  list("waiting", &TimeSeries::Bin::waiting);
  list("kv_usage", &TimeSeries::Bin::kv_usage);
  list("preemptions", &TimeSeries::Bin::preemptions);
  json.end_object();
}

void write_histogram(JsonWriter& json, const StepHistogram& histogram) {
  json.key("step_ms").begin_object();
  const auto list = [&](std::string_view name, const auto& values) {
    json.key(name).begin_list(true);
    for (const auto value : values) json.value(value);
    json.end_list();
  };
  list("upper_ms", histogram.upper_ms);
  list("decode_only", histogram.decode_only);
  list("mixed", histogram.mixed);
  list("prefill_only", histogram.prefill_only);
  json.end_object();
}

void write_roofline(JsonWriter& json, const RunReport& report) {
  const WorkModel& work = *report.work;
  const RooflineCells cells = roofline_cells(report.run, work, report.folded);
  json.key("roofline").begin_object();
  json.member("gpus", work.gpus);
  json.member("peak_tflops", work.peak_flops / work.gpus * 1e-12);
  json.key("peak_tflops_8bit");
  work.peak_flops_8 > 0 ? json.value(work.peak_flops_8 / work.gpus * 1e-12) : json.raw("null");
  json.member("bandwidth_tbs", work.peak_bytes / work.gpus * 1e-12);
  json.member("share_shown", significant(cells.share_shown));
  json.key("cells").begin_list(true);
  for (const RooflineCell& cell : cells.cells) {
    json.begin_list().value(significant(cell.intensity)).value(significant(cell.tflops)).value(cell.steps);
    json.value(significant(cell.seconds)).value(to_string(cell.bound)).end_list();
  }
  json.end_list();
  json.end_object();
}

}  // namespace

Cdf cdf_of(LargeVector<Weighted> samples) {
  Cdf cdf;
  if (samples.empty()) return cdf;
  std::ranges::sort(samples, {}, &Weighted::value);
  std::int64_t total = 0;
  for (const Weighted& s : samples) total += s.weight;
  std::size_t i = 0;
  std::int64_t before = 0;
  for (const double p : cdf_percentiles()) {
    const auto rank = static_cast<std::int64_t>(static_cast<double>(total - 1) * (p / 100));
    while (before + samples[i].weight <= rank) before += samples[i++].weight;
    cdf.emplace_back(p, to_ms(Duration{samples[i].value}));
  }
  return cdf;
}

TimeSeries time_series(const RunResult& run, const FoldedSteps& folded) {
  const auto [first, last] = extent(run);
  if (first > last) return {};
  Bins bins(first, last);
  for (const RequestRecord& r : run.requests) {
    if (auto* bin = bins.requests_at(r.arrival)) ++bin->arrivals;
    if (auto* bin = bins.requests_at(r.first_token)) ++bin->first_tokens;
    if (auto* bin = bins.requests_at(r.last_token); bin && has_full_answer(r)) ++bin->completions;
  }
  Time end{};
  for (const TimeSlot& slot : folded.slots().all()) {
    const Time begin = std::exchange(end, end + folded.slots().width());
    bins.add(slot.sums, begin, end);
  }
  for_each_kept_step(run, folded,
                     [&](EngineIndex, const EngineResult& engine, std::size_t i) { bins.add(engine, i); });
  return std::move(bins).take(run);
}

StepHistogram step_histogram(const RunResult& run, const FoldedSteps& folded) {
  StepHistogram histogram = folded.histogram();
  for_each_kept_step(run, folded, [&](EngineIndex, const EngineResult& engine, std::size_t i) {
    histogram.add(engine.steps[i]);
  });
  return histogram;
}

std::string to_series_json(const RunReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("schema", "blis-series/1");
  const TimeSeries series = time_series(report.run, report.folded);
  write_time_series(json, series);
  write_latencies(json, report, series);
  write_replica_series(json, report);
  write_scaling_series(json, report);
  json.key("cdf_ms").begin_object();
  write_cdf(json, "ttft", cdf_of(report, ttft));
  write_cdf(json, "tpot", cdf_of(report, [](const RequestRecord& r) {
              return r.output_tokens > 1 ? tpot(r.last_token - r.first_token, r.output_tokens) : Duration{-1};
            }));
  write_cdf(json, "itl", cdf_of(report.steps.token_gaps()));
  write_cdf(json, "e2el", cdf_of(report, e2el));
  write_cdf(json, "queue", cdf_of(report, [](const RequestRecord& r) { return r.scheduled - r.queued; }));
  json.end_object();
  write_histogram(json, step_histogram(report.run, report.folded));
  if (report.work) write_roofline(json, report);
  json.end_object();
  return text + "\n";
}

}  // namespace blis
