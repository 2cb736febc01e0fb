// Pattern search in a box: few parameters, costs that need no derivative.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace blis {

struct SearchAxis {
  double low, high;
};
struct SearchSteps {
  double first, last;        // shares of an axis; they halve
  bool extrapolate = false;  // after a round that moved, tries as much again: follows narrow valleys
};

// The best of the neighbours along each axis, again and again, from `start`; never outside the box.
std::vector<double> pattern_search(std::span<const SearchAxis> axes, std::vector<double> start,
                                   SearchSteps steps,
                                   const std::function<double(const std::vector<double>&)>& cost);

}  // namespace blis
