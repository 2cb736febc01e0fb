// How the API servers of one vLLM balance its data-parallel engines: by the queues that a coordinator told
// them of, 100 ms ago at most, and what they have sent since. Source: vllm/v1/engine/core_client.py and
// coordinator.py; the rule of vllm#49204 (2026-07-27), or the one before.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "sim/fleet/router.h"

namespace blis {
namespace {

class VllmBalance final : public Router {
 public:
  VllmBalance(const RouterConfig& config, Site site)
      : old_rule_(config.values[1] != 0), servers_(static_cast<std::size_t>(config.values[0])) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      servers_[i].engines.resize(site.replicas.size());
      servers_[i].turn = site.replicas.size() * i / servers_.size();
    }
  }

  Senses senses() const override { return {.metrics = true, .ends = true}; }

  // Connections go to the API servers in turn.
  EngineIndex route(const Call& call) override {
    const std::size_t number = next_server_++ % servers_.size();
    Server& server = servers_[number];
    std::size_t best = 0;
    double least = 0;
    for (std::size_t i = 0; i < call.loads.size(); ++i) {
      const std::size_t engine = (server.turn + i) % call.loads.size();
      const double score = score_of(server.engines[engine], call.loads[engine]);
      if (i == 0 || score < least) best = engine, least = score;
    }
    if (!old_rule_) ++server.turn;
    Known& known = server.engines[best];
    known.sent_since += static_cast<double>(servers_.size());
    ++known.in_flight;
    server_of_[call.number] = number;
    return static_cast<EngineIndex>(best);
  }

  void ended(RequestIndex number, EngineIndex replica, Time) override {
    const auto server = server_of_.extract(number);
    if (!server.empty()) --servers_[server.mapped()].engines[replica].in_flight;
  }

 private:
  // What an API server knows of an engine.
  struct Known {
    double in_flight = 0;   // of its own requests
    double sent_since = 0;  // taken for waiting, since the coordinator told of the engine
    Time told = kUnset;
  };
  struct Server {
    std::vector<Known> engines;
    std::size_t turn = 0;  // where a scan begins
  };

  double score_of(Known& known, const ReplicaLoad& load) const {
    if (load.scraped_at != known.told) {
      known.told = load.scraped_at;
      known.sent_since = 0;
    }
    const double waiting = load.scraped.waiting + known.sent_since;
    const double running = load.scraped.running;
    if (old_rule_) return 4 * waiting + running;
    double score = std::max(static_cast<double>(servers_.size()) * known.in_flight, waiting + running);
    if (waiting > 0) score += waiting * 6 * std::max(0.0, load.scraped.kv_usage - 0.5);
    return score;
  }

  bool old_rule_;
  std::vector<Server> servers_;
  std::size_t next_server_ = 0;
  std::unordered_map<RequestIndex, std::size_t> server_of_;
};

}  // namespace

MadeRouter make_vllm_balance(const RouterConfig& config, Site site) {
  return std::make_unique<VllmBalance>(config, std::move(site));
}

}  // namespace blis
