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

// Runs of tokens, one behind the other, as keys of the chunks that they fill. A key stands for all tokens up
// to the end of its chunk.
class ChunkKeys {
 public:
  ChunkKeys(std::uint64_t salt, std::int32_t chunk_tokens, std::vector<ChunkKey>& keys)
      : key_(mixed(salt)), chunk_tokens_(chunk_tokens), keys_(keys) {}

  // False once there is no name for what follows.
  bool add(const ContentRun& run) {
    if (run.content == kPrivateContent) return false;
    for (std::int32_t from = 0; from < run.tokens;) {
      const std::int32_t taken = std::min(run.tokens - from, chunk_tokens_ - filled_);
      key_ = mixed(key_ ^ mixed(run.content + mixed(static_cast<std::uint64_t>(from))) ^
                   static_cast<std::uint64_t>(taken));
      from += taken;
      filled_ += taken;
      if (filled_ < chunk_tokens_) continue;
      keys_.push_back(key_);
      filled_ = 0;
    }
    return true;
  }

 private:
  ChunkKey key_;
  std::int32_t chunk_tokens_, filled_ = 0;
  std::vector<ChunkKey>& keys_;
};

}  // namespace

ExternalStore::ExternalStore(const ExternalStoreConfig& config, int block_size)
    : config_(config),
      chunk_tokens_(block_size * config.blocks_per_chunk),
      eviction_(make_chunk_eviction(config.eviction, static_cast<std::size_t>(config.chunks))) {
  if (config.store_threshold >= 2) counts_.emplace(static_cast<std::size_t>(config.tracked_lookups));
  if (config.storage.read_bytes_per_second > 0) {
    storage_.emplace(config.storage, config.token_bytes * chunk_tokens_);
  }
}

// Made anew where the request has said more since.
ExternalStore::Chain& ExternalStore::chain_of(const Request& r) {
  Chain& chain = chains_[r.index];
  if (chain.tokens == r.num_tokens) return chain;
  const bool has_answer = r.output_content != kPrivateContent;
  if (chain.tokens >= r.prompt_tokens && !has_answer) return chain;  // that has no name
  chain.tokens = r.num_tokens;
  chain.keys.clear();
  ChunkKeys keys(r.cache_salt, chunk_tokens_, chain.keys);
  for (const ContentRun& run : r.prompt) {
    if (!keys.add(run)) return chain;
  }
  if (!r.prompt.empty() && has_answer) keys.add({r.output_content, r.outputs()});
  return chain;
}

std::size_t ExternalStore::chunks_of(std::int32_t tokens) const {
  return static_cast<std::size_t>(std::max(tokens, 0) / chunk_tokens_);
}

// Behind what is under way on the link.
Time ExternalStore::transfer(Link& link, Time from, std::int64_t tokens) {
  link.free =
      std::max(link.free, from) +
      to_duration(Seconds(config_.token_bytes * static_cast<double>(tokens) / config_.bytes_per_second));
  link.end = link.free + config_.latency;
  return link.end;
}

// Whoever waits uses its chunks again at every step. Where that makes no difference, the last time alone is
// noted, once somebody asks what leaves first.
void ExternalStore::use(RequestIndex request, std::size_t chunks) {
  if (eviction_->counts_uses()) {
    eviction_->use(std::span<const Key>(chains_.at(request).keys).first(chunks), stored_, heard_);
    return;
  }
  constexpr std::size_t kMost = 64;
  std::erase_if(uses_, [&](const Use& use) { return use.request == request; });
  if (uses_.size() >= kMost) note_uses(kMost / 2);
  uses_.push_back({request, chunks});
}

void ExternalStore::note_uses(std::size_t uses) {
  for (const Use& use : std::span(uses_).first(uses)) {
    eviction_->use(std::span<const Key>(chains_.at(use.request).keys).first(use.chunks), stored_, heard_);
  }
  uses_.erase(uses_.begin(), uses_.begin() + static_cast<std::ptrdiff_t>(uses));
}

void ExternalStore::forget(RequestIndex index) {
  const auto use = std::ranges::find(uses_, index, &Use::request);
  if (use != uses_.end()) note_uses(static_cast<std::size_t>(use - uses_.begin()) + 1);
  chains_.erase(index);
  if (storage_) storage_->forget(index);
}

