#include "sim/kv/block_pool.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace blis {

BlockPool::BlockPool(ContentTree& tree, int usable, int groups, bool track_ids)
    : tree_(tree),
      usable_(usable),
      free_(usable),
      track_ids_(track_ids),
      heads_(static_cast<std::size_t>(groups)) {
  if (usable == 0) return;
  const ExtentIndex all = make({.hi = usable});
  if (track_ids_) {
    ids_[all].resize(static_cast<std::size_t>(usable));
    std::iota(ids_[all].begin(), ids_[all].end(), 1);
  }
  enqueue(all, kNoExtent);
}

void BlockPool::take(int n, std::vector<BlockId>& ids) {
  assert(n <= free_ && "callers check first, then act");
  free_ -= n;
  while (n > 0) {
    const ExtentIndex e = head_;
    Extent& extent = extents_[e];
    const int taken = std::min(n, extent.size());
    if (track_ids_) {
      std::vector<BlockId>& mine = ids_[e];
      if (extent.blank()) {
        ids.insert(ids.end(), mine.begin(), mine.begin() + taken);
        mine.erase(mine.begin(), mine.begin() + taken);
      } else {  // the tail of a sequence is evicted before its front
        ids.insert(ids.end(), mine.rbegin(), mine.rbegin() + taken);
        mine.erase(mine.end() - taken, mine.end());
      }
    }
    extent.hi -= taken;
    n -= taken;
    if (!extent.blank()) evicted_ += taken;
    if (extent.size() == 0) {
      unlink_from_queue(e);
      if (!extent.blank()) unlink_from_node(e);
      discard(e);
    }
  }
}

void BlockPool::free_blank(int n, std::span<const BlockId> ids, bool to_head) {
  if (n == 0) return;
  free_ += n;
  const ExtentIndex neighbour = to_head ? head_ : tail_;
  if (neighbour != kNoExtent && extents_[neighbour].blank()) {
    extents_[neighbour].hi += n;
    if (track_ids_) {
      std::vector<BlockId>& theirs = ids_[neighbour];
      theirs.insert(to_head ? theirs.begin() : theirs.end(), ids.begin(), ids.end());
    }
    return;
  }
  const ExtentIndex e = make({.hi = n});
  if (track_ids_) ids_[e].assign(ids.begin(), ids.end());
  enqueue(e, to_head ? head_ : kNoExtent);
}

ExtentIndex BlockPool::publish(std::uint32_t group, NodeIndex node, std::int32_t lo, std::int32_t hi,
                               ExtentIndex last, std::span<const BlockId> ids) {
  if (last != kNoExtent) {
    Extent& extent = extents_[last];
    // Growing must not make these blocks look older than a copy published meanwhile.
    if (extent.node == node && extent.hi == lo && extent.refs == 1 && extent.newer == kNoExtent) {
      extent.hi = hi;
      if (track_ids_) ids_[last].insert(ids_[last].end(), ids.begin(), ids.end());
      return last;
    }
  }
  const ExtentIndex e = make({.node = node, .lo = lo, .hi = hi, .refs = 1, .group = group});
  if (track_ids_) ids_[e].assign(ids.begin(), ids.end());
  link_newest(e);
  tree_.use(node);
  return e;
}

void BlockPool::hold(ExtentIndex e) {
  Extent& extent = extents_[e];
  if (extent.refs++ > 0) return;
  unlink_from_queue(e);
  free_ -= extent.size();
}

void BlockPool::drop(ExtentIndex e, bool blank_to_head) {
  Extent& extent = extents_[e];
  assert(extent.refs > 0);
  if (--extent.refs > 0) return;
  free_ += extent.size();
  enqueue(e, extent.blank() && blank_to_head ? head_ : kNoExtent);
  if (!extent.blank()) rejoin(e);
}

// Parts that holders of different lengths once cut and that are now free together become one again.
void BlockPool::rejoin(ExtentIndex e) {
  const ExtentIndex above = extents_[e].ahead;
  if (above == kNoExtent || extents_[e].newer != above) return;
  Extent& low = extents_[e];
  if (extents_[above].group != low.group || extents_[above].lo != low.hi) return;
  low.hi = extents_[above].hi;
  if (track_ids_) ids_[e].insert(ids_[e].end(), ids_[above].begin(), ids_[above].end());
  unlink_from_queue(above);
  unlink_from_node(above);
  discard(above);
}

