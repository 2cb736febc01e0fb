// Sequences, and the blocks they take and give back. What they find is in lookup.cpp.
#include "sim/kv/cache.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace blis {

namespace {

// What all groups that are looked up have whole blocks of. As vLLM's scheduler_block_size.
int common_multiple(const KvConfig& config) {
  int multiple = config.block_size;
  for (const KvGroup& group : config.groups) {
    if (config.enable_prefix_caching && group.block_size > 0) multiple = std::lcm(multiple, group.block_size);
  }
  return multiple;
}

}  // namespace

KvCache::KvCache(const KvConfig& config, bool track_ids)
    : block_size_(config.block_size),
      match_size_(common_multiple(config)),
      caching_(config.enable_prefix_caching),
      watermark_blocks_(config.watermark_blocks),
      specs_(config.groups),
      uniform_(specs_ == std::vector<KvGroup>(1) && !track_ids),
      growing_groups_(static_cast<int>(std::ranges::count_if(
          specs_, [](const KvGroup& g) { return g.kind != KvKind::state || g.mode != StateMode::none; }))),
      pool_(tree_, config.num_blocks - 1, static_cast<int>(config.groups.size()), track_ids),
      groups_(config.groups.size()) {
  for (std::uint32_t g = 0; g < specs_.size(); ++g) {
    const auto same = std::ranges::find(kinds_, specs_[g], &GroupKind::spec);
    if (same != kinds_.end()) {
      same->groups.push_back(g);
    } else {
      kinds_.push_back({specs_[g], {g}});
    }
  }
  // Full attention is looked up first.
  std::stable_partition(kinds_.begin(), kinds_.end(),
                        [](const GroupKind& kind) { return kind.spec.kind == KvKind::full; });
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
  refusals_outlast_evictions_ = config.whole_prompt_must_fit && specs_ == std::vector<KvGroup>(1);
  retention_.assign(specs_.size(), {});
  for (std::uint32_t g = 0; g < specs_.size() && config.retention_interval; ++g) {
    const bool window = is(g, KvKind::window);
    if (!window && !is(g, KvKind::state)) continue;
    const int beyond = window && drop_last_match_ ? 1 : 0;
    const int need = window ? blocks_for(g, specs_[g].reach - 1) + beyond : 1;
    const int segment = *config.retention_interval / size(g);
    retention_[g] = {segment > 0 && need >= segment, need, beyond, segment};
  }
  keeps_generated_ = false;
  for (std::uint32_t g = 0; g < specs_.size(); ++g) {
    const bool everywhere = retention_[g].everywhere || retention_[g].segment > 0;
    keeps_generated_ = keeps_generated_ || (caching_ && !is(g, KvKind::full) && everywhere);
  }
  ++epoch_;
}

// ---------------------------------------------------------------- sequences

SequenceIndex KvCache::open(std::span<const ContentRun> prompt, int prompt_tokens, ContentId output,
                            ContentId salt) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<SequenceIndex>(sequences_.size()));
    sequences_.emplace_back().groups.resize(specs_.size());
  }
  const SequenceIndex s = unused_.back();
  unused_.pop_back();
  Sequence& sequence = sequences_[s];
  sequence.chain.clear();
  sequence.findable = sequence.admitted = false;
  sequence.prompt_tokens = prompt_tokens;
  sequence.shared_prefix_boundary = 0;
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

int KvCache::blocks_left_behind(std::uint32_t group, int computed) const {
  const KvGroup& spec = specs_[group];
  switch (spec.kind) {
    case KvKind::full:
      return 0;
    case KvKind::window:
      return blocks_out_of_window(computed, spec.reach, size(group));
    case KvKind::chunk:
      return computed / spec.reach * spec.reach / size(group);
    case KvKind::state:
      return std::max(0, computed - 1) / size(group);
  }
  return 0;
}

int KvCache::blocks_needed_to_admit(std::uint32_t group, int blocks, int computed) const {
  const int skipped = skipped_blocks(group, computed);
  int needed = std::max(blocks - std::max(skipped, hit_blocks(group)), 0);
  if (aligned(group)) needed = std::min(needed, 1);
  // Cached blocks that nobody holds lie in the free queue, and leave it when they are adopted.
  for (const HitPiece& piece : groups_[group]) {
    if (pool_[piece.extent].refs == 0) needed += std::max(piece.hi - std::max(piece.lo, skipped), 0);
  }
  return needed;
}

// What one request can hold at once of what it leaves behind again.
int KvCache::max_blocks_to_admit(std::uint32_t group) const {
  if (!is(group, KvKind::window) && !is(group, KvKind::chunk)) return std::numeric_limits<int>::max();
  return static_cast<int>(
      blocks_of_request(specs_[group], max_model_len_, max_tokens_in_flight_, block_size_));
}

