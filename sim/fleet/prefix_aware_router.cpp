// The production stack's `prefixaware`: any of the replicas that were sent the longest prefix; all of them,
// if none was sent any. Source: vllm-project/production-stack, src/vllm_router/routers/routing_logic.py: a
// trie of chunks of 128 characters, from which nothing is ever removed, so memory grows with the prompts.
#include <algorithm>
#include <limits>
#include <random>

#include "sim/fleet/epp/approximate_index.h"
#include "sim/fleet/router.h"

namespace blis {
namespace {

class PrefixAware final : public Router {
 public:
  explicit PrefixAware(Site site)
      : random_(site.seed),
        index_(site.contents, {.block_tokens = 32, .max_blocks = std::numeric_limits<std::int32_t>::max()},
               std::vector(site.replicas.size(), std::numeric_limits<std::int64_t>::max())) {}

  Senses senses() const override { return {.contents = true}; }

  EngineIndex route(const Call& call) override {
    index_.match(call.chain, found_);
    const std::int32_t longest = std::ranges::max(found_.blocks);
    std::size_t chosen = 0;
    std::uint64_t equals = 0;
    for (const std::size_t i : call.serving) {
      if (found_.blocks[i] == longest && random_() % ++equals == 0) chosen = i;
    }
    index_.insert(call.chain, chosen);
    return static_cast<EngineIndex>(chosen);
  }

  void left(EngineIndex replica) override { index_.forget(replica); }

 private:
  std::mt19937_64 random_;
  ApproximateIndex index_;
  PrefixMatches found_;
};

}  // namespace

MadeRouter make_prefix_aware(const RouterConfig&, Site site) {
  return std::make_unique<PrefixAware>(std::move(site));
}

}  // namespace blis
