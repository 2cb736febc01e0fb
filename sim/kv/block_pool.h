// All KV blocks of an engine, kept as extents: runs of blocks that share one fate. The free queue
// is a list of extents in eviction order, so taking, freeing and finding blocks costs by extent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/content_tree.h"

namespace blis {

using ExtentIndex = std::uint32_t;
constexpr ExtentIndex kNoExtent = ~ExtentIndex{0};
using BlockId = std::int32_t;

// Blocks [lo, hi) of the token sequence that `node` names; their hashes are published. Or, with
// node == kNoNode, hi - lo free blocks without a hash ("blank").
struct Extent {
  NodeIndex node = kNoNode;
  std::int32_t lo = 0;
  std::int32_t hi = 0;
  std::int32_t refs = 0;  // requests that hold these blocks; 0: they are in the free queue
  std::uint32_t group = 0;
  ExtentIndex upper = kNoExtent;  // what a holder of more than [lo, hi) holds next: set by split()
  ExtentIndex older = kNoExtent, newer = kNoExtent;   // in the node's list, by time of publication
  ExtentIndex ahead = kNoExtent, behind = kNoExtent;  // in the free queue

  std::int32_t size() const { return hi - lo; }
  bool blank() const { return node == kNoNode; }
};

// Invariant: every block is in exactly one place: blank with a request, in an extent with
// refs > 0, or in the free queue; free_blocks() counts the last.
//
// Block ids do not influence any decision. They are followed only if `track_ids` is set, for a probe
// (block_probe.h); the null block, id 0, belongs to nobody.
class BlockPool {
 public:
  // `usable` blocks with ids 1..usable, all blank, in order of id.
  BlockPool(ContentTree& tree, int usable, int groups, bool track_ids);

  int usable() const { return usable_; }
  int free_blocks() const { return free_; }
  std::int64_t evicted() const { return evicted_; }  // published blocks overwritten so far
  bool tracks_ids() const { return track_ids_; }

  const Extent& operator[](ExtentIndex e) const { return extents_[e]; }

  // Takes n <= free_blocks() blocks from the head of the free queue. Published ones lose their
  // hash. Ids go to the end of `ids`.
  void take(int n, std::vector<BlockId>& ids);

  // Frees n blocks without a hash: to the head of the queue, or to its tail. `ids`, in queue order.
  void free_blank(int n, std::span<const BlockId> ids, bool to_head);

  // Publishes blocks [lo, hi) of `node`, held by one request: `last`, the extent this request
  // published before, grows if nothing stands in the way, otherwise there is a new one. Returns it.
  ExtentIndex publish(std::uint32_t group, NodeIndex node, std::int32_t lo, std::int32_t hi, ExtentIndex last,
                      std::span<const BlockId> ids);

  // One more, or one fewer, holder. The first takes the extent out of the free queue; the last
  // appends it to the tail (to the head if its hash was dropped and `blank_to_head`). Whoever drops
  // a sequence drops its tail first.
  void hold(ExtentIndex e);
  void drop(ExtentIndex e, bool blank_to_head);

  // Cuts an extent at block lo < at < hi. It keeps [lo, at); returns the new one with the rest,
  // which whoever held the whole holds too, and which stands ahead of it in the free queue.
  ExtentIndex split(ExtentIndex e, std::int32_t at);

  // The extents of a node in a group, oldest publication first: where copies overlap, the oldest
  // is the one a lookup finds.
  ExtentIndex oldest(std::uint32_t group, NodeIndex node) const {
    return node < heads_[group].size() ? heads_[group][node].oldest : kNoExtent;
  }

  // Forgets all hashes. Requires free_blocks() == usable().
  void forget_hashes();

  bool hashes_were_dropped() const { return hashes_were_dropped_; }  // ever, by a probe

 private:
  friend class PoolProbe;  // block_probe.h: block ids
  friend class CacheProbe;

  struct NodeList {
    ExtentIndex oldest = kNoExtent, newest = kNoExtent;
  };

  ExtentIndex make(const Extent& extent);
  void rejoin(ExtentIndex e);
  void discard(ExtentIndex e);
  void link_newest(ExtentIndex e);
  void unlink_from_node(ExtentIndex e);
  void enqueue(ExtentIndex e, ExtentIndex behind);  // right ahead of `behind`; kNoExtent: at the tail
  void unlink_from_queue(ExtentIndex e);

  ContentTree& tree_;
  int usable_;
  int free_;
  bool track_ids_;
  bool hashes_were_dropped_ = false;
  std::int64_t evicted_ = 0;
  std::vector<Extent> extents_;
  std::vector<std::vector<BlockId>> ids_;     // by extent; by block for published, in queue order for blank
  std::vector<std::vector<NodeList>> heads_;  // by group, by node
  ExtentIndex unused_ = kNoExtent;
  ExtentIndex head_ = kNoExtent, tail_ = kNoExtent;
};

}  // namespace blis