// Which chunks are there from `first` on, without a gap. What was there is there still unless something left.
void ExternalStore::look(Chain& chain, std::size_t first, std::size_t end) {
  Found& found = chain.found;
  if (found.changes != changes_ || found.first != first || found.end > end) {
    found = {.first = first, .end = first, .changes = changes_};
  }
  for (; found.end < end; ++found.end) {
    const auto chunk = stored_.find(chain.keys[found.end]);
    if (chunk == stored_.end()) break;
    found.ready = std::max(found.ready, chunk->second.ready);
    found.read = found.read || chunk->second.loads > 0;
  }
  if (!counts_) return;
  for (std::size_t i = first; i < std::min(found.end + 1, end); ++i) counts_->count(chain.keys[i]);
}

// A place in host memory for a chunk that storage has. False if nothing may leave for it.
bool ExternalStore::promote(Key key) {
  if (!make_room(1, {})) return false;
  StoredChunk& chunk = stored_[key];
  chunk.ready = kNever;
  eviction_->insert(key, chunk);
  promoted_.push_back(key);
  return true;
}

// The same where there is storage: what host memory lacks and storage has is brought there, all that a
// look-up finds as one transfer. False if it is not known yet what there is, or if some of that is on its
// way.
bool ExternalStore::look_further(const Request& r, std::size_t first, std::size_t end) {
  Chain& chain = chains_.at(r.index);
  chain.found = {.first = first, .end = first};
  Found& found = chain.found;
  bool known = true;
  promoted_.clear();
  for (std::size_t i = first; i < end; ++i) {
    const Key key = chain.keys[i];
    const auto chunk = stored_.find(key);
    if (chunk != stored_.end()) {
      found.end = i + 1;
      found.read = found.read || chunk->second.loads > 0;
      known = known && chunk->second.ready <= heard_;
      continue;
    }
    const StorageTier::Answer answer = storage_->look_up(r.index, key, now_);
    if (answer == StorageTier::Answer::missing) break;
    if (answer == StorageTier::Answer::there && !promote(key)) break;
    known = false;
  }
  if (promoted_.empty()) return known;
  const Time ready = storage_->read(promoted_.size(), now_);
  for (const Key key : promoted_) stored_.at(key).ready = ready;
  return false;
}

// What has been written to host memory goes on to storage, and is not evicted until it is there. All of it by
// now, in the order of time.
void ExternalStore::pass_on() {
  const auto next = [](const std::deque<Passing>& passing) {
    return passing.empty() ? kNever : passing.front().end;
  };
  while (std::min(next(to_pass_on_), next(passed_on_)) <= now_) {
    if (next(passed_on_) <= next(to_pass_on_)) {
      for (const Key key : passed_on_.front().keys) --stored_.at(key).readers;
      storage_->add(passed_on_.front().keys);
      passed_on_.pop_front();
      continue;
    }
    Passing& written = to_pass_on_.front();
    for (const Key key : written.keys) ++stored_.at(key).readers;
    const Time end = storage_->write(written.keys, written.end);
    passed_on_.push_back({end, std::move(written.keys)});
    to_pass_on_.pop_front();
  }
}

std::optional<KvConnector::Match> ExternalStore::match(const Request& r, std::int32_t local) {
  Chain& chain = chain_of(r);
  local_ = local;
  if (chain.written_until > heard_) return std::nullopt;
  const std::int32_t most = config_.asynchronous ? r.num_tokens : r.num_tokens - 1;
  const std::size_t end = std::min(chain.keys.size(), chunks_of(most));
  use(r.index, end);
  // Less than a chunk is not loaded, though one that begins before `local` may bring some blocks.
  const auto brought = [&](std::size_t chunks) {
    return static_cast<std::int32_t>(chunks) * chunk_tokens_ - local;
  };
  if (r.skip_cache_read || brought(end) < chunk_tokens_) return Match{};
  if (!storage_) {
    look(chain, chunks_of(local), end);
  } else if (!look_further(r, chunks_of(local), end)) {
    return std::nullopt;
  }
  if (chain.found.ready > heard_ || chain.found.read) return std::nullopt;
  const std::int32_t tokens = brought(chain.found.end);
  if (tokens < chunk_tokens_) return Match{};
  return Match{tokens, config_.asynchronous};
}

