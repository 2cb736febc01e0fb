#include "tools/simulate/load_likeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/simulate/simulate_scenario.h"

namespace blis {
namespace {

constexpr std::int64_t kEnough = 200'000;  // requests

WorkloadSpec beginning_of(WorkloadSpec workload) {
  const auto least = [](std::optional<std::int64_t>& n) { n = std::min(n.value_or(kEnough), kEnough); };
  if (auto* const trace = std::get_if<TraceSpec>(&workload.kind)) {
    least(trace->limit);
  } else {
    least(std::get<SyntheticSpec>(workload.kind).num_requests);
  }
  return workload;
}

// Four digits at least, and no powers of ten.
std::string shown(double ms) {
  return ms < 1000 ? fmt::format("{:.4g}", ms) : fmt::format("{:.0f}", ms);
}

struct Compared {
  const char* name;
  double Stats::*figure;
  Stats Metrics::*of;
};
constexpr Compared kCompared[] = {{"p50 TTFT", &Stats::median, &Metrics::ttft},
                                  {"p99 TTFT", &Stats::p99, &Metrics::ttft},
                                  {"p50 E2E latency", &Stats::median, &Metrics::e2el},
                                  {"p99 E2E latency", &Stats::p99, &Metrics::e2el}};

}  // namespace

std::vector<std::string> load_likeness(ScenarioSettings deployment, const WorkloadSpec& traffic,
                                       const WorkloadSpec& imitation, const Catalog& catalog) {
  const auto simulated = [&](const WorkloadSpec& workload) {
    deployment.workload.spec = beginning_of(workload);
    return simulate_scenario(deployment, catalog, {}, StepsFor::figures);
  };
  const RunReport original = simulated(traffic);
  const RunReport copy = simulated(imitation);
  if (original.metrics.completed == 0) {
    return {fmt::format("latencies: not compared, as {} answers none of these requests", original.engine)};
  }
  constexpr double kNear = 0.1;
  std::string figures;
  std::string apart;
  for (const Compared& row : kCompared) {
    const double theirs = original.metrics.*row.of.*row.figure;
    const double ours = copy.metrics.*row.of.*row.figure;
    figures +=
        fmt::format("{}{} {} ms ({})", figures.empty() ? "" : ", ", row.name, shown(ours), shown(theirs));
    const double off = ours / theirs - 1;
    if (std::abs(off) <= kNear) continue;
    apart += fmt::format("{}{} ({:+.0f} %)", apart.empty() ? "" : ", ", row.name, 100 * off);
  }
  const double hits = original.metrics.prefix_hit_rate;
  if (hits > 0 || copy.metrics.prefix_hit_rate > 0) {
    figures += fmt::format(", prefix cache hit rate {:.1f} % ({:.1f} %)", 100 * copy.metrics.prefix_hit_rate,
                           100 * hits);
    if (std::abs(copy.metrics.prefix_hit_rate - hits) > kNear * hits)
      apart += fmt::format("{}hit rate", apart.empty() ? "" : ", ");
  }
  std::vector<std::string> sentences{
      fmt::format("latencies on {} (in brackets the trace's): {}", original.engine, figures)};
  sentences.push_back(apart.empty() ? "all of these are within 10 %" : "more than 10 % off: " + apart);
  if (original.metrics.failed > 0) {
    sentences.push_back(
        fmt::format("{} of the trace's {} requests have no full answer on it and count nowhere",
                    original.metrics.failed, original.metrics.measured));
  }
  return sentences;
}

}  // namespace blis