bool KvCache::admit(SequenceIndex s, const Admission& admission) {
  assert(admission.new_tokens + admission.external_tokens > 0);
  if (!fresh_states_.empty() && hit_is_computed_now()) return false;
  const int watermark = admission.anyone_running ? watermark_blocks_ : 0;
  const int computed = std::min(hit_tokens_ + admission.external_tokens, max_model_len_);
  if (admission.reserve_full) {
    int needed = 0;
    for (std::uint32_t g = 0; g < groups_.size(); ++g) {
      const int known = std::min(admission.known_tokens, max_model_len_);
      needed += blocks_needed_to_admit(g, std::min(blocks_for(g, known), max_blocks_to_admit(g)), computed);
    }
    if (needed + watermark > pool_.free_blocks()) return false;
  }
  const int slots = std::min(computed + admission.new_tokens + admission.lookahead, max_model_len_);
  int needed = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g)
    needed += blocks_needed_to_admit(g, blocks_for(g, slots), computed);
  if (needed + watermark > pool_.free_blocks() - admission.reserved_blocks) return false;

  Sequence& sequence = sequences_[s];
  sequence.admitted = true;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    Holding& holding = sequence.groups[g];
    assert(holding.held == 0 && holding.pieces.empty());
    if (aligned(g)) {
      adopt_state(holding, groups_[g]);
      holding.held = holding.published = hit_blocks(g);
      continue;
    }
    holding.first = skipped_blocks(g, computed);
    if (admission.external_tokens > 0) cut(groups_[g], holding.first, hit_blocks(g));
    for (const HitPiece& piece : groups_[g]) holding.pieces.push_back({hold_range(piece), piece.hi});
    holding.held = holding.published = std::max(hit_blocks(g), holding.first);
  }
  for (std::uint32_t g = 0; g < groups_.size(); ++g) take_up_to(g, sequence.groups[g], blocks_for(g, slots));
  if (admission.delay_publication) return true;
  publish(s, std::min({computed + admission.new_tokens, admission.known_tokens, max_model_len_}));
  return true;
}

bool KvCache::admit_loaded(SequenceIndex s, const Admission& admission, int computed) {
  const int room = pool_.free_blocks() - (admission.anyone_running ? watermark_blocks_ : 0);
  if (admission.reserve_full && blocks_needed_to_finish(s, admission.known_tokens) > room) return false;
  const int slots = std::min(computed + admission.new_tokens + admission.lookahead, max_model_len_);
  if (blocks_needed_to_grow(s, slots) > room) return false;
  return grow(s, {.computed = computed,
                  .new_tokens = admission.new_tokens,
                  .lookahead = admission.lookahead,
                  .known_tokens = admission.known_tokens});
}

// One more holder of just these blocks.
ExtentIndex KvCache::hold_range(const HitPiece& piece) {
  ExtentIndex e = piece.extent;
  while (pool_[e].hi <= piece.lo) e = pool_[e].upper;  // cut by the piece before, of the same extent
  if (pool_[e].lo < piece.lo) e = pool_.split(e, piece.lo);
  if (pool_[e].hi > piece.hi) pool_.split(e, piece.hi);
  pool_.hold(e);
  return e;
}

int KvCache::blocks_needed_to_grow(SequenceIndex s, int tokens) const {
  int needed = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const int more = std::max(blocks_for(g, tokens) - sequences_[s].groups[g].held, 0);
    needed += aligned(g) ? std::min(more, 1) : more;
  }
  return needed;
}

int KvCache::blocks_needed_to_finish(SequenceIndex s, int known) const {
  int needed = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const int blocks = std::min(blocks_for(g, std::min(known, max_model_len_)), max_blocks_to_admit(g));
    needed += std::max(blocks - sequences_[s].groups[g].held, 0);
  }
  return needed;
}

bool KvCache::grow(SequenceIndex s, const Growth& growth) {
  Sequence& sequence = sequences_[s];
  const int total = std::min(growth.computed, max_model_len_);
  const int slots = std::min(total + growth.new_tokens + growth.lookahead, max_model_len_);
  const bool begins_no_block = uniform_ && slots <= sequence.groups[0].held * block_size_;  // as most
  if (!begins_no_block) {
    leave_behind(sequence, std::max(0, growth.computed - (window_frees_settled_ ? growth.in_flight : 0)));
    if (blocks_needed_to_grow(s, slots) > pool_.free_blocks()) return false;
    for (std::uint32_t g = 0; g < groups_.size(); ++g)
      take_up_to(g, sequence.groups[g], blocks_for(g, slots));
  }
  publish(s, std::min({total + growth.new_tokens, growth.known_tokens, max_model_len_}));
  return true;
}

