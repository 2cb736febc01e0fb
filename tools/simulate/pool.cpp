#include "tools/simulate/pool.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace blis {

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t failed = count;
  std::exception_ptr error;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed) {
          failed = i;
          error = std::current_exception();
        }
        next = count;  // pieces below `i` have all been begun
      }
    }
  };
  {
    std::vector<std::jthread> others;
    const auto wanted = std::min<std::size_t>(count, static_cast<std::size_t>(std::max(threads, 1)));
    for (std::size_t i = 1; i < wanted; ++i) others.emplace_back(run);
    run();
  }
  if (error) std::rethrow_exception(error);
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kManyBytes = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that it takes
  ::mallopt(M_TRIM_THRESHOLD, kManyBytes);
#endif
}

int hardware_threads() {
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace blis
