// Sequences, and the blocks they take and give back. What they find is in lookup.cpp.
#include "sim/kv/cache.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace blis {

KvCache::KvCache(const KvConfig& config, bool track_ids)
    : block_size_(config.block_size),
      caching_(config.enable_prefix_caching),
      watermark_blocks_(config.watermark_blocks),
      windows_(config.group_windows),
      pool_(tree_, config.num_blocks - 1, static_cast<int>(config.group_windows.size()), track_ids),
      groups_(config.group_windows.size()) {
  for (std::uint32_t g = 0; g < windows_.size(); ++g) {
    const auto same = std::ranges::find(kinds_, windows_[g], &GroupKind::window);
    if (same != kinds_.end()) {
      same->groups.push_back(g);
    } else {
      kinds_.push_back({windows_[g], {g}});
    }
  }
  // Full attention is looked up first.
  std::stable_partition(kinds_.begin(), kinds_.end(), [](const GroupKind& kind) { return kind.window == 0; });
  configure(config);
}

void KvCache::configure(const KvConfig& config) {
  max_model_len_ = config.max_model_len;
  window_frees_settled_ = config.window_frees_settled;
  max_tokens_in_flight_ = config.max_tokens_in_flight;
  drop_last_match_ = config.drop_last_match;
  unpublished_tail_ = config.unpublished_tail;
  blank_to_head_ = config.blank_to_head;
  // Evicting a block of a hit costs the whole prompt as much as it freed.
  refusals_outlast_evictions_ = config.whole_prompt_must_fit && windows_ == std::vector<int>{0};
  ++epoch_;
}

// ---------------------------------------------------------------- sequences

SequenceIndex KvCache::open(std::span<const ContentRun> prompt, int prompt_tokens, ContentId output,
                            ContentId salt) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<SequenceIndex>(sequences_.size()));
    sequences_.emplace_back().groups.resize(windows_.size());
  }
  const SequenceIndex s = unused_.back();
  unused_.pop_back();
  Sequence& sequence = sequences_[s];
  sequence.chain.clear();
  sequence.findable = sequence.admitted = false;
  if (!caching_) return s;

  NodeIndex parent = kNoNode;
  std::int32_t start = 0;
  for (const ContentRun& run : prompt) {
    if (run.content == kPrivateContent) break;
    parent = tree_.use_shared(parent, start, run.content, salt);
    start += run.tokens;
    sequence.chain.push_back({parent, start});
    sequence.findable = true;
  }
  // Whatever follows private content is private too, so one open-ended node stands for all of it.
  if (start == prompt_tokens && output != kPrivateContent) {
    sequence.chain.push_back({tree_.use_shared(parent, start, output, salt), kOpenEnd});
    sequence.findable = true;
  } else {
    sequence.chain.push_back({tree_.use_private(), kOpenEnd});
  }
  return s;
}

void KvCache::close(SequenceIndex s) {
  Sequence& sequence = sequences_[s];
  for (const Segment& segment : sequence.chain) tree_.release(segment.node);
  sequence.chain.clear();
  unused_.push_back(s);
}

// ---------------------------------------------------------------- allocation

int KvCache::skipped_blocks(std::uint32_t group, int computed) const {
  const int window = windows_[group];
  return window == 0 ? 0 : blocks_out_of_window(computed, window, block_size_);
}

int KvCache::blocks_needed_to_admit(std::uint32_t group, int blocks) const {
  const int skipped = skipped_blocks(group, hit_blocks_ * block_size_);
  int needed = std::max(blocks - std::max(skipped, hit_blocks_), 0);
  // Cached blocks that nobody holds lie in the free queue, and leave it when they are adopted.
  for (const HitPiece& piece : groups_[group]) {
    if (pool_[piece.extent].refs == 0) needed += piece.hi - piece.lo;
  }
  return needed;
}

// What one request can hold at once: of a window, no more than it, what is being computed, and a
// block because it may begin anywhere.
int KvCache::max_blocks_to_admit(std::uint32_t group) const {
  if (windows_[group] == 0) return pool_.usable() + 1;
  const std::int64_t tokens = windows_[group] - 1 + max_tokens_in_flight_;
  return blocks_for(static_cast<int>(std::min<std::int64_t>(tokens, max_model_len_))) + 1;
}

