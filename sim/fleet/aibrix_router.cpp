// AIBrix's prefix-cache: the fewest requests if those differ too much; otherwise, by falling share of the
// prompt that was sent there and rising requests, the first replica that is not busier than most. Source:
// vllm-project/aibrix, pkg/plugins/gateway/algorithms/prefix_cache.go.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/prefix_lru.h"
#include "sim/fleet/router.h"

namespace blis {
namespace {

class AibrixPrefixCache final : public Router {
 public:
  AibrixPrefixCache(const RouterConfig& config, Site site)
      : spread_(config.values[1]),
        deviations_(config.values[2]),
        index_(site.contents,
               {.block_tokens = static_cast<std::int32_t>(config.values[0]),
                .max_blocks = std::numeric_limits<std::int32_t>::max(),
                .partial_block = false},
               std::vector(site.replicas.size(), std::numeric_limits<std::int64_t>::max())) {}

  Senses senses() const override { return {.loads = true, .contents = true}; }

  EngineIndex route(const Call& call) override {
    const EngineIndex chosen = choose(call);
    index_.insert(call.chain, chosen);
    return chosen;
  }

 private:
  EngineIndex choose(const Call& call) {
    const auto requests = [](const ReplicaLoad& load) { return load.requests; };
    const auto [idlest, busiest] = std::ranges::minmax(call.loads, {}, requests);
    if (static_cast<double>(busiest.requests - idlest.requests) > spread_) {
      return least_loaded(call.loads, turn_++, requests);
    }
    index_.match(call.chain, found_);
    order_.resize(call.loads.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
      if (found_.blocks[a] != found_.blocks[b]) return found_.blocks[a] > found_.blocks[b];
      return call.loads[a].requests < call.loads[b].requests;
    });
    double sum = 0, squares = 0;
    for (const ReplicaLoad& load : call.loads) {
      sum += static_cast<double>(load.requests);
      squares += static_cast<double>(load.requests * load.requests);
    }
    const auto n = static_cast<double>(call.loads.size());
    const double most = sum / n + deviations_ * std::sqrt(std::max(squares / n - sum / n * (sum / n), 0.0));
    const auto first = std::ranges::find_if(
        order_, [&](std::size_t i) { return static_cast<double>(call.loads[i].requests) <= most; });
    return static_cast<EngineIndex>(first == order_.end() ? order_.front() : *first);
  }

  double spread_, deviations_;
  PrefixLru index_;
  PrefixMatches found_;
  std::vector<std::size_t> order_;
  std::size_t turn_ = 0;
};

}  // namespace

MadeRouter make_aibrix_prefix_cache(const RouterConfig& config, Site site) {
  return std::make_unique<AibrixPrefixCache>(config, std::move(site));
}

}  // namespace blis
