#include "workloads/workload_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "workloads/bad_row.h"
#include "workloads/check_spec.h"
#include "workloads/length_fit.h"
#include "workloads/prefix_reuse.h"
#include "workloads/renewal_fit.h"
#include "workloads/trace_rows.h"
#include "workloads/workload.h"

namespace blis {
namespace {

using Process = ArrivalSpec::Process;

struct Observed {
  std::vector<double> arrivals_s{};
  std::vector<double> input{}, output{};  // tokens
  PrefixReuse reuse;
  std::unordered_map<ContentId, std::int64_t> first_content{};  // how often prompts start with it
  bool has_sessions = false;
  std::vector<std::string> warnings{};
};

Observed observe(const TraceSpec& given) {
  TraceSpec spec = given;
  spec.closed_loop_sessions = false;
  TraceRows rows(spec, 0);
  constexpr std::int32_t kUsualBlock = 16;
  Observed seen{.reuse = PrefixReuse(rows.block_tokens() > 0 ? rows.block_tokens() : kUsualBlock, {})};
  Time arrival;
  while (const TraceRow* const row = rows.next(arrival)) {
    seen.arrivals_s.push_back(static_cast<double>(since_start(arrival).count()) * 1e-9);
    seen.input.push_back(static_cast<double>(row->input_tokens));
    seen.output.push_back(static_cast<double>(row->output_tokens));
    seen.reuse.add(request_of(*row, spec, arrival));
    if (!row->prompt.empty() && row->prompt.front().content != kPrivateContent) {
      ++seen.first_content[row->prompt.front().content];
    }
    seen.has_sessions |= row->session != 0;
    if (spec.limit && std::ssize(seen.input) >= *spec.limit) break;
  }
  if (seen.input.size() < 2 || seen.arrivals_s.back() <= 0) {
    fail_file({.file = given.path}, {.message = "there is too little here to fit",
                                     .expected = "at least two requests at different times"});
  }
  seen.warnings = rows.warnings();
  return seen;
}

std::vector<double> gaps_of(const std::vector<double>& times) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  return gaps;
}

double squared_cv(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double x : values) {
    sum += x;
    squares += x * x;
  }
  const auto n = static_cast<double>(values.size());
  return sum == 0 ? 0 : squares * n / (sum * sum) - 1;
}

// The rate by equal windows of the trace, as steps.
RateCurve windowed_rate(const std::vector<double>& times) {
  constexpr std::size_t kRequestsPerWindow = 200;
  const std::size_t windows = std::clamp<std::size_t>(times.size() / kRequestsPerWindow, 2, 100);
  const double length = times.back() / static_cast<double>(windows);
  std::vector<double> counts(windows);
  for (const double t : times) ++counts[std::min(windows - 1, static_cast<std::size_t>(t / length))];
  RateCurve curve{.kind = RateCurve::Kind::piecewise, .steps = true};
  for (std::size_t i = 0; i < windows; ++i)
    curve.points.push_back({length * static_cast<double>(i), counts[i] / length});
  return curve;
}

// Arrival times counted in arrivals that the curve expects by then: a steady process of rate 1 if the
// curve explains the changes of rate.
std::vector<double> straightened(const std::vector<double>& times, const RateCurve& curve) {
  std::vector<double> expected;
  std::size_t window = 0;
  double before = 0;
  for (const double t : times) {
    while (window + 1 < curve.points.size() && t >= curve.points[window + 1].at_s) {
      before +=
          curve.points[window].request_rate * (curve.points[window + 1].at_s - curve.points[window].at_s);
      ++window;
    }
    expected.push_back(before + curve.points[window].request_rate * (t - curve.points[window].at_s));
  }
  return expected;
}

// Counts by window of a renewal process vary about as their mean times the squared CV of its gaps.
bool rate_changes(const RateCurve& curve, const std::vector<double>& steady_gaps) {
  constexpr double kMoreThanChance = 2;
  const double length = curve.points[1].at_s - curve.points[0].at_s;
  std::vector<double> counts;
  double sum = 0;
  for (const RateCurve::Point& point : curve.points) {
    counts.push_back(point.request_rate * length);
    sum += counts.back();
  }
  const double mean = sum / static_cast<double>(counts.size());
  const double dispersion = squared_cv(counts) * mean;
  return dispersion > kMoreThanChance * std::max(squared_cv(steady_gaps), 0.1);
}

std::string describe(const ArrivalSpec& arrival) {
  switch (arrival.process) {
    case Process::gamma:
      return fmt::format("gamma gaps of burstiness {:.3g}", arrival.burstiness);
    case Process::weibull:
      return fmt::format("Weibull gaps of shape {:.3g}", arrival.shape);
    case Process::constant:
      return "equal gaps";
    default:
      return "Poisson";
  }
}

std::vector<double> generated_gaps(const ArrivalSpec& arrival, std::size_t n) {
  Arrivals arrivals(arrival, 0, 0, std::nullopt, std::nullopt);
  std::vector<double> times;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = arrivals.next();
    if (!std::isfinite(t)) break;
    times.push_back(t);
  }
  return gaps_of(times);
}

