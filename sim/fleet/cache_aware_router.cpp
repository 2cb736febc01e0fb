// SGLang's cache_aware: while loads are in balance, a prompt goes where its longest prefix was sent, if that
// is a fair part of it; otherwise to the replica whose tree is smallest. Out of balance, to the fewest
// requests. Source: sgl-project/sglang, sgl-model-gateway/src/policies/cache_aware.rs (gateway 0.3.1;
// thresholds as its documentation has them). The tree is of characters there, of tokens here, four characters
// each.
#include <algorithm>
#include <limits>
#include <random>

#include "sim/fleet/epp/approximate_index.h"
#include "sim/fleet/router.h"

namespace blis {
namespace {

class CacheAware final : public Router {
 public:
  CacheAware(const RouterConfig& config, Site site)
      : threshold_(config.values[0]),
        absolute_(config.values[1]),
        relative_(config.values[2]),
        index_(site.contents, {.block_tokens = 1, .max_blocks = std::numeric_limits<std::int32_t>::max()},
               std::vector(site.replicas.size(), static_cast<std::int64_t>(config.values[3]))) {}

  Senses senses() const override { return {.loads = true, .contents = true}; }

  EngineIndex route(const Call& call) override {
    const EngineIndex chosen = choose(call);
    index_.insert(call.chain, chosen);
    return chosen;
  }

  void left(EngineIndex replica) override { index_.forget(replica); }

 private:
  EngineIndex choose(const Call& call) {
    const auto requests = [](const ReplicaLoad& load) { return load.requests; };
    const RequestExtremes extremes = extremes_of_requests(call);
    const auto least = static_cast<double>(extremes.least), most = static_cast<double>(extremes.most);
    if (most - least > absolute_ && most > least * relative_) return least_loaded(call, 0, requests);
    index_.match(call.chain, found_);
    const auto best = std::ranges::max_element(found_.blocks);
    if (found_.total > 0 && static_cast<double>(*best) > threshold_ * found_.total) {
      return static_cast<EngineIndex>(best - found_.blocks.begin());
    }
    std::size_t smallest = call.serving[0];
    for (const std::size_t i : call.serving) {
      if (index_.blocks(i) < index_.blocks(smallest)) smallest = i;
    }
    return static_cast<EngineIndex>(smallest);
  }

  double threshold_, absolute_, relative_;
  ApproximateIndex index_;
  PrefixMatches found_;
};

}  // namespace

MadeRouter make_cache_aware(const RouterConfig& config, Site site) {
  return std::make_unique<CacheAware>(config, std::move(site));
}

}  // namespace blis
