#include "tools/report/replica_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "tools/report/replicas.h"

namespace blis {
namespace {

using Values = std::vector<double> ReplicaLine::*;
constexpr Values kValues[] = {&ReplicaLine::running, &ReplicaLine::waiting, &ReplicaLine::kv_usage};

constexpr std::array<std::pair<std::string_view, double>, 5> kSpread{
    {{"least", 0}, {"p25", 0.25}, {"median", 0.5}, {"p75", 0.75}, {"most", 1}}};

// Of all steps: those that were folded, and those that the run has kept.
ReplicaLoads loads_of(const RunReport& report) {
  ReplicaLoads loads = report.folded.replicas();
  for_each_kept_step(
      report.run, report.folded,
      [&](EngineIndex replica, const EngineResult& engine, std::size_t i) { loads.add(replica, engine, i); });
  return loads;
}

Time last_end(const RunResult& run) {
  Time last{};
  for (const EngineResult& engine : run.engines) {
    if (!engine.steps.empty()) last = std::max(last, engine.steps.back().end);
  }
  return last;
}

ReplicaLine line_of(std::span<const StepSums> sums, Duration width, Time end) {
  const auto pieces = static_cast<std::size_t>((since_start(end) + width - Duration{1}) / width);
  ReplicaLine line;
  for (const Values values : kValues) (line.*values).assign(pieces, 0);
  for (std::size_t i = 0; i < std::min(pieces, sums.size()); ++i) {
    const Duration past = since_start(end) - static_cast<std::int64_t>(i) * width;
    const auto ns = static_cast<double>(std::min(width, past).count());
    line.running[i] = sums[i].running / ns;
    line.waiting[i] = sums[i].waiting / ns;
    line.kv_usage[i] = sums[i].kv_usage / ns;
  }
  return line;
}

// The lines of a pool, which has at least one, as lines of what lies between them.
std::vector<ReplicaLine> spread_of(std::span<const ReplicaLine> pool) {
  std::vector<ReplicaLine> lines;
  for (const auto& [name, share] : kSpread) {
    ReplicaLine line;
    line.statistic = name;
    line.pool = pool[0].pool;
    const auto rank = static_cast<std::size_t>(std::lround(share * static_cast<double>(pool.size() - 1)));
    std::vector<double> sorted(pool.size());
    for (const Values values : kValues) {
      for (std::size_t i = 0; i < (pool[0].*values).size(); ++i) {
        std::ranges::transform(pool, sorted.begin(), [&](const ReplicaLine& of) { return (of.*values)[i]; });
        std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(rank));
        (line.*values).push_back(sorted[rank]);
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

ReplicaSeries replica_series(const RunReport& report) {
  const Time end = last_end(report.run);
  if (report.run.engines.size() < 2 || end == Time{}) return {};
  const ReplicaLoads loads = loads_of(report);
  ReplicaSeries series{.width = loads.width(), .lines = {}};
  std::vector<ReplicaLine> lines;
  for (std::size_t i = 0; i < report.run.engines.size(); ++i) {
    lines.push_back(line_of(loads.of(static_cast<EngineIndex>(i)), series.width, end));
    lines.back().replica = i;
    if (i < report.pools.size()) lines.back().pool = report.pools[i];
  }
  if (lines.size() <= kReplicasDrawn) {
    series.lines = std::move(lines);
    return series;
  }
  for (const auto pool : by_pool(std::span<const ReplicaLine>(lines))) {
    for (ReplicaLine& line : spread_of(pool)) series.lines.push_back(std::move(line));
  }
  return series;
}

void write_replica_series(JsonWriter& json, const RunReport& report) {
  const ReplicaSeries series = replica_series(report);
  if (series.lines.empty()) return;
  json.key("replicas").begin_object().member("start_s", 0.0);
  json.member("width_s", Seconds(series.width).count());
  json.key("rows").begin_list();
  for (const ReplicaLine& line : series.lines) {
    json.begin_object().member("replica", line.replica);
    json.key("statistic");
    line.statistic.empty() ? json.raw("null") : json.value(line.statistic);
    if (!line.pool.empty()) json.member("pool", line.pool);
    const auto list = [&](std::string_view name, Values values) {
      json.key(name).begin_list(true);
      for (const double value : line.*values) json.value(std::round(value * 1e4) / 1e4);
      json.end_list();
    };
    list("running", &ReplicaLine::running);
    list("waiting", &ReplicaLine::waiting);
    list("kv_usage", &ReplicaLine::kv_usage);
    json.end_object();
  }
  json.end_list().end_object();
}

}  // namespace blis
