#include "sim/stop_request.h"

#include <ctime>

namespace blis {
namespace {

constexpr std::int64_t kTimeToEndWellNs = 200'000'000;

static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a signal handler touches it");

std::int64_t now_ns() noexcept {
  std::timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec + 1;  // never 0
}

}  // namespace

void request_stop() noexcept {
  std::int64_t none = 0;
  detail::g_stop_requested_ns.compare_exchange_strong(none, now_ns());
}

bool stop_requested() noexcept {
  return detail::g_stop_requested_ns.load(std::memory_order_relaxed) != 0;
}

void detail::stop_unless_just_requested() {
  if (now_ns() - g_stop_requested_ns.load(std::memory_order_relaxed) > kTimeToEndWellNs) throw Interrupted();
}

}  // namespace blis
