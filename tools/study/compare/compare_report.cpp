#include "tools/study/compare/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tools/study/compare/figures.h"
#include "tools/study/compare/left_undone.h"

namespace blis {
namespace {

constexpr std::string_view kScenario = "scenario";

struct ShortName {
  std::string_view key, name;
};
constexpr ShortName kShortNames[] = {
    {"hardware.gpu", "GPU"},
    {"engine.tensor_parallel_size", "TP"},
    {"engine.pipeline_parallel_size", "PP"},
    {"engine.data_parallel_size", "DP"},
    {"workload.arrival.request_rate", "req/s"},
    {"workload.time_scale", "time x"},
    {"engine.max_num_batched_tokens", "batched tokens"},
    {"engine.max_num_seqs", "max seqs"},
    {"engine.gpu_memory_utilization", "memory"},
    {"hardware.price_usd_per_gpu_hour", "$/GPU h"},
    {"router.policy", "router"},
    {"latency.model", "latency model"},
};

// Rows that have an answer come first.
int group(const Row& row) {
  switch (row.status) {
    case Status::ok:
      return 0;
    case Status::overloaded:
      return 1;
    case Status::not_run:
      return 2;
    case Status::infeasible:
      return 3;
  }
  return 3;
}

}  // namespace

void finish(CompareReport& report) {
  report.rows.clear();
  report.order.clear();
  for (const PointResult& point : report.points) report.rows.push_back(analyse(point));
  for (Row& row : report.rows) {
    const auto& search = row.point->search;
    // Nothing is known of a rate that does not exist.
    if (search && !search->met && row.status == Status::ok) row.met = false;
    row.interrupted = report.interrupted && is_undone(report, *row.point);
  }
  report.interrupted = std::ranges::any_of(report.rows, &Row::interrupted);
  mark_front(report.rows, report.objectives);
  std::vector<std::size_t> ran;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (report.rows[i].status == Status::ok) ran.push_back(i);
  }
  if (ran.size() > 1 && all_tied(report, ran)) {  // a front of all tells nothing
    for (Row& row : report.rows) row.on_front = false;
  }
  for (std::size_t i = 0; i < report.rows.size(); ++i) report.order.push_back(i);
  std::ranges::stable_sort(report.order, [&](std::size_t a, std::size_t b) {
    const Row &x = report.rows[a], &y = report.rows[b];
    if (group(x) != group(y)) return group(x) < group(y);
    const double u = x.value(report.sort_by), v = y.value(report.sort_by);
    if (u != u || v != v) return u == u && v != v;
    return report.descending ? u > v : u < v;
  });
}

bool all_tied(const CompareReport& report, const std::vector<std::size_t>& points) {
  return std::ranges::all_of(points, [&](std::size_t i) {
    return std::ranges::all_of(report.objectives, [&](std::size_t o) {
      return tied(report.rows[points.front()], report.rows[i], o);
    });
  });
}

std::string short_name(std::string_view key) {
  const auto found = std::ranges::find(kShortNames, key, &ShortName::key);
  if (found != std::end(kShortNames)) return std::string(found->name);
  constexpr std::string_view kPools = "pools.";  // which pool it is about must be seen
  if (key.starts_with(kPools)) return std::string(key.substr(kPools.size()));
  return std::string(key.substr(key.rfind('.') + 1));
}

std::vector<std::string> varied_keys(const CompareReport& report) {
  std::vector<std::string> keys;
  if (report.sweep.scenarios.size() > 1) keys.emplace_back(kScenario);
  for (const Axis& axis : report.sweep.axes) keys.insert(keys.end(), axis.keys.begin(), axis.keys.end());
  return keys;
}

std::string setting_of(const CompareReport& report, const PointResult& point, std::string_view key) {
  if (key == kScenario) {
    return std::filesystem::path(report.sweep.scenarios[point.point.scenario]).stem().string();
  }
  for (const Override& setting : point.point.settings) {
    if (setting.key == key) return setting.value.empty() ? "null" : setting.value;
  }
  return {};
}

std::string label(const CompareReport& report, const PointResult& point) {
  std::string text;
  for (const std::string& key : varied_keys(report)) {
    const std::string value = setting_of(report, point, key);
    if (!text.empty()) text += ", ";
    if (key == "hardware.gpu" || key == kScenario || key == "model") {
      text += value;
    } else if (key == "workload.arrival.request_rate") {
      text += value + " req/s";
    } else {
      text += fmt::format("{} {}", short_name(key), value);
    }
  }
  if (!text.empty()) return text;
  return point.resolved ? point.resolved->scenario.name : "the scenario";
}

}  // namespace blis
