#include "tools/score/pattern_search.h"

#include <algorithm>

namespace blis {

std::vector<double> pattern_search(std::span<const SearchAxis> axes, std::vector<double> start,
                                   SearchSteps steps,
                                   const std::function<double(const std::vector<double>&)>& cost) {
  std::vector<double> best = std::move(start);
  double lowest = cost(best);
  for (double step = steps.first; step >= steps.last; step /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      const std::vector<double> before = best;
      for (std::size_t i = 0; i < best.size(); ++i) {
        for (const double sign : {-1.0, 1.0}) {
          std::vector<double> tried = best;
          tried[i] =
              std::clamp(tried[i] + sign * step * (axes[i].high - axes[i].low), axes[i].low, axes[i].high);
          const double found = tried == best ? lowest : cost(tried);
          if (found < lowest) best = tried, lowest = found, moved = true;
        }
      }
      if (!moved || !steps.extrapolate) continue;
      std::vector<double> tried = best;
      for (std::size_t i = 0; i < best.size(); ++i) {
        tried[i] = std::clamp(2 * best[i] - before[i], axes[i].low, axes[i].high);
      }
      if (const double found = cost(tried); found < lowest) best = tried, lowest = found;
    }
  }
  return best;
}

}  // namespace blis
