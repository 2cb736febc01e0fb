// Ctrl-C for loops that nobody looks at: drawing arrivals, reading files.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>

namespace blis {

// The program is to stop, and what was under way could not: no mistake of anybody's.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

// From any thread, or a signal handler. Of the whole process, as signals are.
void request_stop() noexcept;
bool stop_requested() noexcept;

namespace detail {
inline std::atomic<std::int64_t> g_stop_requested_ns{0};  // on the monotonic clock; 0: it was not
void stop_unless_just_requested();
}  // namespace detail

// To be called for each piece of work in a loop that can run for longer than a user waits; costs nothing
// beside the work. Throws Interrupted once a stop was requested, but not in the first fifth of a
// second: whoever runs the loop looks, too, every few milliseconds, and may end in a better way.
inline void stop_if_requested() {
  if (detail::g_stop_requested_ns.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    detail::stop_unless_just_requested();
  }
}

}  // namespace blis
