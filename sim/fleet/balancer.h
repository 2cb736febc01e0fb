// A router, the instances it chooses among, and what it knows of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/fleet/router.h"

namespace blis {

class Balancer {
 public:
  Balancer(const RouterPolicy& policy, std::uint64_t seed)
      : router_(policy.make(seed)), sees_loads_(policy.sees_loads) {}

  // Instances are added in ascending order, before the first choice.
  void add(EngineIndex engine) {
    if (places_.size() <= engine) places_.resize(std::size_t{engine} + 1);
    places_[engine] = engines_.size();
    engines_.push_back(engine);
    loads_.emplace_back();
  }
  bool empty() const { return engines_.empty(); }

  // Whether the choice depends on what instances have done, so that none may be simulated beyond it.
  bool loads_matter() const { return sees_loads_ && engines_.size() > 1; }

  EngineIndex choose(const RequestSpec& request) { return engines_[router_->route(request, loads_)]; }

  // A request of so many prompt tokens was sent to the engine, or came back from it.
  void sent(EngineIndex engine, std::int64_t tokens) { count(engine, 1, tokens); }
  void answered(EngineIndex engine, std::int64_t tokens) { count(engine, -1, -tokens); }
  std::int64_t in_flight(EngineIndex engine) const { return loads_[places_[engine]].requests; }

 private:
  void count(EngineIndex engine, std::int64_t requests, std::int64_t tokens) {
    ReplicaLoad& load = loads_[places_[engine]];
    load.requests += requests;
    load.tokens += tokens;
  }

  std::unique_ptr<Router> router_;
  bool sees_loads_;
  std::vector<EngineIndex> engines_;
  std::vector<ReplicaLoad> loads_;   // by place in engines_
  std::vector<std::size_t> places_;  // by EngineIndex
};

}  // namespace blis
