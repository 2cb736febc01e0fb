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
Time ExternalStore::transfer(Link& link, Time from, std::size_t blocks) {
  const double tokens = static_cast<double>(blocks) * block_size_;
  link.free = std::max(link.free, from) +
              to_duration(Seconds(config_.token_bytes * tokens / config_.bytes_per_second));
  return link.free + config_.latency;
}

// Whoever waits uses its blocks again at every step: the last time alone decides what leaves first.
void ExternalStore::use(RequestIndex request, std::size_t blocks) {
  constexpr std::size_t kMost = 64;
  std::erase_if(uses_, [&](const Touch& use) { return use.request == request; });
  if (uses_.size() >= kMost) touch_up_to(kMost / 2);
  uses_.push_back({request, blocks});
}

// The first block is the most recent one, so that the end of a prompt leaves before its beginning.
void ExternalStore::touch_up_to(std::size_t uses) {
  for (const Touch& use : std::span(uses_).first(uses)) {
    const auto keys = std::span<const Key>(chains_.at(use.request).keys).first(use.blocks);
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      const auto found = stored_.find(*key);
      if (found != stored_.end()) by_use_.splice(by_use_.end(), by_use_, found->second.used);
    }
  }
  uses_.erase(uses_.begin(), uses_.begin() + static_cast<std::ptrdiff_t>(uses));
}

void ExternalStore::forget(RequestIndex index) {
  const auto use = std::ranges::find(uses_, index, &Touch::request);
  if (use != uses_.end()) touch_up_to(static_cast<std::size_t>(use - uses_.begin()) + 1);
  chains_.erase(index);
}

// Which blocks are there from `first` on, without a gap. What was there is there still unless something left.
void ExternalStore::look(Chain& chain, std::size_t first, std::size_t end) {
  Found& found = chain.found;
  if (found.changes != changes_ || found.first != first || found.end > end) {
    found = {.first = first, .end = first, .changes = changes_};
  }
  for (; found.end < end; ++found.end) {
    const auto block = stored_.find(chain.keys[found.end]);
    if (block == stored_.end()) break;
    found.ready = std::max(found.ready, block->second.ready);
    found.read = found.read || block->second.readers > 0;
  }
}

std::optional<KvConnector::Match> ExternalStore::match(const Request& r, std::int32_t local) {
  Chain& chain = chain_of(r);
  local_ = local;
  const std::int32_t most = config_.asynchronous ? r.num_tokens : r.num_tokens - 1;
  const auto end = std::min(chain.keys.size(), static_cast<std::size_t>(most / block_size_));
  use(r.index, end);
  look(chain, static_cast<std::size_t>(local / block_size_), end);
  if (chain.found.ready > now_ || chain.found.read) return std::nullopt;
  const std::int32_t tokens = static_cast<std::int32_t>(chain.found.end) * block_size_ - local;
  return Match{std::max(tokens, 0), config_.asynchronous && tokens > 0};
}

void ExternalStore::allocated(const Request& r, const Match& match) {
  const std::int32_t asked = r.num_tokens - local_;
  if (r.preemptions == 0) {
    ++stats_.requests, stats_.queries += asked, stats_.hits += match.tokens;
  } else {
    ++stats_.preempted_requests, stats_.preempted_queries += asked, stats_.preempted_hits += match.tokens;
  }
  if (match.tokens == 0) return;
  const auto first = static_cast<std::size_t>(local_ / block_size_);
  const auto blocks = static_cast<std::size_t>(match.tokens / block_size_);
  // In the order in which copies and steps were given to the GPU.
  const Time end = transfer(in_, std::max(now_, computing_until_), blocks);
  if (!match.async) {
    wait_until_ = std::max(wait_until_, end);
    return;
  }
  Chain& chain = chains_[r.index];
  chain.written = std::max(chain.written, first + blocks);
  const auto keys = std::span(chain.keys).subspan(first, blocks);
  for (const Key key : keys) ++stored_[key].readers;
  ++changes_;
  loads_.push_back({end, r.index, {keys.begin(), keys.end()}});
}

// Those of full blocks that are not there yet leave as one transfer, or not at all where there is no room.
void ExternalStore::computed(const Request& r, int tokens) {
  const int most = config_.prompts_only ? std::min(tokens, r.prompt_tokens) : tokens;
  const auto whole = static_cast<std::size_t>(std::max(most, 0) / block_size_);
  if (chains_[r.index].written >= whole) return;
  Chain& chain = chain_of(r);
  const std::size_t end = std::min(chain.keys.size(), whole);
  if (chain.written >= end) return;
  const std::span<const Key> keys(chain.keys);
  const auto fresh = keys.subspan(chain.written, end - chain.written);
  missing_.clear();
  for (const Key key : fresh) {
    if (!stored_.contains(key)) missing_.push_back(key);
  }
  if (!missing_.empty()) {
    if (!make_room(missing_.size(), fresh)) return;
    chain.written_until = transfer(out_, now_, missing_.size());
    for (const Key key : missing_) {
      by_use_.push_back(key);
      stored_[key] = {.ready = chain.written_until, .used = std::prev(by_use_.end())};
    }
    use(r.index, end);
  }
  chain.written = end;
}

// The least recently used leave, but none of `keep`, and none that is being written or read. False if that is
// not enough: then nothing has left.
bool ExternalStore::make_room(std::size_t blocks, std::span<const Key> keep) {
  if (config_.blocks == 0) return true;
  const auto capacity = static_cast<std::size_t>(config_.blocks);
  if (stored_.size() + blocks <= capacity) return true;
  const std::size_t missing = stored_.size() + blocks - capacity;
  const auto hold = [&](std::int32_t by) {
    for (const Key key : keep) {
      const auto found = stored_.find(key);
      if (found != stored_.end()) found->second.readers += by;
    }
  };
  touch_up_to(uses_.size());
  ++changes_;
  std::vector<std::list<Key>::iterator> leaving;
  hold(1);
  for (auto key = by_use_.begin(); key != by_use_.end() && leaving.size() < missing; ++key) {
    const Stored& block = stored_.at(*key);
    if (block.ready > now_ || block.readers > 0) continue;
    leaving.push_back(key);
  }
  hold(-1);
  if (leaving.size() < missing) return false;
  for (const auto key : leaving) {
    stored_.erase(*key);
    by_use_.erase(key);
  }
  return true;
}

bool ExternalStore::keeps_blocks(const Request& r) {
  const auto chain = chains_.find(r.index);
  if (chain == chains_.end() || chain->second.written_until <= now_) return false;
  kept_.push_back({chain->second.written_until, r.index});
  return true;
}

void ExternalStore::take_ended(std::vector<RequestIndex>& loaded, std::vector<RequestIndex>& written) {
  loaded.clear();
  written.clear();
  for (; !loads_.empty() && loads_.front().end <= now_; loads_.pop_front()) {
    loaded.push_back(loads_.front().request);
    for (const Key key : loads_.front().keys) --stored_[key].readers;
    ++changes_;
  }
  std::erase_if(kept_, [&](const Kept& kept) {
    if (kept.end > now_) return false;
    written.push_back(kept.request);
    return true;
  });
}

Duration ExternalStore::wait() const {
  return wait_until_ > now_ ? wait_until_ - now_ : Duration{0};
}

Time ExternalStore::next_end() const {
  Time next = loads_.empty() ? kNever : loads_.front().end;
  for (const Kept& kept : kept_) next = std::min(next, kept.end);
  return next;
}

}  // namespace blis
