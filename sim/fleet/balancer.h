// A router, the endpoints it chooses among, and what it sees and hears of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/fleet/epp/saturation.h"
#include "sim/fleet/pool.h"
#include "sim/fleet/router.h"
#include "sim/large_vector.h"

namespace blis {

class Balancer {
 public:
  // Requests that are sent have their record in `records`, by the number they are sent under. All outlive it.
  Balancer(const RouterConfig& config, std::uint64_t seed, ContentTree& contents,
           const LargeVector<RequestRecord>& records)
      : config_(config), seed_(seed), contents_(contents), records_(records) {}

  // Endpoints are added in ascending order, all before start(): `within` is which of its instance's it is.
  // One that does not serve is not chosen.
  void add(EngineIndex endpoint, const EngineType& type, const Instance& instance, EndpointIndex within,
           bool serves);
  // With a router of its own, or the one that the configuration names.
  void start(std::unique_ptr<Router> own = nullptr);
  bool empty() const { return replicas_.empty(); }
  // Before start(): metrics are looked at whatever the router does.
  void watch_metrics() { watched_ = true; }

  // After start(): the endpoint serves from now on, as a new one; or is not chosen any more.
  void open(EngineIndex endpoint);
  void close(EngineIndex endpoint);
  // Its replica is dead, has answered or failed all that it was sent, and its metrics are those of nobody.
  void lose(EngineIndex endpoint);
  // Then there is no choice.
  bool serves_nobody() const { return serving_.empty(); }

  // Whether the choice depends on what instances have done, so that none may be simulated beyond it.
  bool loads_matter() const { return senses_.of_replicas() && replicas_.size() > 1; }

  // How full the replicas are that can be chosen; 1 if none can. And when their metrics are next scraped
  // after `at`; kNever: none is there to be looked at.
  double saturation(const SaturationRule& rule, Time at);
  Time next_scrape(Time at) const;

  // Where the request goes that is to be sent at `at` under this number; kNoReplica: nowhere.
  EngineIndex choose(const RequestSpec& request, RequestIndex number, Time at);

  // What its router believes of the prompt last routed; see Router.
  std::optional<std::int64_t> believed_cached() const { return router_->believed_cached(); }

  // A request of so many prompt tokens was sent to the endpoint, or came back from it.
  void sent(EngineIndex endpoint, RequestIndex number, std::int64_t tokens);
  void answered(EngineIndex endpoint, RequestIndex number, std::int64_t tokens, Time at);
  std::int64_t in_flight(EngineIndex endpoint) const { return loads_[places_[endpoint]].requests; }

 private:
  struct Replica {
    EngineIndex endpoint;
    const Instance* instance;
    EndpointIndex within;
    Duration phase{0};                       // of the scrapes of its metrics
    Time scraped = kUnset;                   // when last looked at
    std::vector<RequestIndex> unanswered{};  // requests without a token, if the router wants to hear of it
  };

  void look(std::size_t place, Time at);
  void hear_first_tokens(std::size_t place, Time at);

  const RouterConfig& config_;
  const std::uint64_t seed_;
  ContentTree& contents_;
  const LargeVector<RequestRecord>& records_;
  std::unique_ptr<Router> router_;
  Senses senses_;
  bool watched_ = false;
  std::vector<PublishedFacts> facts_;  // by place in replicas_
  std::vector<Replica> replicas_;
  std::vector<ReplicaLoad> loads_;    // by place in replicas_
  std::vector<std::size_t> serving_;  // places in replicas_, ascending
  std::vector<std::size_t> places_;   // by number of an endpoint
  std::vector<ChainLink> chain_;
};

}  // namespace blis
