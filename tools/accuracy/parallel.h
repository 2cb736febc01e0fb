// The same work for each of many items, on all processors, with results that do not depend on how many.
#pragma once

#include <cstddef>
#include <functional>

namespace blis {

// Calls `work(i)` once for each i below `count`, on up to `threads` threads (0: as many as there are
// processors), and `progress(done, count)` on the calling thread now and then. The first exception of
// any call is thrown again once all threads have stopped.
void for_each_in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work,
                          const std::function<void(std::size_t, std::size_t)>& progress = {});

}  // namespace blis