bool KvCache::admit(SequenceIndex s, const Admission& admission) {
  assert(admission.new_tokens > 0);
  const int watermark = admission.anyone_running ? watermark_blocks_ : 0;
  if (admission.reserve_full) {
    int needed = 0;
    for (std::uint32_t g = 0; g < groups_.size(); ++g) {
      const int known = std::min(admission.known_tokens, max_model_len_);
      needed += blocks_needed_to_admit(g, std::min(blocks_for(known), max_blocks_to_admit(g)));
    }
    if (needed + watermark > pool_.free_blocks()) return false;
  }
  const int computed = std::min(hit_blocks_ * block_size_, max_model_len_);
  const int slots = std::min(computed + admission.new_tokens + admission.lookahead, max_model_len_);
  int needed = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) needed += blocks_needed_to_admit(g, blocks_for(slots));
  if (needed + watermark > pool_.free_blocks()) return false;

  Sequence& sequence = sequences_[s];
  sequence.admitted = true;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    Holding& holding = sequence.groups[g];
    assert(holding.held == 0 && holding.pieces.empty());
    for (const HitPiece& piece : groups_[g]) {
      ExtentIndex e = piece.extent;
      while (pool_[e].hi <= piece.lo) e = pool_[e].upper;  // cut by the piece before, of the same extent
      if (pool_[e].lo < piece.lo) e = pool_.split(e, piece.lo);
      if (pool_[e].hi > piece.hi) pool_.split(e, piece.hi);
      pool_.hold(e);
      holding.pieces.push_back({e, piece.hi});
    }
    holding.first = skipped_blocks(g, hit_blocks_ * block_size_);
    holding.held = holding.published = hit_blocks_;
  }
  for (Holding& holding : sequence.groups) take_up_to(holding, blocks_for(slots));
  publish(s, std::min({computed + admission.new_tokens, admission.known_tokens, max_model_len_}));
  return true;
}

int KvCache::blocks_needed_to_grow(SequenceIndex s, int tokens) const {
  int needed = 0;
  for (const Holding& holding : sequences_[s].groups)
    needed += std::max(blocks_for(tokens) - holding.held, 0);
  return needed;
}

bool KvCache::grow(SequenceIndex s, const Growth& growth) {
  Sequence& sequence = sequences_[s];
  leave_window(sequence, growth.computed - (window_frees_settled_ ? growth.in_flight : 0));
  const int total = std::min(growth.computed, max_model_len_);
  const int slots = std::min(total + growth.new_tokens + growth.lookahead, max_model_len_);
  if (blocks_needed_to_grow(s, slots) > pool_.free_blocks()) return false;
  for (Holding& holding : sequence.groups) take_up_to(holding, blocks_for(slots));
  publish(s, std::min({total + growth.new_tokens, growth.known_tokens, max_model_len_}));
  return true;
}

void KvCache::take_up_to(Holding& holding, int blocks) {
  if (blocks <= holding.held) return;
  pool_.take(blocks - holding.held, pool_.tracks_ids() ? holding.blank_ids : scratch_ids_);
  holding.held = blocks;
}

void KvCache::publish(SequenceIndex s, int tokens) {
  if (!caching_) return;
  Sequence& sequence = sequences_[s];
  if (!sequence.admitted) return;
  const int blocks = std::max(0, tokens - unpublished_tail_) / block_size_;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) publish_group(sequence, g, blocks);
}

void KvCache::publish_group(Sequence& s, std::uint32_t group, int blocks) {
  Holding& holding = s.groups[group];
  int block = std::max(holding.published, holding.first);
  if (blocks <= block) return;
  if (s.findable) ++epoch_;
  std::span<const BlockId> ids = holding.blank_ids;
  for (const Segment& segment : s.chain) {
    const int end = std::min(blocks, segment.end / block_size_);
    if (end <= block) continue;
    const auto count = static_cast<std::size_t>(pool_.tracks_ids() ? end - block : 0);
    const ExtentIndex last = holding.pieces.empty() ? kNoExtent : holding.pieces.back().extent;
    const ExtentIndex e = pool_.publish(group, segment.node, block, end, last, ids.first(count));
    if (e == last) {
      holding.pieces.back().hi = end;
    } else {
      holding.pieces.push_back({e, end});
    }
    ids = ids.subspan(count);
    block = end;
  }
  holding.blank_ids.erase(holding.blank_ids.begin(),
                          holding.blank_ids.end() - static_cast<std::ptrdiff_t>(ids.size()));
  holding.published = blocks;
}

