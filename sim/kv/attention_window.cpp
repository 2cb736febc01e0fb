#include "sim/kv/attention_window.h"

namespace blis {

int window_hit(std::span<const BlockRange> cached, int width, int step) {
  int lo = 0, hi = 0;
  for (auto range = cached.rbegin(); range != cached.rend(); ++range) {
    if (hi == 0 || range->hi != lo) hi = range->hi / step * step;
    lo = range->lo;
    if (hi - lo >= width) return hi;
  }
  return lo == 0 ? hi : 0;
}

}  // namespace blis
