#include "roofline/ratio_grid.h"

#include <algorithm>
#include <cmath>

namespace blis {

std::array<RatioGrid::Corner, 16> RatioGrid::corners(const BatchPoint& p) {
  const std::array<double, kAxes> value{p.prefill, p.prefill_context, p.decodes, p.decode_context};
  std::array<int, kAxes> low{};
  std::array<double, kAxes> share{};
  for (int a = 0; a < kAxes; ++a) {
    // Node 0 is 0, node i is 2^(i-1).
    const double x = value[static_cast<std::size_t>(a)];
    const double place = x <= 0 ? 0 : x <= 1 ? x : std::min(1 + std::log2(x), kNodes - 1.0);
    const int node = std::min(static_cast<int>(place), kNodes - 2);
    low[static_cast<std::size_t>(a)] = node;
    share[static_cast<std::size_t>(a)] = place - node;
  }
  std::array<Corner, 16> out{};
  for (int c = 0; c < 16; ++c) {
    int index = 0;
    double weight = 1;
    for (int a = 0; a < kAxes; ++a) {
      const int up = c >> a & 1;
      index = index * kNodes + low[static_cast<std::size_t>(a)] + up;
      weight *= up ? share[static_cast<std::size_t>(a)] : 1 - share[static_cast<std::size_t>(a)];
    }
    out[static_cast<std::size_t>(c)] = {index, weight};
  }
  return out;
}

RatioGrid::RatioGrid(std::span<const RatioSample> samples) {
  if (samples.empty()) return;
  std::vector<double> sum(kSize, 0.0), weight(kSize, 0.0);
  for (const RatioSample& sample : samples) {
    for (const Corner& c : corners(sample.at)) {
      sum[static_cast<std::size_t>(c.index)] += c.weight * sample.ratio;
      weight[static_cast<std::size_t>(c.index)] += c.weight;
    }
  }
  ratio_.assign(kSize, 0.0F);
  for (std::size_t i = 0; i < kSize; ++i) {
    if (weight[i] > 0) ratio_[i] = static_cast<float>(sum[i] / weight[i]);
  }
  fill_gaps(weight);
}

// Nodes without samples take the mean of neighbours that have a ratio, ring by ring.
void RatioGrid::fill_gaps(std::vector<double>& weight) {
  constexpr std::array<int, kAxes> kStride{kNodes * kNodes * kNodes, kNodes * kNodes, kNodes, 1};
  std::vector<int> empty, still;
  for (int i = 0; i < kSize; ++i) {
    if (weight[static_cast<std::size_t>(i)] <= 0) empty.push_back(i);
  }
  while (!empty.empty()) {
    std::vector<std::pair<int, float>> found;
    still.clear();
    for (int i : empty) {
      double sum = 0;
      int neighbours = 0;
      for (int stride : kStride) {
        const int place = i / stride % kNodes;
        for (int step : {-1, 1}) {
          if (place + step < 0 || place + step >= kNodes) continue;
          const auto j = static_cast<std::size_t>(i + step * stride);
          if (weight[j] > 0) sum += static_cast<double>(ratio_[j]), ++neighbours;
        }
      }
      if (neighbours > 0) {
        found.emplace_back(i, static_cast<float>(sum / neighbours));
      } else {
        still.push_back(i);
      }
    }
    for (auto [i, ratio] : found)
      ratio_[static_cast<std::size_t>(i)] = ratio, weight[static_cast<std::size_t>(i)] = 1;
    empty.swap(still);
  }
}

double RatioGrid::at(const BatchPoint& point) const {
  if (ratio_.empty()) return 1;
  double sum = 0;
  for (const Corner& c : corners(point))
    sum += c.weight * static_cast<double>(ratio_[static_cast<std::size_t>(c.index)]);
  return sum;
}

}  // namespace blis
