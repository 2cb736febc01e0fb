// Policies that look at loads, or at nothing.
#include "sim/fleet/router.h"

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
  EngineIndex route(const RequestSpec& /*request*/, std::span<const ReplicaLoad> loads) override {
    return static_cast<EngineIndex>(turn_++ % loads.size());
  }

 private:
  std::size_t turn_ = 0;
};

template <std::int64_t (*measure)(const ReplicaLoad&)>
class LeastLoaded final : public Router {
 public:
  EngineIndex route(const RequestSpec& /*request*/, std::span<const ReplicaLoad> loads) override {
    return least_loaded(loads, turn_++, measure);
  }

 private:
  std::size_t turn_ = 0;
};

class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(std::uint64_t seed) : random_(seed) {}

  EngineIndex route(const RequestSpec& /*request*/, std::span<const ReplicaLoad> loads) override {
    if (loads.size() == 1) return 0;
    const std::size_t a = random_() % loads.size();
    const std::size_t b = (a + 1 + random_() % (loads.size() - 1)) % loads.size();
    return static_cast<EngineIndex>(loads[b].requests < loads[a].requests ? b : a);
  }

 private:
  std::mt19937_64 random_;
};

class SessionAffinity final : public Router {
 public:
  EngineIndex route(const RequestSpec& request, std::span<const ReplicaLoad> loads) override {
    if (request.session == 0) return least_loaded(loads, turn_++, requests_of);
    const auto [home, is_new] = homes_.try_emplace(request.session);
    if (is_new) home->second = least_loaded(loads, turn_++, requests_of);
    return home->second;
  }

 private:
  std::size_t turn_ = 0;
  std::unordered_map<std::uint64_t, EngineIndex> homes_;
};

}  // namespace

std::unique_ptr<Router> make_round_robin(std::uint64_t /*seed*/) {
  return std::make_unique<RoundRobin>();
}
std::unique_ptr<Router> make_least_requests(std::uint64_t /*seed*/) {
  return std::make_unique<LeastLoaded<requests_of>>();
}
std::unique_ptr<Router> make_least_tokens(std::uint64_t /*seed*/) {
  return std::make_unique<LeastLoaded<tokens_of>>();
}
std::unique_ptr<Router> make_power_of_two(std::uint64_t seed) {
  return std::make_unique<PowerOfTwo>(seed);
}
std::unique_ptr<Router> make_session(std::uint64_t /*seed*/) {
  return std::make_unique<SessionAffinity>();
}

}  // namespace blis