void KvCache::take_up_to(std::uint32_t group, Holding& holding, int blocks) {
  if (aligned(group)) return extend_state(holding, blocks);
  if (blocks <= holding.held) return;
  pool_.take(blocks - holding.held, pool_.tracks_ids() ? holding.blank_ids : scratch_ids_);
  holding.held = blocks;
}

void KvCache::publish(SequenceIndex s, int tokens) {
  if (!caching_) return;
  Sequence& sequence = sequences_[s];
  if (!sequence.admitted) return;
  tokens = std::max(0, tokens - unpublished_tail_);
  if (uniform_) {  // most tokens fill no block
    if (tokens < (sequence.groups[0].published + 1) * block_size_) return;
    return publish_group(sequence, 0, tokens / block_size_);
  }
  if (match_size_ > block_size_) tokens = tokens / match_size_ * match_size_;  // what a hit may end in
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const int blocks = tokens / size(g);
    aligned(g) ? publish_state(sequence, g, blocks) : publish_group(sequence, g, blocks);
  }
}

BlockRange KvCache::next_kept(const Sequence& s, std::uint32_t group, int from) const {
  const Retention& retention = retention_[group];
  if (retention.everywhere) return {from, Retention::kNever};
  const int prompt_end = (s.prompt_tokens - 1) / match_size_ * match_size_;
  return retention.next(from, prompt_end / size(group), s.shared_prefix_boundary / size(group));
}

void KvCache::publish_group(Sequence& s, std::uint32_t group, int blocks) {
  Holding& holding = s.groups[group];
  int block = std::max(holding.published, holding.first);
  if (blocks <= block) return;
  if (s.findable) ++epoch_;
  if (retention_[group].everywhere) {
    publish_range(s, group, block, blocks);
    block = blocks;
  }
  while (block < blocks) {
    const BlockRange kept = next_kept(s, group, block);
    if (kept.lo > block) {  // a hole, which may continue one
      const int end = std::min(kept.lo, blocks);
      holding.holes += end - block;
      const bool continues = !holding.pieces.empty() && holding.pieces.back().extent == kNoExtent;
      continues ? void(holding.pieces.back().hi = end) : holding.pieces.push_back({kNoExtent, end});
      block = end;
    }
    const int end = std::min(kept.hi, blocks);
    if (block < end) publish_range(s, group, block, end);
    block = std::max(block, end);
  }
  if (is(group, KvKind::state)) note_fresh_states(s, group, std::max(holding.published, holding.first));
  holding.published = blocks;
}

void KvCache::publish_range(Sequence& s, std::uint32_t group, int block, int hi) {
  Holding& holding = s.groups[group];
  const auto first_id = holding.blank_ids.begin() + (pool_.tracks_ids() ? holding.holes : 0);
  std::span<const BlockId> ids{first_id, holding.blank_ids.end()};
  for (const Segment& segment : s.chain) {
    const int end = std::min(hi, segment.end / size(group));
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
  holding.blank_ids.erase(first_id, holding.blank_ids.end() - static_cast<std::ptrdiff_t>(ids.size()));
}

void KvCache::settle(SequenceIndex s, int blocks, int published_tokens) {
  if (uniform_) sequences_[s].groups[0].held = blocks;
  publish(s, published_tokens);
}

// ---------------------------------------------------------------- giving back

void KvCache::leave_behind(Sequence& s, int computed) {
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    Holding& holding = s.groups[g];
    const int skipped = skipped_blocks(g, computed);
    if (aligned(g)) {
      leave_state(holding, skipped, blocks_for(g, computed));
    } else if (std::min(skipped, holding.held) > holding.first) {
      release_front(holding, std::min(skipped, holding.held));
    }
  }
}

void KvCache::release_front(Holding& holding, int upto) {
  ++epoch_;
  scratch_runs_.clear();
  std::size_t gone = 0;
  int at = holding.first, blank = 0;
  for (Piece& piece : holding.pieces) {
    if (piece.extent == kNoExtent) {
      const int blocks = std::min(piece.hi, upto) - at;
      if (blocks > 0) scratch_runs_.push_back({kNoExtent, blocks});
      blank += std::max(blocks, 0);
      if (piece.hi > upto) break;
    } else {
      ExtentIndex e = piece.extent;
      while (e != kNoExtent && pool_[e].lo < std::min(upto, piece.hi)) {
        if (pool_[e].hi > upto) pool_.split(e, upto);
        scratch_runs_.push_back({e, 0});
        e = pool_[e].hi < piece.hi ? pool_[e].upper : kNoExtent;
      }
      piece.extent = e;
      if (e != kNoExtent) break;
    }
    at = piece.hi;
    ++gone;
  }
  holding.pieces.erase(holding.pieces.begin(), holding.pieces.begin() + static_cast<std::ptrdiff_t>(gone));
  holding.holes -= blank;
  const int tail = std::max(0, upto - std::max(holding.first, holding.published));
  if (tail > 0) scratch_runs_.push_back({kNoExtent, tail});
  blank += tail;
  const auto end = holding.blank_ids.begin() + (pool_.tracks_ids() ? blank : 0);
  give_back({holding.blank_ids.begin(), end});
  holding.blank_ids.erase(holding.blank_ids.begin(), end);
  holding.first = upto;
}

