#include "tools/study/diff/against_measured.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string_view>

namespace blis {
namespace {

// Of extremes and spreads one request decides.
bool is_typical_latency(std::string_view key) {
  constexpr std::array<std::string_view, 5> kStarts{"mean_", "median_", "p90_", "p95_", "p99_"};
  return key.ends_with("_ms") &&
         std::ranges::any_of(kStarts, [key](std::string_view start) { return key.starts_with(start); });
}

}  // namespace

AgainstMeasured against_measured(const StoredResult& a, const StoredResult& b, const StoredResult& measured) {
  AgainstMeasured against{.name = std::filesystem::path(measured.folder).filename().string(),
                          .notes = measured.notes,
                          .traffic = compare_traffic(b.traffic, measured.traffic)};
  double sum_a = 0, sum_b = 0;
  for (const std::string& key : measured.order) {
    const auto of_a = a.figures.find(key), of_b = b.figures.find(key);
    if (of_a == a.figures.end() || of_b == b.figures.end()) continue;
    const MeasuredFigure figure{key, of_a->second, of_b->second, measured.figures.at(key)};
    against.figures.push_back(figure);
    if (!is_typical_latency(key) || !std::isfinite(figure.error_a()) || !std::isfinite(figure.error_b()))
      continue;
    ++against.latencies;
    sum_a += std::abs(figure.error_a());
    sum_b += std::abs(figure.error_b());
  }
  against.mean_a = sum_a / static_cast<double>(against.latencies);
  against.mean_b = sum_b / static_cast<double>(against.latencies);
  return against;
}

std::string which_is_nearer(const AgainstMeasured& against) {
  if (against.latencies == 0) return fmt::format("No latency is in all three of A, B and {}.", against.name);
  const std::string off = fmt::format("its latencies are off by {:.1f} % in the mean",
                                      100 * std::min(against.mean_a, against.mean_b));
  const double further = 100 * std::max(against.mean_a, against.mean_b);
  if (against.mean_a == against.mean_b)
    return fmt::format("A and B are as near to {}: latencies are off by {:.1f} % in the mean.", against.name,
                       further);
  const bool b_is_nearer = against.mean_b < against.mean_a;
  return fmt::format("{} is nearer to {}: {}, those of {} by {:.1f} %.", b_is_nearer ? "B" : "A",
                     against.name, off, b_is_nearer ? "A" : "B", further);
}

}  // namespace blis
