#include "tools/study/diff/paired.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/study/compare/estimate.h"

namespace blis {
namespace {

constexpr std::size_t kBlocks = 30;

// A figure of one metric: its mean (NaN) or a percentile.
struct Statistic {
  std::string_view name;
  double q;
};
constexpr std::array<Statistic, 5> kStatistics{
    {{"mean", -1}, {"median", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}}};

struct PairedMetric {
  std::string_view name;
  bool (*has)(const RequestRecord&);
  double (*of)(const RequestRecord&);
};
constexpr std::array<PairedMetric, 4> kPairedMetrics{{
    {"ttft_ms", [](const RequestRecord&) { return true; },
     [](const RequestRecord& r) { return to_ms(ttft(r)); }},
    {"tpot_ms", [](const RequestRecord& r) { return r.output_tokens > 1; }, tpot_ms},
    {"e2el_ms", [](const RequestRecord&) { return true; },
     [](const RequestRecord& r) { return to_ms(e2el(r)); }},
    {"queue_ms", [](const RequestRecord&) { return true; },
     [](const RequestRecord& r) { return to_ms(r.scheduled - r.queued); }},
}};

struct Sample {
  double value;
  std::size_t block;
};

double statistic(const std::vector<double>& sorted, double q) {
  if (q < 0) {
    double sum = 0;
    for (const double value : sorted) sum += value;
    return sum / static_cast<double>(sorted.size());
  }
  const double position = static_cast<double>(sorted.size() - 1) * q / 100;
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

// Every statistic of the samples but those of `block`. `samples` are sorted by value.
std::array<double, kStatistics.size()> without(const std::vector<Sample>& samples, std::size_t block) {
  std::vector<double> rest;
  rest.reserve(samples.size());
  for (const Sample& sample : samples) {
    if (sample.block != block) rest.push_back(sample.value);
  }
  std::array<double, kStatistics.size()> values{};
  for (std::size_t s = 0; s < kStatistics.size(); ++s) values[s] = statistic(rest, kStatistics[s].q);
  return values;
}

struct Pair {
  const RequestRecord *a, *b;
};

// Half the width of the interval of each statistic's difference.
std::array<double, kStatistics.size()> half_widths(const std::vector<Pair>& pairs,
                                                   const PairedMetric& metric) {
  std::vector<Sample> a, b;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::size_t block = i * kBlocks / pairs.size();
    a.push_back({metric.of(*pairs[i].a), block});
    b.push_back({metric.of(*pairs[i].b), block});
  }
  std::ranges::sort(a, {}, &Sample::value);
  std::ranges::sort(b, {}, &Sample::value);
  std::array<std::array<double, kBlocks>, kStatistics.size()> differences;
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const auto x = without(a, block), y = without(b, block);
    for (std::size_t s = 0; s < kStatistics.size(); ++s) differences[s][block] = y[s] - x[s];
  }
  std::array<double, kStatistics.size()> widths{};
  for (std::size_t s = 0; s < kStatistics.size(); ++s) {
    double mean = 0, squares = 0;
    for (const double d : differences[s]) mean += d / kBlocks;
    for (const double d : differences[s]) squares += (d - mean) * (d - mean);
    const double error = std::sqrt(squares * (kBlocks - 1) / kBlocks);
    widths[s] = student_t(static_cast<int>(kBlocks) - 1) * error;
  }
  return widths;
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

RequestIndex first_counted(const StoredResult& result) {
  RunResult run;
  for (const RequestRecord& request : result.requests) run.requests.push_back(request);
  return first_measured(run, result.warmup);
}

std::vector<Pair> pairs_of(const StoredResult& a, const StoredResult& b) {
  const RequestIndex first = std::max(first_counted(a), first_counted(b));
  std::vector<Pair> pairs;
  for (std::size_t i = first; i < a.requests.size(); ++i) {
    if (has_full_answer(a.requests[i]) && has_full_answer(b.requests[i])) {
      pairs.push_back({&a.requests[i], &b.requests[i]});
    }
  }
  return pairs;
}

// What was asked for is known of an answer only if it came to its end.
bool same_request(const RequestRecord& x, const RequestRecord& y) {
  const bool both_completed = x.outcome == Outcome::completed && y.outcome == Outcome::completed;
  return x.input_tokens == y.input_tokens && (!both_completed || x.output_tokens == y.output_tokens);
}

bool equal_records(const RequestRecord& x, const RequestRecord& y) {
  return x.arrival == y.arrival && x.queued == y.queued && x.scheduled == y.scheduled &&
         x.first_token == y.first_token && x.last_token == y.last_token && x.input_tokens == y.input_tokens &&
         x.output_tokens == y.output_tokens && x.outcome == y.outcome;
}

}  // namespace

std::vector<SettingDifference> settings_that_differ(const StoredResult& a, const StoredResult& b) {
  std::vector<SettingDifference> all;
  for (const auto& [key, value] : a.settings) {
    const auto other = b.settings.find(key);
    if (other == b.settings.end()) {
      all.push_back({key, value, ""});
    } else if (other->second != value) {
      all.push_back({key, value, other->second});
    }
  }
  for (const auto& [key, value] : b.settings) {
    if (!a.settings.contains(key)) all.push_back({key, "", value});
  }
  return all;
}

ResultDiff diff_results(const StoredResult& a, const StoredResult& b) {
  ResultDiff diff;
  if (!a.measured && !b.measured) diff.settings = settings_that_differ(a, b);
  for (const std::string& key : a.order) {
    const auto other = b.figures.find(key);
    if (other != b.figures.end() && !same(a.figures.at(key), other->second)) {
      diff.figures.push_back({key, a.figures.at(key), other->second, {}});
    }
  }
  diff.requests_differ = !std::ranges::equal(a.requests, b.requests, equal_records);
  diff.same_traffic = std::ranges::equal(a.requests, b.requests, same_request);
  diff.same_arrivals =
      diff.same_traffic &&
      std::ranges::equal(a.requests, b.requests, {}, &RequestRecord::arrival, &RequestRecord::arrival);
  diff.traffic = compare_traffic(a.traffic, b.traffic);
  if (!diff.same_traffic) return diff;
  const std::vector<Pair> pairs = pairs_of(a, b);
  diff.paired = pairs.size();
  for (const PairedMetric& metric : kPairedMetrics) {
    std::vector<Pair> with;
    for (const Pair& pair : pairs) {
      if (metric.has(*pair.a) && metric.has(*pair.b)) with.push_back(pair);
    }
    if (with.size() < 2 * kBlocks) continue;
    std::optional<std::array<double, kStatistics.size()>> widths;
    for (std::size_t s = 0; s < kStatistics.size(); ++s) {
      const std::string key = std::string(kStatistics[s].name) + "_" + std::string(metric.name);
      const auto figure = std::ranges::find(diff.figures, key, &FigureDifference::key);
      if (figure == diff.figures.end()) continue;
      if (!widths) widths = half_widths(with, metric);
      figure->interval = {figure->change() - (*widths)[s], figure->change() + (*widths)[s]};
    }
  }
  return diff;
}

}  // namespace blis