ArrivalSpec fit_arrivals(const std::vector<double>& times, std::vector<std::string>& goodness) {
  const std::vector<double> gaps = gaps_of(times);
  RenewalFit fit = fit_renewal(gaps);
  constexpr std::size_t kEnoughForACurve = 1000;
  std::string curve_note;
  if (times.size() >= kEnoughForACurve) {
    const RateCurve curve = windowed_rate(times);
    const std::vector<double> steady = gaps_of(straightened(times, curve));
    if (rate_changes(curve, steady)) {
      fit = fit_renewal(steady);
      fit.arrival.curve = curve;
      fit.arrival.request_rate = 0;  // the curve has the rates
      curve_note = fmt::format(" under a rate that changes in {} steps", curve.points.size());
    }
  }
  const std::vector<double> generated = generated_gaps(fit.arrival, times.size());
  goodness.push_back(fmt::format(
      "arrivals: {}{}, {:.4g} requests/s; gaps' distribution off by at most {:.3f} (Kolmogorov-Smirnov), CV "
      "{:.2f} "
      "for the trace's {:.2f}",
      describe(fit.arrival), curve_note, static_cast<double>(times.size()) / times.back(),
      kolmogorov_smirnov(gaps, generated), std::sqrt(squared_cv(generated)), std::sqrt(squared_cv(gaps))));
  return fit.arrival;
}

void fit_lengths(const Observed& seen, const std::string& path, const FitOptions& options, ClientSpec& client,
                 std::vector<std::string>& goodness) {
  if (options.joint_lengths) {
    client.lengths_path = path;
    goodness.push_back(fmt::format(
        "lengths: input and output drawn together from the {} requests of the trace", seen.input.size()));
    return;
  }
  const LengthFit input = fit_length(seen.input);
  const LengthFit output = fit_length(seen.output);
  client.input_tokens = input.distribution;
  client.output_tokens = output.distribution;
  goodness.push_back(fmt::format("input tokens: {}, off by at most {:.3f} (Kolmogorov-Smirnov)",
                                 input.description, input.distance));
  goodness.push_back(fmt::format("output tokens: {}, off by at most {:.3f} (Kolmogorov-Smirnov)",
                                 output.description, output.distance));
}

// As many shared beginnings as the trace has, of the one length that gives its reuse.
std::optional<PrefixSpec> fit_prefix(const Observed& seen) {
  if (seen.reuse.infinite_cache() == 0) return std::nullopt;
  const auto groups = std::count_if(seen.first_content.begin(), seen.first_content.end(),
                                    [](const auto& entry) { return entry.second > 1; });
  PrefixSpec prefix{.groups = std::max<std::int64_t>(1, groups), .within_input = true};
  const auto n = static_cast<double>(seen.input.size());
  double total = 0;
  for (const double tokens : seen.input) total += tokens;
  const double repeats = std::max(0.0, 1 - static_cast<double>(prefix.groups) / n);
  const double block = seen.reuse.block_tokens();
  const auto reused = [&](double tokens) {  // in whole blocks, by all but the first of each group
    double sum = 0;
    for (const double input : seen.input) sum += std::floor(std::min(tokens, input - 1) / block) * block;
    return sum * repeats;
  };
  double low = 0;
  double high = *std::max_element(seen.input.begin(), seen.input.end());
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (reused(middle) < seen.reuse.infinite_cache() * total ? low : high) = middle;
  }
  prefix.tokens = {.kind = Distribution::Kind::constant, .value = std::max(1.0, std::round(high))};
  return prefix;
}

double generated_reuse(const SyntheticSpec& spec, std::int32_t block_tokens) {
  const auto source = open_workload({.kind = spec});
  PrefixReuse reuse(block_tokens, {});
  RequestSpec request;
  while (source->next(request)) reuse.add(request);
  return reuse.infinite_cache();
}

}  // namespace

WorkloadFit fit_workload(const TraceSpec& trace, const FitOptions& options) {
  check(trace);
  const Observed seen = observe(trace);
  WorkloadFit fit{.warnings = seen.warnings};
  fit.spec.num_requests = std::ssize(seen.input);
  fit.spec.arrival = fit_arrivals(seen.arrivals_s, fit.goodness);
  ClientSpec client;
  fit_lengths(seen, trace.path, options, client, fit.goodness);
  client.prefix = fit_prefix(seen);
  fit.spec.clients.push_back(client);
  if (client.prefix) {
    fit.goodness.push_back(fmt::format(
        "prefix reuse: {} shared beginnings of {:g} tokens; {:.1f} % of the blocks are repeated, in the "
        "trace {:.1f} %",
        client.prefix->groups, client.prefix->tokens.value,
        100 * generated_reuse(fit.spec, seen.reuse.block_tokens()), 100 * seen.reuse.infinite_cache()));
  }
  if (seen.has_sessions) fit.goodness.emplace_back("sessions: their requests are imitated as separate ones");
  return fit;
}

}  // namespace blis
