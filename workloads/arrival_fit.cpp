#include "workloads/arrival_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "workloads/arrivals.h"
#include "workloads/renewal_fit.h"
#include "workloads/significant_digits.h"

namespace blis {
namespace {

using Process = ArrivalSpec::Process;

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
RateCurve windowed_rate(const std::vector<double>& times, std::size_t windows) {
  const double length = times.back() / static_cast<double>(windows);
  std::vector<double> counts(windows);
  for (const double t : times) ++counts[std::min(windows - 1, static_cast<std::size_t>(t / length))];
  RateCurve curve{.kind = RateCurve::Kind::piecewise, .steps = true};
  for (std::size_t i = 0; i < windows; ++i)
    curve.points.push_back({to_significant_digits(length * static_cast<double>(i), 7),
                            to_significant_digits(counts[i] / length, 4)});
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

struct Candidate {
  ArrivalSpec arrival;
  double distance = 0;  // Kolmogorov-Smirnov, of the gaps
  double cv = 0;        // of the gaps that it makes
  double score = 0;     // less is nearer
};

Candidate judged(const ArrivalSpec& arrival, const std::vector<double>& gaps, double cv) {
  const std::vector<double> made = generated_gaps(arrival, gaps.size() + 1);
  Candidate c{arrival, kolmogorov_smirnov(gaps, made), std::sqrt(squared_cv(made)), 0};
  constexpr double kSmall = 1e-3;
  c.score = c.distance + 0.1 * std::abs(std::log((c.cv + kSmall) / (cv + kSmall)));
  return c;
}

// The process under the rate of so many windows; nothing if that rate changes no more than by chance.
std::optional<ArrivalSpec> under_a_curve(const std::vector<double>& times, std::size_t windows) {
  const RateCurve curve = windowed_rate(times, windows);
  const std::vector<double> steady = gaps_of(straightened(times, curve));
  if (!rate_changes(curve, steady)) return std::nullopt;
  ArrivalSpec arrival = fit_renewal(steady).arrival;
  arrival.curve = curve;
  arrival.request_rate = 0;  // the curve has the rates
  return arrival;
}

void round_parameters(ArrivalSpec& arrival) {
  arrival.request_rate = to_significant_digits(arrival.request_rate, 5);
  arrival.burstiness = to_significant_digits(arrival.burstiness, 4);
  arrival.shape = to_significant_digits(arrival.shape, 4);
}

}  // namespace

ArrivalFit fit_arrivals(const std::vector<double>& times) {
  const std::vector<double> gaps = gaps_of(times);
  const double cv = std::sqrt(squared_cv(gaps));
  ArrivalSpec plain = fit_renewal(gaps).arrival;
  round_parameters(plain);
  Candidate best = judged(plain, gaps, cv);
  constexpr std::size_t kFewest = 50;      // requests a window, on average
  constexpr double kClearlyNearer = 0.85;  // more windows must be worth their lines
  for (const std::size_t windows : {8, 24, 72, 216}) {
    if (times.size() < windows * kFewest) break;
    std::optional<ArrivalSpec> arrival = under_a_curve(times, windows);
    if (!arrival) continue;
    round_parameters(*arrival);
    const Candidate candidate = judged(*arrival, gaps, cv);
    if (candidate.score < kClearlyNearer * best.score) best = candidate;
  }
  std::string note;
  if (best.arrival.curve.kind != RateCurve::Kind::constant)
    note = fmt::format(" under a rate that changes in {} steps", best.arrival.curve.points.size());
  return {best.arrival,
          fmt::format("arrivals: {}{}, {:.4g} requests/s; gaps' distribution off by at most {:.3f} "
                      "(Kolmogorov-Smirnov), CV {:.2f} for the trace's {:.2f}",
                      describe(best.arrival), note, static_cast<double>(times.size()) / times.back(),
                      best.distance, best.cv, cv)};
}

}  // namespace blis
