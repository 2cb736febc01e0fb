#include "workloads/arrival_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

// Equal windows of the trace.
struct Windows {
  std::size_t count = 0;
  double length_s = 0;
};

// The rate by window, as steps; neighbours of one rate are one step. The last window counts as a whole one.
RateCurve windowed_rate(const std::vector<double>& times, Windows windows) {
  std::vector<double> counts(windows.count);
  for (const double t : times)
    ++counts[std::min(windows.count - 1, static_cast<std::size_t>(t / windows.length_s))];
  RateCurve curve{.kind = RateCurve::Kind::piecewise, .steps = true};
  for (std::size_t i = 0; i < windows.count; ++i) {
    if (i > 0 && counts[i] == counts[i - 1]) continue;
    curve.points.push_back({to_significant_digits(windows.length_s * static_cast<double>(i), 9),
                            to_significant_digits(counts[i] / windows.length_s, 4)});
  }
  curve.repeat_s = to_significant_digits(windows.length_s * static_cast<double>(windows.count), 9);
  return curve;
}

// How much counts in windows of so many seconds vary, relative to a Poisson process of the same rate, which
// has 1: the index of dispersion. It is what queues feel.
double dispersion(const std::vector<double>& times, double window_s) {
  const double windows = std::max(1.0, std::floor(times.back() / window_s));
  double pairs = 0;  // sum of count * count
  double in_window = 0;
  double window = 0;
  double all = 0;
  for (const double t : times) {
    const double at = std::floor(t / window_s);
    if (at >= windows) break;
    if (at != window) {
      pairs += in_window * in_window;
      in_window = 0;
      window = at;
    }
    ++in_window;
    ++all;
  }
  pairs += in_window * in_window;
  const double mean = all / windows;
  return mean == 0 ? 1 : (pairs / windows - mean * mean) / mean;
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
bool rate_changes(const std::vector<double>& times, double window_s, const std::vector<double>& steady_gaps) {
  constexpr double kMoreThanChance = 2;
  return dispersion(times, window_s) > kMoreThanChance * std::max(squared_cv(steady_gaps), 0.1);
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

std::vector<double> generated(const ArrivalSpec& arrival, std::size_t n) {
  Arrivals arrivals(arrival, 0, 0, std::nullopt, std::nullopt);
  std::vector<double> times;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = arrivals.next();
    if (!std::isfinite(t)) break;
    times.push_back(t);
  }
  return times;
}

constexpr std::array kScales{1.0, 5.0, 25.0, 125.0};  // seconds

// What is compared of arrivals.
struct Character {
  std::vector<double> gaps;
  double cv = 0;  // of them
  std::array<double, kScales.size()> dispersion{};
};

Character character_of(const std::vector<double>& times) {
  Character c{.gaps = gaps_of(times)};
  c.cv = std::sqrt(squared_cv(c.gaps));
  for (std::size_t i = 0; i < kScales.size(); ++i) c.dispersion[i] = dispersion(times, kScales[i]);
  return c;
}

// Whether the rate changes more than by chance, in windows of any length that many requests lie in.
bool rate_changes(const std::vector<double>& times) {
  constexpr std::size_t kMany = 20;
  std::vector<Windows> all;
  for (const std::size_t count : {8U, 24U, 72U, 216U})
    all.push_back({count, times.back() / static_cast<double>(count)});
  for (const double length : {5.0, 25.0, 125.0})
    all.push_back({static_cast<std::size_t>(std::ceil(times.back() / length)), length});
  return std::ranges::any_of(all, [&](const Windows& windows) {
    return windows.count >= 8 && times.size() >= windows.count * kMany &&
           rate_changes(times, windows.length_s, gaps_of(straightened(times, windowed_rate(times, windows))));
  });
}

// Of a second, or of as many as bring two requests on average, or as keep their number in bounds.
Windows short_windows(const std::vector<double>& times, double clock_s) {
  constexpr double kMost = 20'000;
  constexpr double kRequests = 2;
  const double wanted = std::max(
      {1.0, clock_s, times.back() / kMost, kRequests * times.back() / static_cast<double>(times.size())});
  double length = 1;
  for (double decade = 1; length < wanted; decade *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) {
      length = step * decade;
      if (length >= wanted) break;
    }
  }
  return {static_cast<std::size_t>(std::ceil(times.back() / length)), length};
}

// The process under the rate of these windows, with each window's number of requests.
ArrivalSpec under_a_curve(const std::vector<double>& times, Windows windows) {
  RateCurve curve = windowed_rate(times, windows);
  ArrivalSpec arrival = fit_renewal(gaps_of(straightened(times, curve))).arrival;
  curve.exact = true;
  arrival.curve = std::move(curve);
  arrival.request_rate = 0;  // the curve has the rates
  return arrival;
}

void round_parameters(ArrivalSpec& arrival) {
  arrival.request_rate = to_significant_digits(arrival.request_rate, 5);
  arrival.burstiness = to_significant_digits(arrival.burstiness, 4);
  arrival.shape = to_significant_digits(arrival.shape, 4);
}

}  // namespace

ArrivalFit fit_arrivals(const std::vector<double>& times, double clock_s) {
  const Windows windows = short_windows(times, clock_s);
  const bool changes = windows.count >= 8 && rate_changes(times);
  ArrivalSpec arrival = changes ? under_a_curve(times, windows) : fit_renewal(gaps_of(times)).arrival;
  round_parameters(arrival);
  const Character wanted = character_of(times);
  const Character made = character_of(generated(arrival, times.size()));
  std::string note;
  if (changes) note = fmt::format(" under the rate of each {:g} s", windows.length_s);
  std::string variation;
  for (std::size_t i = 0; i < kScales.size(); ++i) {
    if (kScales[i] * 8 > times.back()) break;
    variation += fmt::format("{}{:.3g} in {:g} s ({:.3g})", variation.empty() ? "; counts vary " : ", ",
                             made.dispersion[i], kScales[i], wanted.dispersion[i]);
  }
  if (!variation.empty()) variation += ", Poisson's being 1";
  return {arrival, fmt::format("arrivals: {}{}, {:.4g} requests/s; gaps' distribution off by at most {:.3f} "
                               "(Kolmogorov-Smirnov), CV {:.2f} for the trace's {:.2f}{}",
                               describe(arrival), note, static_cast<double>(times.size()) / times.back(),
                               kolmogorov_smirnov(wanted.gaps, made.gaps), made.cv, wanted.cv, variation)};
}

}  // namespace blis
