#include "tools/score/cluster_score.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "blis/error.hpp"
#include "scenarios/build.h"
#include "sim/metrics.h"
#include "tools/score/cluster_source.h"
#include "tools/simulate/no_workload.h"
#include "tools/simulate/pool.h"

namespace blis {
namespace {

// What a client would have written down of the requests of a stage.
struct StageSamples {
  std::vector<double> ttft, e2e;
  double output = 0, input = 0, itl = 0;
  Time first = kNever, last{};

  void add(const RequestRecord& r) {
    first = std::min(first, r.arrival);
    if (!has_full_answer(r)) return;
    last = std::max(last, r.last_token);
    ttft.push_back(to_ms(blis::ttft(r)) / 1e3);
    e2e.push_back(to_ms(e2el(r)) / 1e3);
    output += r.output_tokens;
    input += r.input_tokens;
    if (r.output_tokens > 1) itl += to_ms(r.last_token - r.first_token) / (r.output_tokens - 1);
  }
  ClusterFigures figures() {
    if (ttft.empty()) return kNoFigures;
    const auto mean = [](const std::vector<double>& values) {
      double sum = 0;
      for (const double v : values) sum += v;
      return sum / static_cast<double>(values.size());
    };
    const double span = Seconds(last - first).count();
    return {output / span, (input + output) / span, mean(ttft), percentile(ttft, 90),
            mean(e2e),     percentile(e2e, 90)};
  }
};

ClusterRun figures_of(const RunResult& run, const ClusterLoad& load) {
  ClusterRun figures;
  std::size_t request = 0;
  double scored = 0;
  for (const ClusterStage& stage : load.stages) {
    StageSamples samples;
    for (std::int64_t i = 0; i < stage.requests; ++i) samples.add(run.requests[request++]);
    if (!stage.warm_up && !samples.ttft.empty()) {
      figures.itl_ms += samples.itl / static_cast<double>(samples.ttft.size());
      ++scored;
    }
    figures.stages.push_back(samples.figures());
  }
  figures.itl_ms /= std::max(scored, 1.0);
  return figures;
}

ClusterRun simulate_one(const ClusterCase& c, std::uint64_t seed, const Catalog& catalog,
                        const AccuracyOptions& options) {
  std::vector<Override> settings = options.defaults;
  settings.insert(settings.end(), c.settings.begin(), c.settings.end());
  settings.insert(settings.end(), options.overrides.begin(), options.overrides.end());
  BuiltSimulation built = build(parse_settings(kNoWorkload, c.id, "", settings), catalog);
  built.config.seed = seed;
  ClusterSource source(c.load, seed);
  return figures_of(simulate(built.config, source), c.load);
}

}  // namespace

std::vector<double> errors_by_seed(const ClusterOutcome& outcome, std::size_t figure) {
  std::vector<double> errors;
  const ClusterLoad& load = outcome.measured.load;
  for (const ClusterRun& run : outcome.runs) {
    std::vector<double> of_stages;
    double sum = 0, stages = 0;
    for (std::size_t s = 0; s < load.stages.size(); ++s) {
      if (load.stages[s].warm_up) continue;
      const double error = std::abs(signed_error_pct(run.stages[s][figure], load.stages[s].measured[figure]));
      if (std::isfinite(error)) of_stages.push_back(error);
      sum += run.stages[s][figure], ++stages;
    }
    const double whole = outcome.measured.measured_mean[figure];
    if (of_stages.empty() && std::isfinite(whole))
      of_stages.push_back(std::abs(signed_error_pct(sum / stages, whole)));
    errors.push_back(percentile(of_stages, 50));
  }
  return errors;
}

std::vector<ClusterOutcome> simulate_clusters(const std::vector<ClusterCase>& cases, const Catalog& catalog,
                                              const AccuracyOptions& options) {
  std::vector<ClusterOutcome> outcomes;
  struct Job {
    std::size_t of;
    std::uint64_t seed;
  };
  std::vector<Job> jobs;
  for (const ClusterCase& c : cases) {
    const std::size_t seeds = c.problem.empty() ? static_cast<std::size_t>(options.seeds) : 0;
    for (std::size_t seed = 1; seed <= seeds; ++seed) jobs.push_back({outcomes.size(), seed});
    outcomes.push_back({c, std::vector<ClusterRun>(seeds), c.problem});
  }
  std::mutex mutex;
  std::size_t done = 0;
  parallel_for(jobs.size(), options.threads, [&](std::size_t j) {
    const auto [of, seed] = jobs[j];
    std::string problem;
    try {
      outcomes[of].runs[seed - 1] = simulate_one(cases[of], seed, catalog, options);
    } catch (const InputError& error) {
      problem = error.problems().front().message;
    }
    const std::lock_guard lock(mutex);
    if (!problem.empty()) outcomes[of].problem = problem;
    if (options.progress) options.progress(++done, jobs.size());
  });
  return outcomes;
}

}  // namespace blis
