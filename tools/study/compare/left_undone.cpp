#include "tools/study/compare/left_undone.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/study/compare/comparison.h"

namespace blis {

bool is_undone(const CompareReport& report, const PointResult& point) {
  if (!point.feasible() || point.stopped_by) return false;
  if (report.goal == Goal::max_rate) return !point.search || !point.search->complete;
  if (report.cheapest && report.cheapest->complete) return false;
  return point.runs.size() < seeds_of(point, report.sweep.seeds).size();
}

std::string left_undone(const CompareReport& report) {
  std::size_t feasible = 0, not_run = 0, searching = 0;
  std::vector<std::size_t> seeds;  // of points that have some, but not all
  for (const Row& row : report.rows) {
    feasible += row.status != Status::infeasible;
    if (!row.interrupted) continue;
    if (row.status == Status::not_run) {
      ++not_run;
    } else if (row.point->search) {
      ++searching;
    } else {
      seeds.push_back(row.point->runs.size());
    }
  }
  std::vector<std::string> parts;
  if (not_run > 0) {
    parts.push_back(fmt::format("{} of {} {} {} not run", not_run, feasible,
                                feasible == 1 ? "point" : "points", not_run == 1 ? "was" : "were"));
  }
  if (!seeds.empty()) {
    parts.push_back(fmt::format("{} {} {} of the {} seeds", seeds.size(),
                                seeds.size() == 1 ? "point has" : "points have", range_of(seeds),
                                report.sweep.seeds.size()));
  }
  if (searching > 0) {
    parts.push_back(
        fmt::format("{} of {} {} had not ended", searching, feasible, feasible == 1 ? "search" : "searches"));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::uint64_t> seeds_run(const CompareReport& report) {
  std::vector<std::uint64_t> seeds = report.sweep.seeds;
  if (!report.interrupted) return seeds;
  std::erase_if(seeds, [&](std::uint64_t seed) {
    return std::ranges::none_of(report.points, [&](const PointResult& point) {
      return std::ranges::find(point.runs, seed, &Replication::seed) != point.runs.end();
    });
  });
  return seeds;
}

std::string range_of(const std::vector<std::size_t>& counts) {
  if (counts.empty()) return {};
  const auto [least, most] = std::ranges::minmax(counts);
  return least == most ? fmt::format("{}", most) : fmt::format("{} to {}", least, most);
}

}  // namespace blis
