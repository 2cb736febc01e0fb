// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace blis {

// Calls work(0) to work(count - 1), each once, on up to `threads` threads (at least one), lower ones first.
// What `work` throws ends the whole once the pieces begun have ended; of several the lowest is thrown.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

// Memory that one piece frees serves the next, instead of going back to the system, page by page: a third of
// the time of a grid of short runs. Of the whole program; does nothing where the C library has no such
// switch.
void keep_freed_memory();

// Threads that run at once on this machine.
int hardware_threads();

}  // namespace blis
