#include "tools/score/simulate_case.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "blis/error.hpp"
#include "scenarios/build.h"
#include "sim/metrics.h"
#include "tools/score/case_scenario.h"
#include "tools/score/traffic.h"
#include "tools/simulate/error_band.h"
#include "tools/simulate/pool.h"

namespace blis {
namespace {

// One simulation: a seed of a run, or a point of a curve.
struct Job {
  std::size_t of = 0;  // position of the case
  std::uint64_t seed = 0;
  const CurvePoint* point = nullptr;
};
struct JobResult {
  std::map<int, MetricValues> stages;  // by index, -1: pooled
  double load = 0;
  std::vector<std::string> features;
  std::string problem;
};

struct Samples {
  std::vector<double> ttft, e2e, tpot;
  Time first = kNever, last{};
  double tokens = 0;
};

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(values.size());
}

MetricValues figures(Samples& s) {
  MetricValues out;
  out[Metric::ttft_mean] = mean(s.ttft);
  out[Metric::e2e_mean] = mean(s.e2e);
  out[Metric::tpot_mean] = mean(s.tpot);
  out[Metric::ttft_p50] = percentile(s.ttft, 50);
  out[Metric::ttft_p90] = percentile(s.ttft, 90);
  out[Metric::ttft_p99] = percentile(s.ttft, 99);
  out[Metric::e2e_p90] = percentile(s.e2e, 90);
  out[Metric::e2e_p99] = percentile(s.e2e, 99);
  if (s.last > s.first) out[Metric::output_throughput] = s.tokens / Seconds(s.last - s.first).count();
  return out;
}

std::map<int, MetricValues> figures(const RunResult& run, const Traffic& traffic) {
  std::map<int, Samples> samples;
  std::size_t i = 0;
  for (const PlannedStage& stage : traffic.stages) {
    for (const PlannedRequest& planned : stage.requests) {
      const RequestRecord& r = run.requests.at(i++);
      if (!planned.scored || !has_full_answer(r)) continue;
      for (const int index : {-1, stage.index}) {
        Samples& s = samples[index];
        const double first = to_ms(ttft(r)), whole = to_ms(e2el(r));
        s.ttft.push_back(first);
        s.e2e.push_back(whole);
        if (r.output_tokens > 1) s.tpot.push_back(tpot(whole - first, r.output_tokens));
        s.first = std::min(s.first, r.arrival);
        s.last = std::max(s.last, r.last_token);
        s.tokens += r.output_tokens;
      }
    }
  }
  std::map<int, MetricValues> out;
  for (auto& [index, s] : samples) out[index] = figures(s);
  return out;
}

double mean_context(const Traffic& traffic) {
  double tokens = 0, requests = 0;
  for (const PlannedStage& stage : traffic.stages) {
    for (const PlannedRequest& r : stage.requests)
      tokens += r.prompt_tokens + r.output_tokens / 2.0, ++requests;
  }
  return requests > 0 ? tokens / requests : 0;
}

JobResult simulate_job(const MeasuredCase& c, const Job& job, const std::vector<RecordedRequest>& recorded,
                       const Catalog& catalog, const AccuracyOptions& options) {
  JobResult result;
  try {
    const ResolvedScenario resolved =
        resolve(case_scenario(c, job.point, catalog, options.defaults, options.overrides), catalog);
    result.features = deployment_kind(resolved).features;
    const std::unique_ptr<ExplainedModel> latency = make_latency_model(resolved);
    SimulationConfig config = simulation_config(resolved, *latency);
    config.seed = job.seed;
    const Traffic traffic = job.point          ? closed_loop(c, job.point->concurrency, job.seed)
                            : recorded.empty() ? generate(c, job.seed)
                                               : replay(c, recorded);
    TrafficSource source(traffic);
    const RunResult run = simulate(config, source);
    result.stages = figures(run, traffic);
    result.load = serving_load(*latency, mean_context(traffic), result.stages[-1][Metric::tpot_mean]);
  } catch (const InputError& error) {
    const Problem& first = error.problems().front();
    result.problem = first.message + (first.got.empty() ? "" : ": " + first.got);
  }
  return result;
}

// Points measured twice at one concurrency count once, with their mean.
std::vector<CurvePoint> distinct_points(const MeasuredCase& c) {
  std::map<std::int64_t, std::vector<CurvePoint>> by;
  for (const CurvePoint& p : c.points) by[p.concurrency].push_back(p);
  std::vector<CurvePoint> points;
  for (const auto& [concurrency, same] : by) {
    CurvePoint& mean = points.emplace_back(same.front());
    mean.ttft_ms = mean.tpot_ms = 0;
    for (const CurvePoint& p : same) {
      mean.ttft_ms += p.ttft_ms / static_cast<double>(same.size());
      mean.tpot_ms += p.tpot_ms / static_cast<double>(same.size());
    }
  }
  return points;
}

void take_facts(const MeasuredCase& c, const Catalog& catalog, CaseOutcome& out) {
  out.measured = &c;
  out.gpu = c.gpu;
  try {
    out.gpu = catalog.hardware(c.gpu, {c.id}).name;
    out.moe = catalog.model(c.model, "", {c.id}).layers.has("experts");
  } catch (const InputError& error) {
    out.problem = error.problems().front().message;
  }
}

// Means over the seeds of a run, beside what was measured.
void add_run(const std::vector<const JobResult*>& results, CaseOutcome& out) {
  for (const MeasuredStage& stage : out.measured->measured) {
    StageOutcome& scored = out.stages.emplace_back();
    scored.index = stage.index;
    scored.measured = stage.figures;
    for (std::size_t m = 0; m < kMetrics; ++m) {
      double sum = 0;
      for (const JobResult* r : results) {
        const auto it = r->stages.find(stage.index);
        sum += it == r->stages.end() ? std::numeric_limits<double>::quiet_NaN() : it->second.values[m];
      }
      scored.predicted.values[m] = sum / static_cast<double>(results.size());
    }
  }
  for (const JobResult* r : results) out.load += r->load / static_cast<double>(results.size());
}

}  // namespace

