#include "sim/vllm/external_store.h"

#include <algorithm>

namespace blis {
namespace {

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// Runs of tokens, one behind the other, as keys of the blocks that they fill. A key stands for all tokens up
// to the end of its block.
class BlockKeys {
 public:
  BlockKeys(std::uint64_t salt, std::int32_t block_size, std::vector<std::uint64_t>& keys)
      : key_(mixed(salt)), block_size_(block_size), keys_(keys) {}

  // False once there is no name for what follows.
  bool add(const ContentRun& run) {
    if (run.content == kPrivateContent) return false;
    for (std::int32_t from = 0; from < run.tokens;) {
      const std::int32_t taken = std::min(run.tokens - from, block_size_ - filled_);
      key_ = mixed(key_ ^ mixed(run.content + mixed(static_cast<std::uint64_t>(from))) ^
                   static_cast<std::uint64_t>(taken));
      from += taken;
      filled_ += taken;
      if (filled_ < block_size_) continue;
      keys_.push_back(key_);
      filled_ = 0;
    }
    return true;
  }

 private:
  std::uint64_t key_;
  std::int32_t block_size_, filled_ = 0;
  std::vector<std::uint64_t>& keys_;
};

}  // namespace

// Made anew where the request has said more since.
ExternalStore::Chain& ExternalStore::chain_of(const Request& r) {
  Chain& chain = chains_[r.index];
  if (chain.tokens == r.num_tokens) return chain;
  const bool has_answer = r.output_content != kPrivateContent;
  if (chain.tokens >= r.prompt_tokens && !has_answer) return chain;  // that has no name
  chain.tokens = r.num_tokens;
  chain.keys.clear();
  BlockKeys keys(r.cache_salt, block_size_, chain.keys);
  for (const ContentRun& run : r.prompt) {
    if (!keys.add(run)) return chain;
  }
  if (!r.prompt.empty() && has_answer) keys.add({r.output_content, r.outputs()});
  return chain;
}

// Behind what is under way on the link.
Time ExternalStore::transfer(Link& link, std::int64_t tokens) {
  const Seconds bytes{config_.token_bytes * static_cast<double>(tokens) / config_.bytes_per_second};
  link.free = std::max(link.free, now_) + to_duration(bytes);
  return link.free + config_.latency;
}

std::optional<KvConnector::Match> ExternalStore::match(const Request& r, std::int32_t local) {
  const Chain& chain = chain_of(r);
  const std::int32_t most = config_.asynchronous ? r.num_tokens : r.num_tokens - 1;
  const auto end = std::min(chain.keys.size(), static_cast<std::size_t>(most / block_size_));
  std::size_t block = static_cast<std::size_t>(local / block_size_);
  for (; block < end; ++block) {
    const auto found = stored_.find(chain.keys[block]);
    if (found == stored_.end()) break;
    if (found->second.ready > now_) return std::nullopt;  // it is on its way there
    by_use_.splice(by_use_.end(), by_use_, found->second.used);
  }
  const std::int32_t tokens = static_cast<std::int32_t>(block) * block_size_ - local;
  return Match{std::max(tokens, 0), config_.asynchronous && tokens > 0};
}

void ExternalStore::allocated(const Request& r, const Match& match) {
  if (match.tokens == 0) return;
  const Time end = transfer(in_, match.tokens);
  if (match.async) {
    loads_.push_back({end, r.index});
  } else {
    wait_until_ = std::max(wait_until_, end);
  }
}

void ExternalStore::computed(const Request& r, int tokens) {
  const auto whole = static_cast<std::size_t>(std::max(tokens, 0) / block_size_);
  if (chains_[r.index].written >= whole) return;
  Chain& chain = chain_of(r);
  const std::size_t end = std::min(chain.keys.size(), whole);
  for (; chain.written < end; ++chain.written) {
    const Key key = chain.keys[chain.written];
    if (stored_.contains(key)) continue;
    chain.written_until = transfer(out_, block_size_);
    write(key, chain.written_until);
  }
}

void ExternalStore::write(Key key, Time ready) {
  if (config_.blocks > 0 && std::ssize(stored_) >= config_.blocks) {
    stored_.erase(by_use_.front());
    by_use_.pop_front();
  }
  by_use_.push_back(key);
  stored_[key] = {ready, std::prev(by_use_.end())};
}

bool ExternalStore::keeps_blocks(const Request& r) {
  const auto chain = chains_.find(r.index);
  if (chain == chains_.end()) return false;
  const Time until = chain->second.written_until;
  chains_.erase(chain);
  if (until <= now_) return false;
  kept_.push_back({until, r.index});
  return true;
}

void ExternalStore::take_ended(std::vector<RequestIndex>& loaded, std::vector<RequestIndex>& written) {
  loaded.clear();
  written.clear();
  for (; !loads_.empty() && loads_.front().end <= now_; loads_.pop_front()) {
    loaded.push_back(loads_.front().request);
  }
  std::erase_if(kept_, [&](const Pending& kept) {
    if (kept.end > now_) return false;
    written.push_back(kept.request);
    return true;
  });
}

Duration ExternalStore::wait() const {
  return wait_until_ > now_ ? wait_until_ - now_ : Duration{0};
}

}  // namespace blis