void KvCache::settle(SequenceIndex s, int blocks, int published_tokens) {
  sequences_[s].groups[0].held = blocks;
  publish(s, published_tokens);
}

// ---------------------------------------------------------------- giving back

void KvCache::leave_window(Sequence& s, int computed) {
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    Holding& holding = s.groups[g];
    const int first = std::min(skipped_blocks(g, computed), holding.held);
    if (first > holding.first) release_front(holding, first);
  }
}

void KvCache::release_front(Holding& holding, int upto) {
  ++epoch_;
  scratch_extents_.clear();
  std::size_t gone = 0;
  for (Piece& piece : holding.pieces) {
    ExtentIndex e = piece.extent;
    while (e != kNoExtent && pool_[e].lo < std::min(upto, piece.hi)) {
      if (pool_[e].hi > upto) pool_.split(e, upto);
      scratch_extents_.push_back(e);
      e = pool_[e].hi < piece.hi ? pool_[e].upper : kNoExtent;
    }
    piece.extent = e;
    if (e != kNoExtent) break;
    ++gone;
  }
  holding.pieces.erase(holding.pieces.begin(), holding.pieces.begin() + static_cast<std::ptrdiff_t>(gone));
  const int blank = std::max(0, upto - std::max(holding.first, holding.published));
  const auto ids = holding.blank_ids.begin() + (pool_.tracks_ids() ? blank : 0);
  std::reverse(holding.blank_ids.begin(), ids);
  std::ranges::reverse(scratch_extents_);
  give_back(blank, {holding.blank_ids.begin(), ids});
  holding.blank_ids.erase(holding.blank_ids.begin(), ids);
  holding.first = upto;
}

void KvCache::release(SequenceIndex s) {
  Sequence& sequence = sequences_[s];
  if (!sequence.admitted) return;
  ++epoch_;
  for (Holding& holding : sequence.groups) release_group(holding);
  sequence.admitted = false;
}

void KvCache::release_group(Holding& holding) {
  scratch_extents_.clear();
  for (const Piece& piece : holding.pieces) {
    for (ExtentIndex e = piece.extent;; e = pool_[e].upper) {
      scratch_extents_.push_back(e);
      if (pool_[e].hi >= piece.hi) break;
    }
  }
  std::ranges::reverse(scratch_extents_);
  std::ranges::reverse(holding.blank_ids);
  give_back(holding.blank(), holding.blank_ids);
  holding.blank_ids.clear();
  holding.pieces.clear();
  holding.first = holding.published = holding.held = 0;
}

// Frees blocks without a hash and those of `scratch_extents_`, which lie before them; both tail first. Blocks
// that lost their hash belong with the former: together they go to the head as one row, so last ones first.
void KvCache::give_back(int blank, std::span<const BlockId> ids) {
  const bool some_lost = blank_to_head_ && pool_.hashes_were_dropped();
  const auto to_head = [&](ExtentIndex e) { return some_lost && pool_[e].blank(); };
  if (some_lost) {
    for (auto e = scratch_extents_.rbegin(); e != scratch_extents_.rend(); ++e) {
      if (to_head(*e)) pool_.drop(*e, true);
    }
  }
  pool_.free_blank(blank, ids, blank_to_head_);
  for (const ExtentIndex e : scratch_extents_) {
    if (!to_head(e)) pool_.drop(e, false);
  }
}

bool KvCache::reset() {
  if (pool_.free_blocks() != pool_.usable()) return false;
  pool_.forget_hashes();
  ++epoch_;
  return true;
}

// ---------------------------------------------------------------- looking

int KvCache::held_blocks(SequenceIndex s) const {
  int held = 0;
  for (const Holding& holding : sequences_[s].groups) held += holding.held - holding.first;
  return held;
}

}  // namespace blis