ExtentIndex BlockPool::split(ExtentIndex e, std::int32_t at) {
  const ExtentIndex upper = make(extents_[e]);
  Extent& low = extents_[e];
  Extent& high = extents_[upper];
  assert(low.lo < at && at < low.hi);
  high.lo = at;
  low.hi = at;
  low.upper = upper;
  if (track_ids_) {
    const auto cut = static_cast<std::size_t>(at - low.lo);
    ids_[upper].assign(ids_[e].begin() + static_cast<std::ptrdiff_t>(cut), ids_[e].end());
    ids_[e].resize(cut);
  }
  if (!low.blank()) {  // right after its lower part: equally old
    tree_.use(low.node);
    high.older = e;
    high.newer = low.newer;
    NodeList& list = heads_[low.group][low.node];
    (low.newer == kNoExtent ? list.newest : extents_[low.newer].older) = upper;
    low.newer = upper;
  }
  high.ahead = high.behind = kNoExtent;
  if (low.refs == 0) enqueue(upper, e);
  return upper;
}

void BlockPool::forget_hashes() {
  assert(free_ == usable_);
  for (ExtentIndex e = head_; e != kNoExtent; e = extents_[e].behind) {
    Extent& extent = extents_[e];
    if (extent.blank()) continue;
    unlink_from_node(e);
    extent.node = kNoNode;
    extent.hi -= std::exchange(extent.lo, 0);
    if (track_ids_) std::reverse(ids_[e].begin(), ids_[e].end());
  }
}

ExtentIndex BlockPool::make(const Extent& extent) {
  const Extent copy = extent;  // `extent` may lie in the vector that grows
  if (unused_ == kNoExtent) {
    extents_.push_back(copy);
    if (track_ids_) ids_.emplace_back();
    return static_cast<ExtentIndex>(extents_.size() - 1);
  }
  const ExtentIndex e = unused_;
  unused_ = extents_[e].behind;
  extents_[e] = copy;
  return e;
}

void BlockPool::discard(ExtentIndex e) {
  if (track_ids_) ids_[e].clear();
  extents_[e].behind = unused_;
  unused_ = e;
}

void BlockPool::link_newest(ExtentIndex e) {
  Extent& extent = extents_[e];
  std::vector<NodeList>& heads = heads_[extent.group];
  if (extent.node >= heads.size()) heads.resize(std::max(tree_.slots(), heads.size() * 2));
  NodeList& list = heads[extent.node];
  extent.older = list.newest;
  (list.newest == kNoExtent ? list.oldest : extents_[list.newest].newer) = e;
  list.newest = e;
}

void BlockPool::unlink_from_node(ExtentIndex e) {
  const Extent& extent = extents_[e];
  NodeList& list = heads_[extent.group][extent.node];
  (extent.older == kNoExtent ? list.oldest : extents_[extent.older].newer) = extent.newer;
  (extent.newer == kNoExtent ? list.newest : extents_[extent.newer].older) = extent.older;
  tree_.release(extent.node);
}

void BlockPool::enqueue(ExtentIndex e, ExtentIndex behind) {
  const ExtentIndex ahead = behind == kNoExtent ? tail_ : extents_[behind].ahead;
  extents_[e].ahead = ahead;
  extents_[e].behind = behind;
  (ahead == kNoExtent ? head_ : extents_[ahead].behind) = e;
  (behind == kNoExtent ? tail_ : extents_[behind].ahead) = e;
}

void BlockPool::unlink_from_queue(ExtentIndex e) {
  Extent& extent = extents_[e];
  (extent.ahead == kNoExtent ? head_ : extents_[extent.ahead].behind) = extent.behind;
  (extent.behind == kNoExtent ? tail_ : extents_[extent.behind].ahead) = extent.ahead;
  extent.ahead = extent.behind = kNoExtent;
}

}  // namespace blis
