#include "tools/study/calibrate/joint_intervals.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <optional>
#include <random>
#include <utility>

#include "tools/score/linear_equations.h"

namespace blis {
namespace {

constexpr int kDraws = 400;
constexpr std::size_t kLongestBlock = 8;  // requests that follow each other share steps, and with them errors

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

// Samples, and of each constant the largest effect, so that the unknowns have one scale.
struct Equations {
  explicit Equations(std::span<const std::vector<FitSample>> samples) : metrics(samples) {
    for (const auto& of : metrics) {
      requests = std::max(requests, of.size());
      if (!of.empty()) scale.resize(of.front().effect.size());
      for (const FitSample& sample : of) {
        for (std::size_t k = 0; k < scale.size(); ++k)
          scale[k] = std::max(scale[k], std::abs(sample.effect[k]));
      }
    }
  }
  bool solvable() const {
    return requests > 1 && !scale.empty() && std::ranges::all_of(scale, [](double s) { return s > 0; });
  }
  std::optional<Vector> fit(const std::vector<std::size_t>& drawn) const;

  std::span<const std::vector<FitSample>> metrics;
  std::size_t requests = 0;
  Vector scale;
};

// The constants' move that brings predictions and measurements of these requests together, by least squares.
std::optional<Vector> Equations::fit(const std::vector<std::size_t>& drawn) const {
  const std::size_t n = scale.size();
  Matrix a(n, Vector(n, 0.0));
  Vector b(n, 0.0);
  for (const auto& samples : metrics) {
    if (samples.empty()) continue;
    for (const std::size_t i : drawn) {
      const FitSample& sample = samples[i];
      const double residual = sample.measured - sample.predicted;
      if (!std::isfinite(residual)) continue;
      for (std::size_t row = 0; row < n; ++row) {
        const double x = sample.effect[row] / scale[row];
        b[row] += x * residual;
        for (std::size_t k = 0; k < n; ++k) a[row][k] += x * sample.effect[k] / scale[k];
      }
    }
  }
  std::optional<Vector> move = solve_linear(std::move(a), std::move(b));
  for (std::size_t k = 0; move && k < n; ++k) (*move)[k] /= scale[k];
  return move;
}

std::size_t block_of(std::size_t requests) {
  return std::clamp<std::size_t>(requests / 10, 1, kLongestBlock);
}

// Few blocks scatter less than what they are drawn from, and tell their own scatter less surely: Student's t
// over the normal's quantile.
double few_blocks(std::size_t requests, double level) {
  const double blocks =
      std::max(2.0, static_cast<double>(requests) / static_cast<double>(block_of(requests)));
  const double share = (1 + level) / 2;
  return std::sqrt(blocks / (blocks - 1)) *
         boost::math::quantile(boost::math::students_t(blocks - 1), share) /
         boost::math::quantile(boost::math::normal(), share);
}

std::vector<std::size_t> draw_blocks(std::size_t requests, std::mt19937_64& random) {
  const std::size_t block = block_of(requests);
  std::vector<std::size_t> drawn;
  while (drawn.size() < requests) {
    std::size_t at = static_cast<std::size_t>(random() % requests);
    for (std::size_t i = 0; i < block && drawn.size() < requests; ++i) drawn.push_back((at + i) % requests);
  }
  return drawn;
}

double quantile(const Vector& sorted, double share) {
  const double rank = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(rank));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (rank - std::floor(rank));
}

}  // namespace

std::vector<double> linear_fit(std::span<const std::vector<FitSample>> metrics) {
  const Equations equations(metrics);
  if (!equations.solvable()) return {};
  std::vector<std::size_t> all(equations.requests);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return equations.fit(all).value_or(Vector{});
}

std::vector<Interval> joint_intervals(std::span<const std::vector<FitSample>> metrics, double level,
                                      std::uint64_t seed) {
  const Equations equations(metrics);
  if (!equations.solvable()) return {};
  std::mt19937_64 random(seed);
  std::vector<Vector> moves(equations.scale.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    const std::optional<Vector> move = equations.fit(draw_blocks(equations.requests, random));
    if (!move) return {};
    for (std::size_t k = 0; k < moves.size(); ++k) moves[k].push_back((*move)[k]);
  }
  const double wider = few_blocks(equations.requests, level);
  std::vector<Interval> intervals;
  for (Vector& of : moves) {
    std::ranges::sort(of);
    // The fit itself lies within, also where the linear one would go on from it.
    const double middle = quantile(of, 0.5);
    const auto end = [&](double share) { return middle + wider * (quantile(of, share) - middle); };
    intervals.push_back({std::min(0.0, end((1 - level) / 2)), std::max(0.0, end((1 + level) / 2))});
  }
  return intervals;
}

}  // namespace blis