void ExternalStore::allocated(const Request& r, const Match& match) {
  const std::int32_t asked = r.num_tokens - local_;
  if (r.preemptions == 0) {
    ++stats_.requests, stats_.queries += asked, stats_.hits += match.tokens;
  } else {
    ++stats_.preempted_requests, stats_.preempted_queries += asked, stats_.preempted_hits += match.tokens;
  }
  if (match.tokens == 0) return;
  // In the order in which copies and steps were given to the GPU.
  const Time end = transfer(in_, std::max(now_, computing_until_), match.tokens);
  if (!match.async) {
    wait_until_ = std::max(wait_until_, end);
    return;
  }
  Chain& chain = chains_[r.index];
  const std::size_t first = chunks_of(local_);
  chain.written = chunks_of(local_ + match.tokens);
  const auto keys = std::span(chain.keys).subspan(first, chain.written - first);
  for (const Key key : keys) {
    StoredChunk& chunk = stored_.at(key);
    ++chunk.readers, ++chunk.loads;
  }
  ++changes_;
  loads_.push_back({end, r.index, {keys.begin(), keys.end()}});
}

bool ExternalStore::is_due(Key key) const {
  return !counts_ || counts_->times(key) >= config_.store_threshold;
}

// Those of full chunks that are not there yet leave as one transfer, or not at all where there is no room.
void ExternalStore::computed(const Request& r, int tokens) {
  const std::size_t whole = chunks_of(config_.prompts_only ? std::min(tokens, r.prompt_tokens) : tokens);
  if (chains_[r.index].written >= whole) return;
  Chain& chain = chain_of(r);
  const std::size_t end = std::min(chain.keys.size(), whole);
  if (chain.written >= end) return;
  fresh_.clear();
  missing_.clear();
  for (const Key key : std::span(chain.keys).subspan(chain.written, end - chain.written)) {
    if (!is_due(key)) continue;
    fresh_.push_back(key);
    if (!stored_.contains(key)) missing_.push_back(key);
  }
  if (!missing_.empty()) {
    if (!make_room(missing_.size(), fresh_)) return;
    chain.written_until = transfer(out_, now_, std::ssize(missing_) * chunk_tokens_);
    for (const Key key : missing_) {
      StoredChunk& chunk = stored_[key];
      chunk.ready = chain.written_until;
      eviction_->insert(key, chunk);
    }
    if (storage_) to_pass_on_.push_back({chain.written_until, missing_});
    use(r.index, chain.keys.size());
  }
  chain.written = end;
}

// Some leave, but none of `keep`, and none that is being written or read. False if that is not enough: then
// nothing has left.
bool ExternalStore::make_room(std::size_t chunks, std::span<const Key> keep) {
  if (config_.chunks == 0) return true;
  const auto capacity = static_cast<std::size_t>(config_.chunks);
  if (stored_.size() + chunks <= capacity) return true;
  const auto hold = [&](std::int32_t by) {
    for (const Key key : keep) {
      const auto found = stored_.find(key);
      if (found != stored_.end()) found->second.readers += by;
    }
  };
  note_uses(uses_.size());
  ++changes_;
  hold(1);
  const bool left = eviction_->evict(stored_.size() + chunks - capacity, stored_, heard_);
  hold(-1);
  return left;
}

bool ExternalStore::keeps_blocks(const Request& r) {
  const auto chain = chains_.find(r.index);
  if (chain == chains_.end() || chain->second.written_until <= heard_) return false;
  kept_.push_back({chain->second.written_until, r.index});
  return true;
}

void ExternalStore::take_ended(std::vector<RequestIndex>& loaded, std::vector<RequestIndex>& written) {
  loaded.clear();
  written.clear();
  for (; !loads_.empty() && loads_.front().end <= heard_; loads_.pop_front()) {
    loaded.push_back(loads_.front().request);
    for (const Key key : loads_.front().keys) {
      StoredChunk& chunk = stored_.at(key);
      --chunk.readers, --chunk.loads;
    }
    ++changes_;
  }
  std::erase_if(kept_, [&](const Kept& kept) {
    if (kept.end > heard_) return false;
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
