#include "tools/study/calibrate/local_effects.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "tools/score/linear_equations.h"

namespace blis {
namespace {

constexpr double kBox = 0.1;                   // of an axis, to either side
constexpr std::size_t kPointsPerUnknown = 10;  // of a surface

// Where predictions are taken: shares of the box, from -1 to 1, the same for the same number of constants.
std::vector<std::vector<double>> points_of(std::size_t constants) {
  std::mt19937_64 random(7);
  std::vector<std::vector<double>> points(kPointsPerUnknown * (2 * constants + 1));
  for (auto& point : points) {
    for (std::size_t k = 0; k < constants; ++k) {
      point.push_back(static_cast<double>(random() % 20001) / 10000 - 1);
    }
  }
  return points;
}

// A row an unknown of the surface (its height, its slopes, its bends) with the weights of what is seen at the
// points.
std::vector<std::vector<double>> surface_weights(const std::vector<std::vector<double>>& moves) {
  const std::size_t constants = moves.front().size(), n = 2 * constants + 1;
  const auto factor = [&](std::size_t point, std::size_t k) {
    if (k == 0) return 1.0;
    const double move = moves[point][(k - 1) % constants];
    return k <= constants ? move : move * move;
  };
  std::vector<std::vector<double>> normal(n, std::vector<double>(n, 0.0));
  for (std::size_t p = 0; p < moves.size(); ++p) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) normal[i][j] += factor(p, i) * factor(p, j);
    }
  }
  std::vector<std::vector<double>> weights(n, std::vector<double>(moves.size(), 0.0));
  for (std::size_t p = 0; p < moves.size(); ++p) {
    std::vector<double> row;
    for (std::size_t i = 0; i < n; ++i) row.push_back(factor(p, i));
    const auto solved = solve_linear(normal, std::move(row));
    if (!solved) return {};
    for (std::size_t i = 0; i < n; ++i) weights[i][p] = (*solved)[i];
  }
  return weights;
}

}  // namespace

std::vector<std::vector<FitSample>> local_effects(
    std::span<const SearchAxis> axes, const std::vector<double>& fitted,
    const std::function<Prediction(const std::vector<double>&)>& predict_at) {
  if (axes.empty()) return {};
  std::vector<std::vector<double>> moves = points_of(axes.size());  // in boxes
  std::vector<Prediction> predictions;
  for (auto& move : moves) {
    std::vector<double> values = fitted;
    for (std::size_t k = 0; k < axes.size(); ++k) {
      const double box = kBox * (axes[k].high - axes[k].low);
      values[k] = std::clamp(fitted[k] + move[k] * box, axes[k].low, axes[k].high);
      move[k] = (values[k] - fitted[k]) / box;
    }
    predictions.push_back(predict_at(values));
    const Prediction& first = predictions.front();
    if (!first.figures.empty() || predictions.back().requests.size() != first.requests.size()) return {};
  }
  const std::vector<std::vector<double>> weights = surface_weights(moves);
  if (weights.empty()) return {};
  std::vector<std::vector<FitSample>> metrics;
  for (const auto& [measured, predicted] : kPairedFields) {
    std::vector<FitSample>& samples = metrics.emplace_back();
    for (std::size_t r = 0; r < predictions.front().requests.size(); ++r) {
      if (predictions.front().requests[r].held_out) continue;
      std::vector<double> surface(weights.size(), 0.0);
      for (std::size_t p = 0; p < predictions.size(); ++p) {
        const double seen = std::log(predictions[p].requests[r].*predicted);
        for (std::size_t i = 0; i < surface.size(); ++i) surface[i] += weights[i][p] * seen;
      }
      FitSample sample{std::log(predictions.front().requests[r].*measured), surface[0], {}};
      for (std::size_t k = 0; k < axes.size(); ++k) {
        sample.effect.push_back(surface[k + 1] / (kBox * (axes[k].high - axes[k].low)));
      }
      samples.push_back(std::move(sample));
    }
  }
  return metrics;
}

}  // namespace blis
