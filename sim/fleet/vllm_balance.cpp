// The data-parallel ranks of one vLLM or of several, where each rank is an instance of its own.
#include <span>
#include <vector>

#include "sim/fleet/router.h"
#include "sim/rank_balance.h"

namespace blis {
namespace {

// Each vLLM has so many ranks, side by side; among several requests go in turn.
class VllmBalance final : public Router {
 public:
  VllmBalance(const RouterConfig& config, const Site& site)
      : ranks_(config.ranks_of_vllm > 0 ? static_cast<std::size_t>(config.ranks_of_vllm)
                                        : site.replicas.size()),
        balances_(site.replicas.size() / ranks_, RankBalance(balance_rule(config.values), ranks_)),
        reports_(ranks_) {}

  Senses senses() const override { return {.metrics = true, .ends = true, .at_once = true}; }

  EngineIndex route(const Call& call) override {
    const std::size_t vllm = next_++ % balances_.size();
    for (std::size_t rank = 0; rank < ranks_; ++rank) {
      const ReplicaLoad& load = call.loads[vllm * ranks_ + rank];
      reports_[rank] = {load.scraped, load.scraped_at};
    }
    return static_cast<EngineIndex>(vllm * ranks_ + balances_[vllm].choose(call.number, reports_, call.at));
  }

  void ended(RequestIndex number, EngineIndex replica, Time) override {
    balances_[replica / ranks_].ended(number);
  }

 private:
  std::size_t ranks_;
  std::vector<RankBalance> balances_;
  std::vector<RankReport> reports_;  // of the one at hand
  std::size_t next_ = 0;
};

}  // namespace

RankBalanceRule balance_rule(std::span<const double> values) {
  return {.api_servers = static_cast<int>(values[0]),
          .by_queues = values[1] != 0,
          .rotates_ties = values[2] != 0,
          .ranks_are_heard = values[3] != 0};
}

MadeRouter make_vllm_balance(const RouterConfig& config, Site site) {
  return std::make_unique<VllmBalance>(config, site);
}

}  // namespace blis
