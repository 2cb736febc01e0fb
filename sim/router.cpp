#include "sim/router.h"

namespace blis {
namespace {

class RoundRobin final : public Router {
 public:
  EngineIndex route(const RequestSpec& /*request*/, std::span<const ReplicaLoad> loads) override {
    const EngineIndex chosen = next_;
    next_ = static_cast<EngineIndex>((next_ + 1u) % loads.size());
    return chosen;
  }

 private:
  EngineIndex next_ = 0;
};

}  // namespace

std::unique_ptr<Router> make_round_robin(std::uint64_t /*seed*/) {
  return std::make_unique<RoundRobin>();
}

}  // namespace blis
