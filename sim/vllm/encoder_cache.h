// vLLM's encoder cache: what the encoder made of images and sounds, kept until it is in the KV cache and
// nobody else needs it, and findable until its room is needed. Counted in embeddings.
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/request.h"

namespace blis {

struct EncoderLimits {
  int compute_budget = 0;                 // embeddings that a step may compute
  int cache_size = 0;                     // embeddings that the cache holds
  bool disable_chunked_mm_input = false;  // a chunk holds an item whole or not at all
};

// Items that one request needs computed in a step, and what of its tokens can be computed with them.
struct EncoderPlan {
  std::vector<std::uint32_t> items;  // numbers in the request's list
  int tokens = 0;                    // at most what was asked for
  int embeds = 0;                    // of `items`, in all
  double pairs = 0;                  // the sum of the squares of each one's
};

// Invariant: embeddings held and free are the cache's size; an entry without holders is the next to go, the
// longest unheld first.
class EncoderCache {
 public:
  explicit EncoderCache(const EncoderLimits& limits)
      : limits_(limits), free_(limits.cache_size), reclaimable_(limits.cache_size) {}

  // A chunk of `tokens` from `computed` on, of which the drafter reads `shift` tokens ahead: which items it
  // needs computed, within `budget` embeddings, and how long it can be. Takes hold of those that are cached,
  // and makes room for the others. Into `plan`.
  void plan(RequestIndex request, std::span<const MultimodalItem> items, int computed, int tokens, int shift,
            int budget, EncoderPlan& plan);
  // Takes hold of what was planned.
  void allocate(RequestIndex request, std::span<const MultimodalItem> items, const EncoderPlan& plan);

  // Lets go of items that end by `settled`, which is computed for good.
  void release_until(RequestIndex request, std::span<const MultimodalItem> items, int settled);
  void release(RequestIndex request, std::span<const MultimodalItem> items);

  int free_embeds() const { return free_; }

 private:
  struct Entry {
    int embeds = 0;
    std::vector<RequestIndex> holders;
    std::list<std::uint64_t>::iterator unheld;  // if nobody holds it
  };

  bool hold_cached(RequestIndex request, std::uint64_t hash);
  bool make_room(int embeds);
  void release_item(RequestIndex request, const MultimodalItem& item);

  EncoderLimits limits_;
  int free_;                                          // embeddings
  int reclaimable_;                                   // free, and those of entries without holders
  std::unordered_map<std::uint64_t, Entry> entries_;  // by hash
  std::list<std::uint64_t> unheld_;                   // hashes, the longest unheld first
};

}  // namespace blis
