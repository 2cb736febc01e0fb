#include "tools/study/compare/comparison.h"

#include <algorithm>

#include "tools/simulate/pool.h"
#include "tools/study/compare/analysis.h"

namespace blis {
namespace {

struct Work {
  std::size_t point;
  std::uint64_t seed;
};

class Simulator {
 public:
  Simulator(std::vector<PointResult>& points, Runner& runner, const PointStore& store)
      : points_(points), runner_(runner), store_(store), finished_(points.size()) {}

  // With seeds that are not asked for: hand_over() leaves them out, and saving keeps them.
  void take_from_store(const std::vector<std::uint64_t>& seeds) {
    parallel_for(points_.size(), runner_.threads(), [&](std::size_t i) {
      if (!points_[i].feasible()) return;
      StoredPoint stored = store_.load(*points_[i].resolved);
      finished_[i] = std::move(stored.runs);
      if (store_.merges() && (stored.failed || !finished_[i].empty())) save(i, stored.failed);
      const std::vector<std::uint64_t> own = seeds_of(points_[i], seeds);
      const bool counts = stored.failed && std::ranges::find(own, stored.failed->seed) != own.end();
      if (counts) fail(i, *stored.failed);
    });
  }

  // Those of `round` that are not finished yet.
  void run(const std::vector<Work>& round) {
    std::vector<Work> work;
    for (const Work& w : round) {
      const bool known =
          std::ranges::find(finished_[w.point], w.seed, &Replication::seed) != finished_[w.point].end();
      if (!known) work.push_back(w);
    }
    std::vector<RunJob> jobs;
    for (const Work& w : work)
      jobs.push_back({points_[w.point].resolved.get(), w.seed, points_[w.point].bands.get()});
    const auto keep = [&](std::size_t job, const Replication& run) {
      const std::size_t i = work[job].point;
      finished_[i].push_back(run);
      std::ranges::sort(finished_[i], {}, &Replication::seed);
      save(i);
    };
    // Of several seeds with which a point cannot go on the first counts, whichever was first to end.
    std::vector<std::optional<FailedRun>> failed(points_.size());
    const auto note = [&](std::size_t job, const CannotGoOn& error) {
      std::optional<FailedRun>& first = failed[work[job].point];
      if (!first || work[job].seed < first->seed) first = {work[job].seed, reason_of(error)};
    };
    runner_.run(jobs, keep, note);
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (!failed[i]) continue;
      if (runner_.going_on()) save(i, failed[i]);  // otherwise a seed before it may not have run
      fail(i, *failed[i]);
    }
  }

  // The finished replications of a point in the order of its seeds, up to the first that is missing, so
  // that an interrupted result, too, is the same each time it gets as far.
  void hand_over(std::size_t i, const std::vector<std::uint64_t>& seeds) {
    points_[i].runs.clear();
    for (const std::uint64_t seed : seeds_of(points_[i], seeds)) {
      const auto found = std::ranges::find(finished_[i], seed, &Replication::seed);
      if (found == finished_[i].end()) return;
      points_[i].runs.push_back(*found);
    }
  }

 private:
  void save(std::size_t i, const std::optional<FailedRun>& failed = std::nullopt) const {
    PointResult kept = points_[i];
    kept.runs = finished_[i];
    store_.save(kept, failed);
  }
  void fail(std::size_t i, const FailedRun& run) {
    points_[i].resolved.reset();
    points_[i].reason = run.reason;
    points_[i].runs.clear();
  }

  std::vector<PointResult>& points_;
  Runner& runner_;
  const PointStore& store_;
  std::vector<std::vector<Replication>> finished_;  // by point, in any order
};

}  // namespace

std::vector<std::uint64_t> seeds_of(const PointResult& point, const std::vector<std::uint64_t>& seeds) {
  return seeds.empty() ? std::vector{point.resolved->scenario.seed} : seeds;
}

void simulate_points(std::vector<PointResult>& points, const ComparisonPlan& plan, Runner& runner,
                     const PointStore& store, bool resume) {
  Simulator simulator(points, runner, store);
  if (resume) simulator.take_from_store(plan.seeds);
  const std::size_t seeds = std::max<std::size_t>(plan.seeds.size(), 1);
  const std::size_t rounds = plan.stop_dominated ? seeds : 1;
  for (std::size_t round = 0; round < rounds && runner.going_on(); ++round) {
    std::vector<Work> work;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!points[i].feasible() || points[i].stopped_by) continue;
      const std::vector<std::uint64_t> own = seeds_of(points[i], plan.seeds);
      if (plan.stop_dominated) {
        work.push_back({i, own[round]});
      } else {
        for (const std::uint64_t seed : own) work.push_back({i, seed});
      }
    }
    simulator.run(work);
    for (std::size_t i = 0; i < points.size(); ++i) {
      // A dominated point keeps the runs it had, even if an earlier comparison left more.
      if (!points[i].feasible() || points[i].stopped_by) continue;
      simulator.hand_over(i, plan.seeds);
      if (plan.stop_dominated && points[i].runs.size() > round + 1) points[i].runs.resize(round + 1);
    }
    if (!plan.stop_dominated || round + 1 == rounds || !runner.going_on()) continue;
    std::vector<std::optional<std::size_t>> stopped(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!points[i].stopped_by) stopped[i] = dominated_by(points, i, plan.objectives);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (stopped[i]) points[i].stopped_by = stopped[i];
    }
  }
}

}  // namespace blis
