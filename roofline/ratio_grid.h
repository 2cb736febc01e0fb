// How measured times compare with modelled ones over the shapes of a batch: ratios of scattered samples,
// spread over a grid and interpolated. Where nothing was measured the nearest ratios go on.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace blis {

// A batch as tables describe it: one prefill chunk and decodes of equal context.
struct BatchPoint {
  double prefill = 0;          // new tokens
  double prefill_context = 0;  // before them
  double decodes = 0;          // sequences
  double decode_context = 0;   // of each
};

struct RatioSample {
  BatchPoint at;
  double ratio = 1;  // measured / modelled, > 0
};

class RatioGrid {
 public:
  // Without samples every ratio is 1.
  explicit RatioGrid(std::span<const RatioSample> samples);
  // Linear in the ratios over logarithms of the shape; within the range of the samples' ratios.
  double at(const BatchPoint& point) const;

 private:
  static constexpr int kAxes = 4;
  static constexpr int kNodes = 17;  // 0, 1, 2, 4, ... 32768 and beyond, on each axis
  static constexpr int kSize = kNodes * kNodes * kNodes * kNodes;

  struct Corner {
    int index;
    double weight;
  };
  static std::array<Corner, 1 << kAxes> corners(const BatchPoint& point);
  void fill_gaps(std::vector<double>& weight);

  std::vector<float> ratio_;
};

}  // namespace blis
