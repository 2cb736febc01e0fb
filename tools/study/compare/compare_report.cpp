#include "tools/study/compare/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

// Numbers that order rows as the key says, by row; NaN comes last.
std::vector<double> ranks(const CompareReport& report, const SortKey& key) {
  std::vector<double> ranks;
  std::vector<std::string> values;  // of a setting, in the order of the grid
  const double sign = figure_kinds()[key.figure].better == Better::more ? -1 : 1;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (key.setting.empty()) {
      ranks.push_back(sign * report.rows[i].value(key.figure));
      continue;
    }
    const std::string value = setting_of(report, report.points[i], key.setting);
    const auto known = std::ranges::find(values, value);
    ranks.push_back(static_cast<double>(known - values.begin()));
    if (known == values.end()) values.push_back(value);
  }
  return ranks;
}

void order_rows(CompareReport& report) {
  std::vector<std::vector<double>> by_key;
  for (const SortKey& key : report.sort_by) by_key.push_back(ranks(report, key));
  std::ranges::stable_sort(report.order, [&](std::size_t a, std::size_t b) {
    for (std::size_t k = 0; k < by_key.size(); ++k) {
      const bool by_figure = report.sort_by[k].setting.empty();
      const int x = group(report.rows[a]), y = group(report.rows[b]);
      if (by_figure && x != y) return x < y;
      const double u = by_key[k][a], v = by_key[k][b];
      if (std::isnan(u) != std::isnan(v)) return std::isnan(v);
      if (u != v && !std::isnan(u)) return u < v;
    }
    return false;
  });
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
  order_rows(report);
}

std::string sorted_by(const CompareReport& report) {
  std::string text;
  for (const SortKey& key : report.sort_by) {
    text += text.empty() ? "" : ",";
    text += key.setting.empty() ? figure_kinds()[key.figure].key : key.setting;
  }
  return text;
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
