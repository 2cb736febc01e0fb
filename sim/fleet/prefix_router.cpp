// Prefix affinity: the router remembers which prompts it sent where, and guesses from that what each
// replica has cached. It is never told what a replica evicted. Thresholds are those that sgl-router
// has by default (cache_threshold, balance_abs_threshold, balance_rel_threshold).
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "sim/fleet/router.h"

namespace blis {
namespace {

constexpr double kFairPart = 0.3;        // of the prompt that must match
constexpr std::int64_t kImbalance = 64;  // requests between the busiest and the idlest replica,
constexpr double kImbalanceRatio = 1.5;  // and their ratio, from which on load alone decides

using NodeId = std::uint32_t;
constexpr NodeId kRoot = 0;

// One content run after certain others, by replica how many of its tokens were sent there.
struct Node {
  std::vector<std::int32_t> sent;
};

// Prompts as paths of content runs. A run that goes on after fewer tokens than before is another
// node below: the same stream cut elsewhere continues differently.
class PromptTree {
 public:
  // Adds to `matched`, by replica and zero before, the leading tokens of `prompt` that were sent there.
  void match(std::span<const ContentRun> prompt, std::vector<std::int64_t>& matched) const {
    NodeId at = kRoot;
    std::int64_t before = 0;  // tokens of the runs so far: a replica with fewer has parted
    for (const ContentRun& run : prompt) {
      const auto stream = streams_.find({at, run.content, kWhole});
      if (run.content == kPrivateContent || stream == streams_.end()) return;
      const std::vector<std::int32_t>& sent = nodes_[stream->second].sent;
      for (std::size_t r = 0; r < matched.size(); ++r) {
        if (matched[r] == before && r < sent.size()) matched[r] += std::min(sent[r], run.tokens);
      }
      before += run.tokens;
      const auto next = streams_.find({stream->second, run.content, run.tokens});
      if (next == streams_.end()) return;
      at = next->second;
    }
  }

  void insert(std::span<const ContentRun> prompt, EngineIndex replica) {
    NodeId at = kRoot;
    for (const ContentRun& run : prompt) {
      if (run.content == kPrivateContent) return;
      const NodeId stream = child({at, run.content, kWhole});
      std::vector<std::int32_t>& sent = nodes_[stream].sent;
      if (sent.size() <= replica) sent.resize(std::size_t{replica} + 1);
      sent[replica] = std::max(sent[replica], run.tokens);
      at = child({stream, run.content, run.tokens});
    }
  }

  // The replica was sent none of all this.
  void forget(EngineIndex replica) {
    for (Node& node : nodes_) {
      if (replica < node.sent.size()) node.sent[replica] = 0;
    }
  }

 private:
  static constexpr std::int32_t kWhole = -1;  // the stream itself, not where it was cut
  struct Key {
    NodeId parent;
    ContentId content;
    std::int32_t cut;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const {
      std::uint64_t h = k.content * 0x9e3779b97f4a7c15ull;
      h ^= (std::uint64_t{k.parent} << 32 | static_cast<std::uint32_t>(k.cut)) + (h >> 29);
      return static_cast<std::size_t>(h * 0xbf58476d1ce4e5b9ull >> 7);
    }
  };

  NodeId child(const Key& key) {
    const auto [entry, is_new] = streams_.try_emplace(key, static_cast<NodeId>(nodes_.size()));
    if (is_new) nodes_.emplace_back();
    return entry->second;
  }

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::unordered_map<Key, NodeId, Hash> streams_;
};

class PrefixAffinity final : public Router {
 public:
  Senses senses() const override { return {.loads = true}; }

  EngineIndex route(const Call& call) override {
    const EngineIndex chosen = choose(call);
    tree_.insert(call.request.prompt, chosen);
    return chosen;
  }

  void left(EngineIndex replica) override { tree_.forget(replica); }

 private:
  EngineIndex choose(const Call& call) {
    const RequestSpec& request = call.request;
    const auto [least, most] = extremes_of_requests(call);
    const bool balanced = most - least <= kImbalance ||
                          static_cast<double>(most) <= kImbalanceRatio * static_cast<double>(least);
    if (balanced && !request.prompt.empty()) {
      matched_.assign(call.loads.size(), 0);
      tree_.match(request.prompt, matched_);
      const std::int64_t longest = *std::ranges::max_element(matched_);
      if (static_cast<double>(longest) > kFairPart * request.prompt_tokens) {
        return least_of_the_longest(call.loads, longest);
      }
    }
    return least_loaded(call, turn_++, [](const ReplicaLoad& load) { return load.requests; });
  }

  EngineIndex least_of_the_longest(std::span<const ReplicaLoad> loads, std::int64_t longest) const {
    std::size_t best = loads.size();
    for (std::size_t r = 0; r < loads.size(); ++r) {
      if (matched_[r] == longest && (best == loads.size() || loads[r].requests < loads[best].requests))
        best = r;
    }
    return static_cast<EngineIndex>(best);
  }

  PromptTree tree_;
  std::size_t turn_ = 0;
  std::vector<std::int64_t> matched_;
};

}  // namespace

MadeRouter make_prefix(const RouterConfig&, Site) {
  return std::make_unique<PrefixAffinity>();
}

}  // namespace blis