std::vector<CaseOutcome> simulate_cases(std::span<const MeasuredCase> cases, const std::string& folder,
                                        const Catalog& catalog, const AccuracyOptions& options) {
  std::vector<CaseOutcome> outcomes(cases.size());
  std::vector<std::vector<RecordedRequest>> recorded(cases.size());
  std::vector<std::vector<CurvePoint>> points(cases.size());
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const MeasuredCase& c = cases[i];
    take_facts(c, catalog, outcomes[i]);
    if (c.is_curve() && c.points.empty()) outcomes[i].problem = "no point with a concurrency";
    if (!outcomes[i].problem.empty()) continue;
    if (!c.per_request_csv.empty()) recorded[i] = read_recorded(folder + "/" + c.per_request_csv);
    points[i] = distinct_points(c);
    for (const CurvePoint& point : points[i]) jobs.push_back({i, 1, &point});
    const int seeds = c.is_curve() ? 0 : recorded[i].empty() ? options.seeds : 1;
    for (int seed = 1; seed <= seeds; ++seed) jobs.push_back({i, static_cast<std::uint64_t>(seed), nullptr});
  }
  std::vector<JobResult> results(jobs.size());
  std::mutex mutex;
  std::size_t done = 0;
  parallel_for(jobs.size(), options.threads, [&](std::size_t j) {
    const Job& job = jobs[j];
    results[j] = simulate_job(cases[job.of], job, recorded[job.of], catalog, options);
    const std::lock_guard lock(mutex);
    if (options.progress) options.progress(++done, jobs.size());
  });

  std::vector<std::vector<const JobResult*>> by_case(cases.size());
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    CaseOutcome& out = outcomes[jobs[j].of];
    out.features = std::move(results[j].features);
    if (!results[j].problem.empty()) {
      out.problem = results[j].problem;
    } else if (jobs[j].point) {
      const CurvePoint& p = *jobs[j].point;
      const MetricValues& figures = results[j].stages.at(-1);
      out.points.push_back(
          {p.concurrency, p.ttft_ms, figures[Metric::ttft_mean], p.tpot_ms, figures[Metric::tpot_mean]});
    } else {
      by_case[jobs[j].of].push_back(&results[j]);
    }
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!by_case[i].empty() && outcomes[i].problem.empty()) add_run(by_case[i], outcomes[i]);
    // Throughput by one definition, from the requests themselves.
    for (StageOutcome& stage : outcomes[i].stages) {
      if (stage.index == -1 && !recorded[i].empty()) {
        stage.measured[Metric::output_throughput] = output_throughput(recorded[i]);
      }
    }
  }
  return outcomes;
}

}  // namespace blis
