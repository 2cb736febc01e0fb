// vLLM V1's KV-cache manager: which request holds which blocks, what a new prompt finds cached,
// and whether a step's tokens fit. Costs follow content runs and changes, not blocks.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/content_tree.h"
#include "sim/kv/attention_window.h"
#include "sim/kv/block_pool.h"
#include "sim/kv/config.h"
#include "sim/kv/retention.h"
#include "sim/request.h"

namespace blis {

using SequenceIndex = std::uint32_t;

// What an admission asks for, beside the hit that lookup() found.
struct Admission {
  int known_tokens = 0;            // prompt and outputs the scheduler knows
  int new_tokens = 0;              // to be computed in this step
  int external_tokens = 0;         // that come from elsewhere, after the hit; > 0 if new_tokens is not
  int lookahead = 0;               // draft slots beyond them
  int reserved_blocks = 0;         // that it leaves free for others
  bool reserve_full = false;       // gate A: all known tokens must fit, too
  bool anyone_running = false;     // the watermark applies only then
  bool delay_publication = false;  // a load will fill the blocks: publish() when it has
};

// What a running request asks for.
struct Growth {
  int computed = 0;
  int in_flight = 0;   // of them, those in steps that have not ended
  int new_tokens = 0;  // > 0
  int lookahead = 0;   // draft slots beyond them
  int known_tokens = 0;
};

// Invariant: every usable block is free or held by at least one open sequence, never both.
// A sequence is what a request's tokens are to the cache; it is open from the first lookup until
// the request is gone, and it holds blocks from an admission until release().
class KvCache {
 public:
  // `track_ids` follows block ids, for those who want to list them; no decision depends on it.
  explicit KvCache(const KvConfig& config, bool track_ids = false);
  KvCache(const KvCache&) = delete;  // the pool refers to the tree
  KvCache& operator=(const KvCache&) = delete;

  // `prompt` runs sum to the prompt's length, or are empty for private content. `output` names the
  // generated stream (kPrivateContent: nobody will ask for it).
  SequenceIndex open(std::span<const ContentRun> prompt, int prompt_tokens, ContentId output, ContentId salt);
  // Requires that it holds nothing.
  void close(SequenceIndex s);

  // Tokens of `s` that lie in cached blocks, of its first `known_tokens`: whole blocks, and never
  // the last token. Kept as the hit that admit() adopts; any other mutation invalidates it.
  int lookup(SequenceIndex s, int known_tokens);
  // Tokens after which another prompt parts from this one, as far as the last lookup of `s` could tell: a
  // group had cached more of it than all have. 0: it could not.
  int shared_prefix_boundary(SequenceIndex s) const { return sequences_[s].shared_prefix_boundary; }
  // Leading tokens of a prompt that lie in cached blocks of one group, of full attention if there is any.
  // Changes nothing.
  int cached_tokens(std::span<const ContentRun> prompt, ContentId salt) const;
  // A lookup whose answer is "nothing": for requests that may not read the cache.
  void skip_lookup() { clear_hit(); }

  // Adopts the last lookup's blocks and takes new ones, or changes nothing and returns false.
  bool admit(SequenceIndex s, const Admission& admission);

  // The same for a sequence that was admitted with blocks for a load, which has ended: `computed` tokens are
  // there.
  bool admit_loaded(SequenceIndex s, const Admission& admission, int computed);

  // Makes room for more tokens, and publishes the blocks that known tokens fill; or returns false
  // (blocks behind an attention window are freed all the same).
  bool grow(SequenceIndex s, const Growth& growth);

  // A new step is decided: states that the one before computed can be copied.
  void new_step() {
    if (fresh_states_.empty()) return;
    fresh_states_.clear();
    ++epoch_;
  }

  // Publishes the hashes of full blocks within the first `tokens` tokens.
  void publish(SequenceIndex s, int tokens);

  // Gives up all blocks, tail first; published ones stay findable until they are reused. One group after the
  // other; or all as one row of blocks, the last group's first.
  void release(SequenceIndex s);
  void release_as_one(SequenceIndex s);
  // Hands its blocks over to a sequence of their own, to be released and closed; it holds none then.
  SequenceIndex set_aside(SequenceIndex s);

