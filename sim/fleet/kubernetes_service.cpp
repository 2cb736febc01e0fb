// A Kubernetes Service: kube-proxy chooses for a connection, at random (iptables) or in turn (IPVS), and a
// client that keeps connections alive sends what comes next over one that is idle. Sources: Kubernetes,
// "Virtual IPs and Service Proxies"; aiohttp, connector.py (the connection that has been idle longest is
// taken first); uvicorn, timeout_keep_alive (5 s).
#include <algorithm>
#include <deque>
#include <random>
#include <set>

#include "sim/fleet/router.h"

namespace blis {
namespace {

class KubernetesService final : public Router {
 public:
  KubernetesService(const RouterConfig& config, std::uint64_t seed)
      : keep_alive_(to_duration(Seconds(config.values[0]))), in_turn_(config.values[1] != 0), random_(seed) {}

  Senses senses() const override { return {.ends = true}; }

  EngineIndex route(const Call& call) override {
    while (!idle_.empty() && call.at - idle_.front().since >= keep_alive_) idle_.pop_front();
    if (!idle_.empty()) {
      const EngineIndex replica = idle_.front().replica;
      idle_.pop_front();
      return replica;
    }
    const std::size_t chosen = call.serving[(in_turn_ ? turn_++ : random_()) % call.serving.size()];
    left_.erase(static_cast<EngineIndex>(chosen));
    return static_cast<EngineIndex>(chosen);
  }

  // Replicas are heard of one after the other, so that ends do not come in the order of time.
  void ended(RequestIndex, EngineIndex replica, Time at) override {
    if (left_.contains(replica)) return;
    const auto after = std::ranges::upper_bound(idle_, at, {}, &Connection::since);
    idle_.insert(after, {at, replica});
  }

  // A server that shuts down closes connections when it has answered what came over them.
  void left(EngineIndex replica) override {
    std::erase_if(idle_, [replica](const Connection& connection) { return connection.replica == replica; });
    left_.insert(replica);
  }

 private:
  struct Connection {
    Time since;  // when it became idle
    EngineIndex replica;
  };

  Duration keep_alive_;
  bool in_turn_;
  std::uint64_t turn_ = 0;
  std::mt19937_64 random_;
  std::set<EngineIndex> left_;   // and no connection was opened since
  std::deque<Connection> idle_;  // the one that has been idle longest first
};

}  // namespace

MadeRouter make_kubernetes_service(const RouterConfig& config, Site site) {
  return std::make_unique<KubernetesService>(config, site.seed);
}

}  // namespace blis
