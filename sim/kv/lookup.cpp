// What a prompt finds cached, in every group of KV blocks.
#include <algorithm>
#include <optional>

#include "sim/kv/cache.h"

namespace blis {

void KvCache::clear_hit() {
  for (std::vector<HitPiece>& pieces : groups_) pieces.clear();
  hit_tokens_ = 0;
}

// Each kind of group accepts the length found so far or shortens it, until all agree. What full
// attention finds stays found when it is shortened, so it is asked once. For EAGLE and MTP, whose
// drafts need the last matched block recomputed, each kind matches one block more and drops it,
// once for each length that is tried (vllm#33524, vllm#40860). Lengths are in units of match_size_.
int KvCache::lookup(SequenceIndex s, int known_tokens) {
  clear_hit();
  if (!caching_) return 0;
  Sequence& sequence = sequences_[s];
  const int limit = (known_tokens - 1) / match_size_;
  const bool full_and_one_other = kinds_.size() == 2 && kinds_[0].spec.kind == KvKind::full;
  std::optional<int> full_length;
  std::uint64_t dropped = 0;  // kinds whose drop the length includes, a bit each
  int length = limit, longest = 0;
  for (bool agreed = false; !agreed;) {
    int candidate = length;
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
      const KvKind kind = kinds_[k].spec.kind;
      const bool full = kind == KvKind::full;
      if (full && full_length) {
        candidate = std::min(candidate, *full_length);
        continue;
      }
      const bool drop = drop_last_match_ && (dropped >> k & 1) == 0;
      const bool one_more = drop && kind != KvKind::state;  // drafts know no states
      const int most = one_more ? std::min(candidate + 1, limit) : candidate;
      const int found = find_kind(sequence, kinds_[k], most, drop);
      if (drop) {
        dropped |= std::uint64_t{1} << k;
      } else if (found < candidate) {
        dropped = 0;
      }
      candidate = found;
      longest = std::max(longest, candidate);
      if (full) full_length = found;
    }
    agreed = candidate >= length || full_and_one_other || kinds_.size() == 1;
    length = std::min(length, candidate);
  }
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    cut(groups_[g], skipped_blocks(g, length * match_size_), length * match_size_ / size(g));
  }
  hit_tokens_ = length * match_size_;
  sequence.shared_prefix_boundary = groups_.size() > 1 && longest > length ? longest * match_size_ : 0;
  return hit_tokens_;
}

int KvCache::cached_tokens(std::span<const ContentRun> prompt, ContentId salt) const {
  if (!caching_) return 0;
  Sequence known;  // as far as some node stands for it
  std::int32_t tokens = 0;
  for (const ContentRun& run : prompt) {
    if (run.content == kPrivateContent) break;
    const NodeIndex parent = known.chain.empty() ? kNoNode : known.chain.back().node;
    const NodeIndex node = tree_.find_shared(parent, tokens, run.content, salt);
    if (node == kNoNode) break;
    tokens += run.tokens;
    known.chain.push_back({node, tokens});
  }
  std::vector<HitPiece> found;
  const std::uint32_t group = kinds_.front().groups.front();
  find_cached(known, group, 0, tokens / size(group), true, found);
  return found.empty() ? 0 : found.back().hi * size(group);
}

void KvCache::find_cached(const Sequence& s, std::uint32_t group, int from, int limit, bool stop_at_gap,
                          std::vector<HitPiece>& found) const {
  int block = from;
  for (const Segment& segment : s.chain) {
    const int end = std::min(limit, segment.end / size(group));  // blocks that end within the segment
    while (block < end) {
      // The oldest copy of `block`, up to where an older one takes over.
      ExtentIndex copy = kNoExtent;
      int until = end;
      for (ExtentIndex e = pool_.oldest(group, segment.node); e != kNoExtent; e = pool_[e].newer) {
        const Extent& extent = pool_[e];
        if (extent.lo <= block && block < extent.hi) {
          copy = e;
          until = std::min(until, extent.hi);
          break;
        }
        if (extent.lo > block) until = std::min(until, extent.lo);
      }
      if (copy != kNoExtent) {
        found.push_back({copy, block, until});
      } else if (stop_at_gap) {
        return;
      }
      block = until;
    }
    if (block >= limit) return;
  }
}

// The hit of the groups of one kind, all of which must have a block for it to count.
int KvCache::find_kind(const Sequence& s, const GroupKind& kind, int limit, bool drop_last) {
  const KvKind what = kind.spec.kind;
  const int size_here = size(kind.groups.front());
  const int step = match_size_ / size_here;  // blocks
  // What lies before the chunk that the limit is in is not needed.
  const int from =
      what == KvKind::chunk ? limit * match_size_ / kind.spec.reach * kind.spec.reach / size_here : 0;
  const bool gapless = what == KvKind::full || what == KvKind::chunk;
  std::vector<BlockRange>& common = scratch_ranges_;
  common.assign(1, {from, limit * step});
  for (std::uint32_t g : kind.groups) {
    groups_[g].clear();
    find_cached(s, g, from, limit * step, gapless, groups_[g]);
    intersect(common, groups_[g]);
  }
  if (what == KvKind::state) return common.empty() ? 0 : common.back().hi / step;  // the latest
  int found = from;
  if (gapless) {
    for (const BlockRange& range : common) {
      if (range.lo == found) found = range.hi;
    }
  } else {
    found = window_hit(common, blocks_in_window(kind.spec.reach, size_here) + (drop_last ? 1 : 0), step);
  }
  return (drop_last && found > 0 ? found - 1 : found) / step;
}

// Keeps of `common` what also lies in `pieces`; both ascend.
void KvCache::intersect(std::vector<BlockRange>& common, std::span<const HitPiece> pieces) {
  std::vector<BlockRange>& both = scratch_both_;
  both.clear();
  for (auto a = common.begin(); a != common.end(); ++a) {
    for (const HitPiece& b : pieces) {
      const BlockRange range{std::max(a->lo, b.lo), std::min(a->hi, b.hi)};
      if (range.lo < range.hi) both.push_back(range);
    }
  }
  common.swap(both);
}

void KvCache::cut(std::vector<HitPiece>& pieces, int lo, int hi) {
  for (HitPiece& piece : pieces) {
    piece.lo = std::max(piece.lo, lo);
    piece.hi = std::min(piece.hi, hi);
  }
  std::erase_if(pieces, [](const HitPiece& piece) { return piece.lo >= piece.hi; });
}

}  // namespace blis