  // --- For sequences that grow by one token a step, together. Requires uniform(), or periodic() ---
  // Whether a sequence's blocks follow from its length alone: one full-attention group, no ids.
  bool uniform() const { return uniform_; }
  // Whether they change at the same places of every block once its prompt is computed, and it must go_on()
  // there and nowhere else. So they do unless states are kept of what is generated.
  bool periodic() const;
  // Those places: tokens into a block, before a step whose token changes something, while `in_flight` tokens
  // are in steps that have not ended.
  std::vector<int> places_of_change(int in_flight) const;
  // Groups that take a block when a sequence begins one.
  int growing_groups() const { return growing_groups_; }
  // What grow() does for one more token after `computed` ones at such a place, as if it had been called for
  // each token before. Requires free blocks.
  void go_on(SequenceIndex s, int computed, int in_flight);
  // Takes n <= free_blocks() blocks on account of sequences that will settle().
  void take_on_account(int n) {
    if (n > 0) pool_.take(n, scratch_ids_);
  }
  // Brings one up to date: it holds `blocks` blocks (which go_on() has seen to if it is not uniform()), of
  // which those full of the first `published_tokens` are published.
  void settle(SequenceIndex s, int blocks, int published_tokens);

  int free_blocks() const { return pool_.free_blocks(); }
  int usable_blocks() const { return pool_.usable(); }
  int block_size() const { return block_size_; }
  std::int64_t evicted_blocks() const { return pool_.evicted(); }
  int held_blocks(SequenceIndex s) const;  // over all groups
  int blocks_needed_to_grow(SequenceIndex s, int tokens) const;
  // To hold all `known` tokens, of which windows leave some again.
  int blocks_needed_to_finish(SequenceIndex s, int known) const;
  // Moves whenever an admission that was refused might fit when it is tried again: blocks were freed
  // or became findable, or, where only this step's tokens are checked and not the whole prompt, a
  // hit may have become shorter by an eviction.
  std::uint64_t epoch() const {
    return epoch_ + (refusals_outlast_evictions_ ? 0 : static_cast<std::uint64_t>(pool_.evicted()));
  }

  // Forgets all hashes if no block is in use; otherwise returns false.
  bool reset();

  bool caching() const { return caching_; }

 private:
  friend class CacheProbe;  // block_probe.h: block ids

  static constexpr std::int32_t kOpenEnd = std::numeric_limits<std::int32_t>::max();
  struct Segment {
    NodeIndex node;
    std::int32_t end;  // tokens up to here follow the node; of the last segment kOpenEnd
  };
  struct Piece {
    ExtentIndex extent;  // kNoExtent: a hole, blank blocks that are not kept findable
    std::int32_t hi;     // holds [extent.lo, hi), along Extent::upper
  };
  struct StateBlock {
    std::int32_t index;
    ExtentIndex extent;  // kNoExtent: blank
    BlockId id;
  };
  // Blocks [first, held) of one group: what was dealt with in pieces, then blank ones. Blocks below
  // `first` have left the attention window. Of aligned states, only those in `states`.
  struct Holding {
    std::vector<Piece> pieces;
    std::vector<BlockId> blank_ids;  // those of holes first
    std::vector<StateBlock> states;  // ascending
    std::int32_t first = 0;
    std::int32_t published = 0;
    std::int32_t held = 0;
    std::int32_t holes = 0;         // blocks in them
    std::int32_t copied_from = -1;  // aligned states: the block that the running state was copied from
    std::int32_t blank() const { return held - std::max(first, published); }
  };
  struct Sequence {
    std::vector<Segment> chain;
    std::vector<Holding> groups;
    std::int32_t prompt_tokens = 0;
    std::int32_t shared_prefix_boundary = 0;
    bool findable = false;  // some node of the chain is shared
    bool admitted = false;
  };
  struct HitPiece {
    ExtentIndex extent;
    std::int32_t lo, hi;
  };
  struct GroupKind {  // groups of one kind are looked up together
    KvGroup spec;
    std::vector<std::uint32_t> groups;
  };
  struct Run {           // blocks to give back
    ExtentIndex extent;  // kNoExtent: blank ones
    std::int32_t blocks;
  };
  struct FreshState {
    std::uint32_t group;
    NodeIndex node;
    std::int32_t lo, hi;
  };

