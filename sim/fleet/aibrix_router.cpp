// AIBrix's prefix-cache: the fewest requests if those differ too much; otherwise, by falling share of the
// prompt that was sent there and rising requests, the first replica that is not busier than most. Source:
// vllm-project/aibrix, pkg/plugins/gateway/algorithms/prefix_cache.go.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/fleet/epp/approximate_index.h"
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

  void left(EngineIndex replica) override { index_.forget(replica); }

 private:
  EngineIndex choose(const Call& call) {
    const auto requests = [](const ReplicaLoad& load) { return load.requests; };
    const auto [least, most_in_flight] = extremes_of_requests(call);
    if (static_cast<double>(most_in_flight - least) > spread_) return least_loaded(call, turn_++, requests);
    index_.match(call.chain, found_);
    order_.assign(call.serving.begin(), call.serving.end());
    std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
      if (found_.blocks[a] != found_.blocks[b]) return found_.blocks[a] > found_.blocks[b];
      return call.loads[a].requests < call.loads[b].requests;
    });
    double sum = 0, squares = 0;
    for (const std::size_t i : call.serving) {
      const std::int64_t count = call.loads[i].requests;
      sum += static_cast<double>(count);
      squares += static_cast<double>(count * count);
    }
    const auto n = static_cast<double>(call.serving.size());
    const double most = sum / n + deviations_ * std::sqrt(std::max(squares / n - sum / n * (sum / n), 0.0));
    const auto first = std::ranges::find_if(
        order_, [&](std::size_t i) { return static_cast<double>(call.loads[i].requests) <= most; });
    return static_cast<EngineIndex>(first == order_.end() ? order_.front() : *first);
  }

  double spread_, deviations_;
  ApproximateIndex index_;
  PrefixMatches found_;
  std::vector<std::size_t> order_;
  std::size_t turn_ = 0;
};

}  // namespace

MadeRouter make_aibrix_prefix_cache(const RouterConfig& config, Site site) {
  return std::make_unique<AibrixPrefixCache>(config, std::move(site));
}

}  // namespace blis
