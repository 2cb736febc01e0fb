#include "tools/study/compare/sharded.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "blis/error.hpp"
#include "tools/output/output_file.h"
#include "tools/study/compare/comparison.h"
#include "tools/study/compare/left_undone.h"
#include "tools/study/compare/shard_record.h"
#include "tools/study/compare/steady_rate.h"

namespace blis {
namespace {

constexpr std::size_t kNamed = 3;  // points in a message

void simulate(std::vector<PointResult>& points, const CompareReport& report, Runner& runner,
              const PointStore& store) {
  if (report.goal == Goal::max_rate) {
    find_steady_rate(points, report.sweep.seeds, runner, store, true);
  } else {
    simulate_points(points, {.seeds = report.sweep.seeds}, runner, store, true);
  }
}

// Those of `shards` that left no record, among the shards that the records speak of.
std::string missing_shards(const std::vector<ShardRecord>& records) {
  std::map<std::size_t, std::set<std::size_t>> seen;  // by how many there are
  for (const ShardRecord& record : records) seen[record.shard.count].insert(record.shard.index);
  std::vector<std::string> texts;
  for (const auto& [count, indices] : seen) {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < count && missing.size() < 20; ++i) {
      if (!indices.contains(i)) missing.push_back(i);
    }
    if (!missing.empty()) {
      texts.push_back(fmt::format("shard {} of {}{}", fmt::join(missing, ", "), count,
                                  missing.size() == 20 ? " and maybe more" : ""));
    }
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

void require_all(const CompareReport& report, const std::vector<ShardRecord>& records, bool kept) {
  std::vector<std::string> named;
  std::size_t missing = 0;
  for (const PointResult& point : report.points) {
    if (!is_undone(report, point)) continue;
    if (++missing <= kNamed) named.push_back(label(report, point));
  }
  if (missing == 0) return;
  const std::string shards = missing_shards(records);
  std::string hint = shards.empty() ? std::string() : fmt::format("not finished: {}\n", shards);
  hint +=
      kept ? "what was found is in the folder of -o; there, --resume in the place of --merge simulates the "
             "rest"
           : "run these shards again; with -o what was found is kept, and --resume simulates the rest";
  throw InputError(ErrorKind::io,
                   {.message = fmt::format("{} of {} points {} missing, or not whole: {}{}", missing,
                                           report.points.size(), missing == 1 ? "is" : "are",
                                           fmt::join(named, "; "), missing > kNamed ? "; ..." : ""),
                    .hint = std::move(hint)});
}

}  // namespace

void require_independent_points(const CompareReport& report, const ComparisonRequest& request) {
  if (report.goal == Goal::min_gpus || report.goal == Goal::min_cost) {
    throw InputError(
        ErrorKind::usage,
        {.place = {"--find"},
         .message = "a search for the cheapest looks at one point after the other, and cannot be "
                    "dealt out",
         .hint = "without --find all points are simulated, in any number of shards; or search "
                 "each scenario by itself"});
  }
  if (request.detect_warmup) {
    throw InputError(
        ErrorKind::usage,
        {.place = {"--detect-warmup"},
         .message = "one warm-up for all points is found in all of them, and cannot be dealt out",
         .hint = "--warmup-requests N says it"});
  }
  if (request.stop_dominated) {
    throw InputError(ErrorKind::usage,
                     {.place = {"--stop-dominated"},
                      .message = "which seeds are spared depends on all points, so they cannot be dealt out",
                      .hint = "leave one of the two out"});
  }
}

ShardOutcome run_shard(const CompareReport& prepared, const Shard& shard, const ComparisonRequest& request,
                       const Catalog& catalog, ProgressBar& bar) {
  require_independent_points(prepared, request);
  const auto names = std::make_shared<PointNames>(catalog);
  const PointStore store(request.folder, names);
  const std::vector<std::size_t> shard_of = deal(prepared.points, shard.count);
  CompareReport mine;
  mine.goal = prepared.goal;
  mine.sweep = prepared.sweep;
  for (std::size_t i = 0; i < prepared.points.size(); ++i) {
    if (shard_of[i] == shard.index && prepared.points[i].feasible())
      mine.points.push_back(prepared.points[i]);
  }
  Runner runner({.threads = request.threads, .going_on = request.going_on}, bar);
  if (mine.goal == Goal::compare) {
    runner.expect(mine.points.size() * std::max<std::size_t>(mine.sweep.seeds.size(), 1));
  }
  ShardOutcome outcome{.points = mine.points.size()};
  if (!mine.points.empty()) simulate(mine.points, mine, runner, store);
  bar.clear();
  outcome.finished = static_cast<std::size_t>(
      std::ranges::count_if(mine.points, [&](const PointResult& point) { return !is_undone(mine, point); }));
  outcome.interrupted = outcome.finished < outcome.points;
  if (!outcome.interrupted) {
    write_shard_record(request.folder,
                       {.sweep = identity_of(prepared, *names), .shard = shard, .points = outcome.points});
  }
  return outcome;
}

void merge_shards(CompareReport& report, const std::vector<std::string>& folders,
                  const ComparisonRequest& request, const Catalog& catalog) {
  require_independent_points(report, request);
  const auto names = std::make_shared<PointNames>(catalog);
  const SweepIdentity identity = identity_of(report, *names);
  std::vector<ShardRecord> records;
  for (const std::string& folder : folders) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder + "/points", ignored)) {
      throw InputError(ErrorKind::io, {.place = {.file = folder},
                                       .message = "there are no points of a comparison here",
                                       .expected = "a folder that `blis compare -o` wrote"});
    }
    for (ShardRecord& record : read_shard_records(folder, identity)) records.push_back(std::move(record));
  }
  const PointStore store(request.folder, names, folders);
  ProgressBar none(false);
  // A search that lacks a rate ends there, and the others go on.
  bool lacks = false;
  const auto take = [&](std::vector<PointResult>& points) {
    lacks = false;
    Runner runner({.threads = request.threads,
                   .going_on = [&] { return !lacks && request.going_on(); },
                   .instead = [&] { lacks = true; }},
                  none);
    simulate(points, report, runner, store);
  };
  if (report.goal == Goal::max_rate) {
    for (PointResult& point : report.points) {
      std::vector<PointResult> alone{point};
      take(alone);
      point = std::move(alone.front());
    }
  } else {
    take(report.points);
  }
  require_all(report, records, !request.folder.empty());
  conclude(report, request);
}

}  // namespace blis
