// Prefix retention: which blocks of windows and states stay findable, so that a prompt can go on from them.
#pragma once

#include <algorithm>

#include "sim/kv/attention_window.h"

namespace blis {

// In blocks of one group. To go on after a place takes the `need` blocks before it; drafts' lookups end
// `beyond` it.
struct Retention {
  bool everywhere = true;
  int need = 0;
  int beyond = 0;
  int segment = 0;  // from one place to the next; 0: only where prompts end or part

  // The first kept blocks at or after `from` of a sequence that is gone on with after `prompt_end` blocks and
  // after `parting` blocks (0: not known). Empty, beyond all blocks, if there are none.
  BlockRange next(int from, int prompt_end, int parting) const {
    BlockRange first{kNever, kNever};
    const auto offer = [&](int place) {
      const BlockRange range{std::max(place - need, from), place};
      if (range.lo < range.hi && range.lo < first.lo) first = range;
    };
    offer(prompt_end + beyond);
    if (parting > 0) offer(parting + beyond);
    if (segment > 0) offer((std::max(from - beyond, 0) / segment + 1) * segment + beyond);
    return first;
  }

  static constexpr int kNever = 1 << 30;
};

}  // namespace blis