void KvCache::release(SequenceIndex s) {
  Sequence& sequence = sequences_[s];
  if (!sequence.admitted) return;
  ++epoch_;
  for (Holding& holding : sequence.groups) {
    start_gathering();
    gather(holding);
    give_back(scratch_ids_);
  }
  sequence.admitted = false;
}

void KvCache::release_as_one(SequenceIndex s) {
  Sequence& sequence = sequences_[s];
  if (!sequence.admitted) return;
  ++epoch_;
  start_gathering();
  for (Holding& holding : sequence.groups) gather(holding);
  give_back(scratch_ids_);
  sequence.admitted = false;
}

SequenceIndex KvCache::set_aside(SequenceIndex s) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<SequenceIndex>(sequences_.size()));
    sequences_.emplace_back().groups.resize(specs_.size());
  }
  const SequenceIndex aside = unused_.back();
  unused_.pop_back();
  sequences_[aside].groups.swap(sequences_[s].groups);
  sequences_[aside].admitted = std::exchange(sequences_[s].admitted, false);
  return aside;
}

void KvCache::start_gathering() {
  scratch_runs_.clear();
  scratch_ids_.clear();
}

// Appends all that it holds to `scratch_runs_`, and the ids of its blank blocks to `scratch_ids_`. It holds
// nothing then.
void KvCache::gather(Holding& holding) {
  for (const StateBlock& state : holding.states) {
    scratch_runs_.push_back({state.extent, 1});
    if (state.extent == kNoExtent && pool_.tracks_ids()) scratch_ids_.push_back(state.id);
  }
  if (holding.states.empty()) {
    int at = holding.first;
    for (const Piece& piece : holding.pieces) {
      if (piece.extent == kNoExtent) {
        scratch_runs_.push_back({kNoExtent, piece.hi - at});
      } else {
        for (ExtentIndex e = piece.extent;; e = pool_[e].upper) {
          scratch_runs_.push_back({e, 0});
          if (pool_[e].hi >= piece.hi) break;
        }
      }
      at = piece.hi;
    }
    if (holding.blank() > 0) scratch_runs_.push_back({kNoExtent, holding.blank()});
    scratch_ids_.insert(scratch_ids_.end(), holding.blank_ids.begin(), holding.blank_ids.end());
  }
  holding.states.clear();
  holding.blank_ids.clear();
  holding.pieces.clear();
  holding.first = holding.published = holding.held = holding.holes = 0;
  holding.copied_from = -1;
}

// Frees what lies in `scratch_runs_`, tail first; `ids` are those of its blank blocks, and are turned round.
// Blank blocks that go to the head go there as one row, and with them those that lost their hash.
void KvCache::give_back(std::span<BlockId> ids) {
  std::ranges::reverse(ids);
  if (!blank_to_head_) {
    for (auto run = scratch_runs_.rbegin(); run != scratch_runs_.rend(); ++run) {
      if (run->extent != kNoExtent) {
        pool_.drop(run->extent, false);
      } else {
        const auto count = static_cast<std::size_t>(pool_.tracks_ids() ? run->blocks : 0);
        pool_.free_blank(run->blocks, ids.first(count), false);
        ids = ids.subspan(count);
      }
    }
    return;
  }
  const bool some_lost = pool_.hashes_were_dropped();
  int blank = 0;
  for (const Run& run : scratch_runs_) {
    if (run.extent == kNoExtent) {
      blank += run.blocks;
    } else if (some_lost && pool_[run.extent].blank()) {
      pool_.drop(run.extent, true);
    }
  }
  pool_.free_blank(blank, ids, true);
  for (auto run = scratch_runs_.rbegin(); run != scratch_runs_.rend(); ++run) {
    if (run->extent != kNoExtent && !(some_lost && pool_[run->extent].blank()))
      pool_.drop(run->extent, false);
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
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const Holding& holding = sequences_[s].groups[g];
    held += aligned(g) ? static_cast<int>(holding.states.size()) : holding.held - holding.first;
  }
  return held;
}

}  // namespace blis
