// Policies that look at loads, or at nothing.
#include "sim/fleet/router.h"

#include <algorithm>
#include <cassert>
#include <random>
#include <unordered_map>

namespace blis {
namespace {

std::int64_t requests_of(const ReplicaLoad& load) {
  return load.requests;
}
std::int64_t tokens_of(const ReplicaLoad& load) {
  return load.tokens;
}

class RoundRobin final : public Router {
 public:
  Senses senses() const override { return {}; }
  EngineIndex route(const Call& call) override {
    return static_cast<EngineIndex>(call.serving[turn_++ % call.serving.size()]);
  }

 private:
  std::size_t turn_ = 0;
};

class RandomReplica final : public Router {
 public:
  explicit RandomReplica(std::uint64_t seed) : random_(seed) {}

  Senses senses() const override { return {}; }
  EngineIndex route(const Call& call) override {
    return static_cast<EngineIndex>(call.serving[random_() % call.serving.size()]);
  }

 private:
  std::mt19937_64 random_;
};

template <std::int64_t (*measure)(const ReplicaLoad&)>
class LeastLoaded final : public Router {
 public:
  Senses senses() const override { return {.loads = true}; }
  EngineIndex route(const Call& call) override { return least_loaded(call, turn_++, measure); }

 private:
  std::size_t turn_ = 0;
};

class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(std::uint64_t seed) : random_(seed) {}

  Senses senses() const override { return {.loads = true}; }
  EngineIndex route(const Call& call) override {
    const std::size_t count = call.serving.size();
    if (count == 1) return static_cast<EngineIndex>(call.serving[0]);
    const std::size_t first = random_() % count;
    const std::size_t second = (first + 1 + random_() % (count - 1)) % count;
    const std::size_t a = call.serving[first], b = call.serving[second];
    return static_cast<EngineIndex>(call.loads[b].requests < call.loads[a].requests ? b : a);
  }

 private:
  std::mt19937_64 random_;
};

class SessionAffinity final : public Router {
 public:
  Senses senses() const override { return {.loads = true}; }
  EngineIndex route(const Call& call) override {
    const std::uint64_t session = call.request.session;
    if (session == 0) return least_loaded(call, turn_++, requests_of);
    const auto [home, is_new] = homes_.try_emplace(session);
    if (is_new) home->second = least_loaded(call, turn_++, requests_of);
    return home->second;
  }
  void left(EngineIndex replica) override {
    std::erase_if(homes_, [replica](const auto& home) { return home.second == replica; });
  }

 private:
  std::size_t turn_ = 0;
  std::unordered_map<std::uint64_t, EngineIndex> homes_;
};

}  // namespace

MadeRouter make_round_robin(const RouterConfig&, Site) {
  return std::make_unique<RoundRobin>();
}
MadeRouter make_random(const RouterConfig&, Site site) {
  return std::make_unique<RandomReplica>(site.seed);
}
MadeRouter make_least_requests(const RouterConfig&, Site) {
  return std::make_unique<LeastLoaded<requests_of>>();
}
MadeRouter make_least_tokens(const RouterConfig&, Site) {
  return std::make_unique<LeastLoaded<tokens_of>>();
}
MadeRouter make_power_of_two(const RouterConfig&, Site site) {
  return std::make_unique<PowerOfTwo>(site.seed);
}
MadeRouter make_session(const RouterConfig&, Site) {
  return std::make_unique<SessionAffinity>();
}

namespace {

const RouterPolicy& policy_named(std::string_view name) {
  const auto row = std::ranges::find(kRouters, name, &RouterPolicy::name);
  assert(row != kRouters.end() && "the scenario reader checks names");
  return *row;
}

}  // namespace

RouterConfig standard_router(std::string_view policy) {
  const RouterPolicy& row = policy_named(policy);
  RouterConfig config{.policy = row.name, .scrape = row.scrape};
  for (std::size_t i = 0; i < row.parameters.size(); ++i) config.values[i] = row.parameters[i].standard;
  return config;
}

MadeRouter make_router(const RouterConfig& config, Site site) {
  return policy_named(config.policy).make(config, std::move(site));
}

}  // namespace blis
