// llm-d's approximate index of prefixes: which blocks of which prompts were sent where. It never hears what
// an engine evicts; it forgets what was sent least recently. Costs follow content runs, not blocks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/content_tree.h"
#include "sim/fleet/epp/plugin.h"

namespace blis {

class ApproximateIndex {
 public:
  struct Rules {
    std::int32_t block_tokens = 64;
    std::int32_t max_blocks = 2048;  // of a prompt
    bool partial_block = true;       // the end of a prompt that fills no block is a block of its own
    bool model_block = false;        // the model is a block before all others, equal for all prompts
  };
  // `tree` outlives it. A replica's entries are at most capacities[replica] blocks.
  ApproximateIndex(ContentTree& tree, const Rules& rules, std::vector<std::int64_t> capacities);
  ~ApproximateIndex();
  ApproximateIndex(const ApproximateIndex&) = delete;
  ApproximateIndex& operator=(const ApproximateIndex&) = delete;

  // How many of the prompt's blocks each replica was sent before, up to the first block that none was.
  void match(std::span<const ChainLink> prompt, PrefixMatches& found) const;

  // The prompt is sent to a replica: its blocks are the most recent there, the first one first.
  void insert(std::span<const ChainLink> prompt, std::size_t replica);

  // The replica was sent none of all this.
  void forget(std::size_t replica);

  std::int64_t blocks(std::size_t replica) const { return lists_[replica].blocks; }

 private:
  using EntryIndex = std::uint32_t;
  static constexpr EntryIndex kNone = ~EntryIndex{0};
  // Blocks [lo, hi) of the prompts through `node`, counted from the prompt's start; a block belongs to the
  // node in which it ends.
  struct Entry {
    NodeIndex node = kNoNode;
    std::uint32_t replica = 0;
    std::int32_t lo = 0, hi = 0;
    EntryIndex next = kNone;  // of the node; or in the list of unused entries
    EntryIndex older = kNone, newer = kNone;
  };
  struct List {
    EntryIndex oldest = kNone, newest = kNone;
    std::int64_t blocks = 0;
  };

  // Calls `visit(node, lo, hi)` for the blocks of each link, until it answers false.
  template <class Visit>
  void for_each_link(std::span<const ChainLink> prompt, Visit visit) const;
  std::int32_t blocks_of(std::span<const ChainLink> prompt) const;
  NodeIndex tail_of(std::span<const ChainLink> prompt) const;
  EntryIndex first_of(NodeIndex node) const { return node < heads_.size() ? heads_[node] : kNone; }

  std::int32_t match_node(NodeIndex node, std::int32_t lo, std::int32_t hi, PrefixMatches& found) const;
  void touch(NodeIndex node, std::size_t replica, std::int32_t lo, std::int32_t hi);
  void append(const Entry& entry);
  void evict(std::size_t replica);
  void remove(EntryIndex e);

  ContentTree& tree_;
  Rules rules_;
  std::vector<std::int64_t> capacities_;  // by replica
  std::vector<List> lists_;               // by replica
  std::vector<Entry> entries_;
  EntryIndex unused_ = kNone;
  std::vector<EntryIndex> heads_;  // by node
};

}  // namespace blis
