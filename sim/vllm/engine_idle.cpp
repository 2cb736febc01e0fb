// Ranks in step that have nothing to compute. As long as one of them has a request, which waits for KV blocks
// from elsewhere, and then until all have agreed that none has, they go on with dummy batches.
#include <algorithm>
#include <limits>

#include "sim/vllm/engine.h"

namespace blis {
namespace {

// They look only every so many steps whether anybody has a request.
constexpr std::int64_t kLockstepWave = 32;

}  // namespace

// Until they pause, from now_ on.
std::int64_t Engine::dummies_left() const {
  if (!std::ranges::all_of(ranks_, &Scheduler::idle)) return std::numeric_limits<std::int64_t>::max();
  return (kLockstepWave - lockstep_steps_ % kLockstepWave) % kLockstepWave;
}

// Taken, or begun, until then.
std::int64_t Engine::dummies_until(Time at) const {
  const Duration idle = std::max(at - now_, Duration{0});
  const std::int64_t begun = idle / dummy_step_ + (idle % dummy_step_ > Duration{0} ? 1 : 0);
  return std::min(begun, dummies_left());
}

// When something that happens at `at` is seen by an engine that has nothing to compute: at the end of a dummy
// batch, if there is one.
Time Engine::seen_if_idle(Time at) const {
  if (ranks_.size() == 1) return std::max(now_, at);
  return std::max(at, now_ + dummies_until(at) * dummy_step_);
}

// And a transfer that ends then: the batch behind it is the first whose worker can tell of it.
Time Engine::heard_if_idle(Time at) const {
  const Time seen = seen_if_idle(at);
  const bool pauses = ranks_.size() == 1 || dummies_until(at) == dummies_left();
  return pauses ? seen : seen + dummy_step_;
}

void Engine::pass_idle_time(Time until) {
  const std::int64_t taken = dummies_until(until);
  const bool paused = taken == dummies_left();
  lockstep_steps_ = paused ? 0 : lockstep_steps_ + taken;  // a new wave counts anew
  if (paused) heard_ = until;
  if (!paused && taken > 0) heard_ = until - dummy_step_;
  now_ = until;
}

}  // namespace blis
