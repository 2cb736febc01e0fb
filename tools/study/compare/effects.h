// What each setting of a grid does to a figure, beside the others.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/study/compare/compare_report.h"

namespace blis {

// A setting's main effect: the mean of the figure at each of its values, over combinations of the other
// settings in which every value has the figure, so that like is compared with like.
struct Effect {
  struct At {
    std::string value;
    double mean = 0;
  };
  std::string setting;  // "TP"; of settings that vary together all, with slashes
  std::vector<At> at;   // in the order of the grid
  std::size_t combinations = 0;

  double spread() const;  // of the means: the largest over the smallest, less one
};

// One for each setting that varies and has such combinations; the largest spread first.
std::vector<Effect> main_effects(const CompareReport& report, std::size_t figure);

}  // namespace blis
