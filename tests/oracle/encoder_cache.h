// The oracle's encoder cache: which items' embeddings are there, and who needs them still. vLLM's
// EncoderCacheManager (vllm/v1/core/encoder_cache_manager.py).
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "tests/oracle/request.h"

namespace blis::oracle {

class EncoderCache {
 public:
  explicit EncoderCache(int size) : size_(size) {}

  // True if the item is there: then the request needs it, too.
  bool use_if_cached(const Request& r, const MultimodalItem& item);
  // Whether so many embeddings fit, if need be at the cost of items that nobody needs, the oldest first.
  bool make_room(int embeds);
  void add(const Request& r, const MultimodalItem& item);
  // The request needs it no longer; it stays until its room is needed.
  void let_go(const Request& r, const MultimodalItem& item);

 private:
  struct Cached {
    int embeds = 0;
    std::set<std::string> users;
  };
  int occupied(bool needed_only) const;

  int size_;
  std::map<std::uint64_t, Cached> cached_;  // by hash
  std::deque<std::uint64_t> unused_;        // the oldest first
};

}  // namespace blis::oracle