  void configure(const KvConfig& config);
  void clear_hit();
  // Appends the cached parts of blocks [from, limit) of `s`; stops at the first gap if asked to.
  void find_cached(const Sequence& s, std::uint32_t group, int from, int limit, bool stop_at_gap,
                   std::vector<HitPiece>& found) const;
  int find_kind(const Sequence& s, const GroupKind& kind, int limit, bool drop_last);
  void intersect(std::vector<BlockRange>& common, std::span<const HitPiece> pieces);
  static void cut(std::vector<HitPiece>& pieces, int lo, int hi);

  int size(std::uint32_t group) const {
    return specs_[group].block_size > 0 ? specs_[group].block_size : block_size_;
  }
  int hit_blocks(std::uint32_t group) const { return hit_tokens_ / size(group); }
  int blocks_for(std::uint32_t group, int tokens) const { return (tokens + size(group) - 1) / size(group); }
  bool is(std::uint32_t group, KvKind kind) const { return specs_[group].kind == kind; }
  bool aligned(std::uint32_t group) const {
    return is(group, KvKind::state) && specs_[group].mode == StateMode::align;
  }
  int skipped_blocks(std::uint32_t group, int computed) const {
    return is(group, KvKind::full) ? 0 : blocks_left_behind(group, computed);
  }
  int blocks_left_behind(std::uint32_t group, int computed) const;
  int max_blocks_to_admit(std::uint32_t group) const;
  int blocks_needed_to_admit(std::uint32_t group, int blocks, int computed) const;
  void leave_behind(Sequence& s, int computed);
  bool go_on_blank(Sequence& s, int computed, int settled);
  ExtentIndex hold_range(const HitPiece& piece);
  void take_up_to(std::uint32_t group, Holding& holding, int blocks);
  BlockRange next_kept(const Sequence& s, std::uint32_t group, int from) const;
  void publish_group(Sequence& s, std::uint32_t group, int blocks);
  void publish_range(Sequence& s, std::uint32_t group, int lo, int hi);
  void release_front(Holding& holding, int upto);
  void start_gathering();
  void gather(Holding& holding);
  void give_back(std::span<BlockId> ids);

  // --- aligned states (aligned_state.cpp)
  void adopt_state(Holding& holding, std::span<const HitPiece> hit);
  void extend_state(Holding& holding, int blocks);
  void publish_state(Sequence& s, std::uint32_t group, int blocks);
  void leave_state(Holding& holding, int skipped, int settled_blocks);
  void give_back_states(Holding& holding, int from, int upto);
  void note_fresh_states(const Sequence& s, std::uint32_t group, int from);
  bool hit_is_computed_now() const;

  const int block_size_;
  const int match_size_;  // tokens that hits are multiples of: whole blocks in every group
  const bool caching_;
  const int watermark_blocks_;
  const std::vector<KvGroup> specs_;  // by group
  const bool uniform_;
  const int growing_groups_;
  // What configure() sets.
  int max_model_len_ = 0;
  std::int64_t max_tokens_in_flight_ = 0;  // that window groups allow for
  std::vector<Retention> retention_;       // by group
  bool drop_last_match_ = false;
  int unpublished_tail_ = 0;
  bool blank_to_head_ = false;
  bool window_frees_settled_ = false;
  bool refusals_outlast_evictions_ = false;
  bool keeps_generated_ = false;  // windows and chunks leave findable blocks behind that no prompt ends in
  ContentTree tree_;
  BlockPool pool_;
  std::vector<Sequence> sequences_;
  std::vector<SequenceIndex> unused_;
  std::vector<GroupKind> kinds_;
  std::vector<std::vector<HitPiece>> groups_;  // found by the last lookup, by group: what it looks back to
  int hit_tokens_ = 0;                         // its length
  std::uint64_t epoch_ = 0;
  std::vector<BlockId> scratch_ids_;
  std::vector<FreshState> fresh_states_;  // published by the step being decided
  std::vector<Run> scratch_runs_;
  std::vector<BlockRange> scratch_ranges_, scratch_both_;
};

}  // namespace blis
