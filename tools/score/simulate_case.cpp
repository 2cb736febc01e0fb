#include "tools/score/simulate_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
  std::map<int, double> loads;         // the same
  DeploymentKind kind;
  std::string network, format, release;
  Coverage coverage = Coverage::scored;
  std::string problem;
  bool shortened = false;
};

struct Answers {
  std::vector<double> ttft, e2e, tpot;
  Time first = kNever, last{};
  double tokens = 0;
};

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(values.size());
}

MetricValues figures(Answers& s) {
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
  std::map<int, Answers> samples;
  std::size_t i = 0;
  for (const PlannedStage& stage : traffic.stages) {
    for (const PlannedRequest& planned : stage.requests) {
      const RequestRecord& r = run.requests.at(i++);
      if (!planned.scored || !has_full_answer(r)) continue;
      for (const int index : {-1, stage.index}) {
        Answers& s = samples[index];
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

std::string say(const InputError& error) {
  const Problem& first = error.problems().front();
  return first.message + (first.got.empty() ? "" : ": " + first.got);
}

// vLLM would have refused or cut a request that is longer than this.
void require_possible(const MeasuredCase& c, const Traffic& traffic, int max_model_len) {
  for (const PlannedStage& stage : traffic.stages) {
    for (const PlannedRequest& r : stage.requests) {
      if (r.prompt_tokens + std::int64_t{r.output_tokens} <= max_model_len) continue;
      throw InputError(
          ErrorKind::io,
          Problem{
              .place = {c.id},
              .message = "the case contradicts itself: a request is longer than max_model_len",
              .expected = fmt::format("at most {} tokens", max_model_len),
              .got = fmt::format("{} + {} of {} tokens", r.prompt_tokens, r.output_tokens, max_model_len)});
    }
  }
}

Traffic traffic_of(const MeasuredCase& c, const Job& job, const std::vector<RecordedRequest>& recorded) {
  if (job.point) return closed_loop(c, job.point->concurrency, job.seed);
  if (c.loop == Loop::at_once) return offered_at_once(c, recorded);
  return recorded.empty() ? generate(c, job.seed) : replay(c, recorded);
}

// As the case states it or, if that does not fit, with the arguments that are its least.
ResolvedScenario resolve_case(const MeasuredCase& c, const Job& job, const Catalog& catalog,
                              const AccuracyOptions& options, bool& shortened) {
  std::vector<Override> overrides = options.overrides;
  try {
    return resolve(case_scenario(c, job.point, catalog, options.defaults, overrides), catalog);
  } catch (const InputError& error) {
    if (error.kind() != ErrorKind::infeasible || c.args_if_refused.empty()) throw;
  }
  shortened = true;
  for (const auto& [key, value] : c.args_if_refused) overrides.push_back({key, value, c.id});
  return resolve(case_scenario(c, job.point, catalog, options.defaults, overrides), catalog);
}

JobResult simulate_job(const MeasuredCase& c, const Job& job, const std::vector<RecordedRequest>& recorded,
                       const Catalog& shelf, const AccuracyOptions& options) {
  JobResult result;
  try {
    const Catalog catalog = c.hardware_path.empty() ? shelf : shelf.with_hardware(c.hardware_path);
    const ResolvedScenario resolved = resolve_case(c, job, catalog, options, result.shortened);
    result.kind = deployment_kind(resolved);
    result.network = resolved.model.model_type;
    result.format = to_string(resolved.model.quantization.format);
    result.release = fmt::format("0.{}", resolved.version.code.release.minor);
    const std::unique_ptr<ExplainedModel> latency = make_latency_model(resolved);
    SimulationConfig config = simulation_config(resolved, *latency);
    config.seed = job.seed;
    const Traffic traffic = traffic_of(c, job, recorded);
    require_possible(c, traffic, *resolved.scenario.engine.max_model_len);
    TrafficSource source(traffic);
    const RunResult run = simulate(config, source);
    result.stages = figures(run, traffic);
    for (const auto& [index, stage] : result.stages) {
      result.loads[index] = serving_load(*latency, mean_context(traffic), stage[Metric::tpot_mean]);
    }
  } catch (const InputError& error) {
    result.coverage = error.kind() == ErrorKind::infeasible ? Coverage::refused : Coverage::not_expressible;
    result.problem = say(error);
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
  if (!c.problem.empty()) {
    out.coverage = Coverage::unreadable;
    out.problem = c.problem;
    return;
  }
  try {
    const Catalog own = c.hardware_path.empty() ? catalog : catalog.with_hardware(c.hardware_path);
    out.gpu = own.hardware(c.gpu, {c.id}).name;
    out.moe = own.model(c.model_path.empty() ? c.model : c.model_path, "", {c.id}).layers.has("experts");
  } catch (const InputError& error) {
    out.coverage = Coverage::not_expressible;
    out.problem = error.problems().front().message;
  }
}

// The requests of a case that has a file of them.
void take_files(const MeasuredCase& c, std::vector<RecordedRequest>& recorded, CaseOutcome& out) {
  const std::string& file = c.per_request_csv.empty() ? c.lengths_csv : c.per_request_csv;
  try {
    if (!file.empty()) recorded = read_recorded(file);
    if (!c.is_curve() || !c.points.empty()) return;
    out.problem = "no point with a concurrency";
  } catch (const InputError& error) {
    const Problem& first = error.problems().front();
    out.problem = fmt::format("{}: {}", to_string(first.place), say(error));
  }
  out.coverage = Coverage::unreadable;
}

// Means over the seeds of a run, beside what was measured.
void add_run(const std::vector<const JobResult*>& results, CaseOutcome& out) {
  for (const MeasuredStage& stage : out.measured->measured) {
    StageOutcome& scored = out.stages.emplace_back();
    scored.index = stage.index;
    scored.measured = stage.figures;
    scored.doubtful = stage.doubtful;
    for (const JobResult* r : results) {
      const auto load = r->loads.find(stage.index);
      if (load != r->loads.end()) scored.load += load->second / static_cast<double>(results.size());
    }
    for (std::size_t m = 0; m < kMetrics; ++m) {
      double sum = 0;
      for (const JobResult* r : results) {
        const auto it = r->stages.find(stage.index);
        sum += it == r->stages.end() ? std::numeric_limits<double>::quiet_NaN() : it->second.values[m];
      }
      scored.predicted.values[m] = sum / static_cast<double>(results.size());
    }
  }
}

}  // namespace

std::string_view to_string(Coverage coverage) {
  constexpr std::array<std::string_view, 4> kNames{"scored", "refused", "not expressible", "unreadable"};
  return kNames[static_cast<std::size_t>(coverage)];
}

CoverageCount count_coverage(std::span<const CaseOutcome> outcomes) {
  CoverageCount n;
  for (const CaseOutcome& c : outcomes) {
    n.scored += c.coverage == Coverage::scored;
    n.shortened += c.coverage == Coverage::scored && c.shortened;
    n.refused += c.coverage == Coverage::refused || c.shortened;
    n.refused_as_stated += c.coverage == Coverage::refused && !c.shortened;
    n.not_expressible += c.coverage == Coverage::not_expressible;
    n.unreadable += c.coverage == Coverage::unreadable;
  }
  return n;
}

std::vector<CaseOutcome> simulate_cases(std::span<const MeasuredCase> cases, const Catalog& catalog,
                                        const AccuracyOptions& options) {
  std::vector<CaseOutcome> outcomes(cases.size());
  std::vector<std::vector<RecordedRequest>> recorded(cases.size());
  std::vector<std::vector<CurvePoint>> points(cases.size());
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const MeasuredCase& c = cases[i];
    take_facts(c, catalog, outcomes[i]);
    if (!outcomes[i].problem.empty()) continue;
    take_files(c, recorded[i], outcomes[i]);
    if (!outcomes[i].problem.empty()) continue;
    points[i] = distinct_points(c);
    for (const CurvePoint& point : points[i]) jobs.push_back({i, 1, &point});
    const bool is_drawn = recorded[i].empty() && c.loop == Loop::by_stages;
    const int seeds = c.is_curve() ? 0 : is_drawn ? options.seeds : 1;
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
    out.kind = std::move(results[j].kind);
    out.network = results[j].network, out.format = results[j].format, out.release = results[j].release;
    out.shortened = out.shortened || results[j].shortened;
    if (!results[j].problem.empty()) {
      out.problem = results[j].problem;
      out.coverage = results[j].coverage;
    } else if (jobs[j].point) {
      const CurvePoint& p = *jobs[j].point;
      const MetricValues& figures = results[j].stages.at(-1);
      out.load += results[j].loads.at(-1) / static_cast<double>(points[jobs[j].of].size());
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
      const double throughput = output_throughput(recorded[i]);
      if (stage.index == -1 && std::isfinite(throughput))
        stage.measured[Metric::output_throughput] = throughput;
    }
  }
  return outcomes;
}

}  // namespace blis
