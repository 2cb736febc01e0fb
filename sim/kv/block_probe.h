// For those who want to list block ids or to interfere by hand: conformance vectors and tests. No decision of
// the cache depends on ids, and no simulation has a probe.
#pragma once

#include <span>
#include <vector>

#include "sim/kv/block_pool.h"
#include "sim/kv/cache.h"

namespace blis {

// Looks into a pool that tracks ids. Linear in blocks.
class PoolProbe {
 public:
  explicit PoolProbe(BlockPool& pool) : pool_(pool) {}

  std::vector<BlockId> free_order() const;  // from the head of the free queue
  bool hashed(BlockId id) const;
  int refs(BlockId id) const;  // 0 for free and for blank blocks
  int distinct_hashes() const;

  void drop_hash(BlockId id);          // if it has one
  void remove_from_queue(BlockId id);  // requires that it is free

 private:
  ExtentIndex find(BlockId id) const;
  ExtentIndex isolate(BlockId id);

  BlockPool& pool_;
};

// Looks into a cache; what names blocks needs one that tracks ids.
class CacheProbe {
 public:
  explicit CacheProbe(KvCache& kv) : kv_(kv) {}

  PoolProbe pool() const { return PoolProbe(kv_.pool_); }
  std::vector<BlockId> blocks(SequenceIndex s, int group = 0) const;  // 0 is the null block
  std::vector<BlockId> hit_blocks() const;  // of the last lookup, in the first group

  void drop_hash(BlockId id);

  // From token `start` on, the sequence continues with `content`. For generated tokens whose
  // values are known; tokens before `start` keep theirs.
  void continue_with(SequenceIndex s, int start, ContentId content);

  // Changed settings. Block size, number of blocks, watermark, groups and whether there is a prefix cache
  // stay what they were.
  void reconfigure(const KvConfig& config) { kv_.configure(config); }

 private:
  KvCache& kv_;
};

}  // namespace blis
