#include "tools/score/summary.h"

#include <algorithm>
#include <array>
#include <map>

#include "sim/metrics.h"

namespace blis {
namespace {

constexpr std::array kJudged{Metric::ttft_mean, Metric::ttft_p90,         Metric::ttft_p99,
                             Metric::e2e_mean,  Metric::e2e_p90,          Metric::e2e_p99,
                             Metric::tpot_mean, Metric::output_throughput};
constexpr std::array kOverload{Metric::output_throughput};
constexpr std::array kCurve{Metric::tpot_mean, Metric::ttft_mean};

// Errors by group and metric, groups in the order in which they are to be shown.
class Groups {
 public:
  void add(const std::string& group, Metric metric, double error) {
    if (!std::isfinite(error)) return;
    auto it = std::ranges::find(groups_, group, &Group::name);
    if (it == groups_.end()) it = groups_.insert(it, {group, {}});
    it->errors[metric].push_back(error);
  }
  std::vector<GroupSummary> summaries() const {
    std::vector<GroupSummary> out;
    for (const Group& group : groups_) {
      GroupSummary& summary = out.emplace_back();
      summary.group = group.name;
      for (const auto& [metric, errors] : group.errors) {
        summary.metrics.push_back({metric, summarize_errors(errors)});
      }
    }
    return out;
  }

 private:
  struct Group {
    std::string name;
    std::map<Metric, std::vector<double>> errors;
  };
  std::vector<Group> groups_;
};

std::string loop_of(const MeasuredCase& c) {
  if (c.loop == Loop::by_stages) return "loop open";
  return c.max_concurrency > 0 ? "loop closed" : "loop at once";
}

void add_stage(const CaseOutcome& c, const StageOutcome& stage, bool broad, Groups& groups) {
  if (c.measured->overload) {
    if (!broad) return;
    for (const Metric m : kOverload) groups.add("overload", m, signed_error(stage, m));
    return;
  }
  for (const Metric m : kJudged) {
    const double error = signed_error(stage, m);
    if (stage.doubtful[m]) {
      if (!broad) groups.add("doubtful", m, error);
    } else if (broad) {
      groups.add("all", m, error);
      groups.add(c.moe ? "moe" : "dense", m, error);
    } else {
      groups.add(c.gpu, m, error);
      groups.add(c.measured->family, m, error);
      groups.add("format " + c.format, m, error);
      groups.add("vLLM " + c.release, m, error);
      groups.add(loop_of(*c.measured), m, error);
    }
  }
}

void add_curve(const CaseOutcome& c, bool broad, bool alone, Groups& groups) {
  for (const Metric m : kCurve) {
    // The sign says which way, the size is the median over the points.
    const double error = std::copysign(curve_ape(c, m), curve_error(c, m));
    if (!c.measured->judged()) {
      if (!broad) groups.add("curves_partial", m, error);
    } else if (broad) {
      if (alone) groups.add("all", m, error);
      groups.add("curves", m, error);
      groups.add(c.moe ? "curves:moe" : "curves:dense", m, error);
    } else {
      groups.add("curves:" + c.gpu, m, error);
      groups.add("curves:" + c.measured->family, m, error);
    }
  }
}

std::vector<double> point_errors(const CaseOutcome& outcome, Metric metric) {
  std::vector<double> errors;
  for (const PointOutcome& p : outcome.points) {
    const double error = metric == Metric::tpot_mean ? signed_error_pct(p.predicted_tpot, p.measured_tpot)
                                                     : signed_error_pct(p.predicted_ttft, p.measured_ttft);
    if (std::isfinite(error)) errors.push_back(error);
  }
  return errors;
}

}  // namespace

double median(std::vector<double> values) {
  return percentile(values, 50);
}

ErrorSummary summarize_errors(std::vector<double> errors) {
  ErrorSummary s;
  s.count = errors.size();
  s.median_signed = median(errors);
  double sum = 0, within = 0;
  for (double& error : errors) {
    error = std::abs(error);
    sum += error;
    within += error <= 10 ? 1 : 0;
  }
  const auto n = static_cast<double>(errors.size());
  s.mean_ape = sum / n;
  s.within_10pct = within / n;
  s.median_ape = median(std::move(errors));
  return s;
}

std::span<const Metric> judged_metrics() {
  return kJudged;
}

const StageOutcome* pooled(const CaseOutcome& outcome) {
  const auto it = std::ranges::find(outcome.stages, -1, &StageOutcome::index);
  return it == outcome.stages.end() ? nullptr : &*it;
}

std::span<const StageOutcome> scored_stages(const CaseOutcome& outcome) {
  if (const StageOutcome* const pool = pooled(outcome)) return {pool, 1};
  return outcome.stages;
}

double signed_error(const StageOutcome& stage, Metric metric) {
  return signed_error_pct(stage.predicted[metric], stage.measured[metric]);
}

double curve_error(const CaseOutcome& outcome, Metric metric) {
  return median(point_errors(outcome, metric));
}

double curve_ape(const CaseOutcome& outcome, Metric metric) {
  std::vector<double> errors = point_errors(outcome, metric);
  for (double& error : errors) error = std::abs(error);
  return median(std::move(errors));
}

std::vector<GroupSummary> summarize_groups(std::span<const CaseOutcome> outcomes) {
  const bool only_curves =
      std::ranges::all_of(outcomes, [](const CaseOutcome& c) { return c.measured->is_curve(); });
  Groups groups;
  for (const bool broad : {true, false}) {
    for (const CaseOutcome& c : outcomes) {
      if (!c.problem.empty()) continue;
      if (c.measured->is_curve()) {
        add_curve(c, broad, only_curves, groups);
      } else {
        for (const StageOutcome& stage : scored_stages(c)) add_stage(c, stage, broad, groups);
      }
    }
  }
  return groups.summaries();
}

}  // namespace blis
