#include "tests/oracle/encoder_cache.h"

namespace blis::oracle {

int EncoderCache::occupied(bool needed_only) const {
  int sum = 0;
  for (const auto& [hash, item] : cached_) {
    if (!needed_only || !item.users.empty()) sum += item.embeds;
  }
  return sum;
}

bool EncoderCache::use_if_cached(const Request& r, const MultimodalItem& item) {
  const auto found = cached_.find(item.hash);
  if (found == cached_.end()) return false;
  std::erase(unused_, item.hash);
  found->second.users.insert(r.id);
  return true;
}

bool EncoderCache::make_room(int embeds) {
  if (occupied(true) + embeds > size_) return false;
  while (occupied(false) + embeds > size_) {
    cached_.erase(unused_.front());
    unused_.pop_front();
  }
  return true;
}

void EncoderCache::add(const Request& r, const MultimodalItem& item) {
  cached_[item.hash] = {item.tokens, {r.id}};
}

void EncoderCache::let_go(const Request& r, const MultimodalItem& item) {
  const auto found = cached_.find(item.hash);
  if (found == cached_.end() || found->second.users.erase(r.id) == 0) return;
  if (found->second.users.empty()) unused_.push_back(item.hash);
}

}  // namespace blis::oracle
