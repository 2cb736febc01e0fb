// Memory in large pages: 25 MB of steps otherwise cost six thousand page faults, a third of the run that
// filled them.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace blis {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

// A wish only: where the system has no large pages to give, it is ordinary memory. `memory` begins a page.
inline void wish_for_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

// Memory for plain values, `bytes` for what had `from`; null with 0. What it holds stays. From kLargePage on
// its pages move in place of their contents, so that the old and the new are never there at once. Throws
// std::bad_alloc and then leaves what there was.
inline void* grow_memory(void* memory, std::size_t from, std::size_t bytes) {
#ifdef __linux__
  if (bytes >= kLargePage) {
    void* const grown = from >= kLargePage ? ::mremap(memory, from, bytes, MREMAP_MAYMOVE)
                                           : ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (grown == MAP_FAILED) throw std::bad_alloc();
    wish_for_large_pages(grown, bytes);
    if (from < kLargePage) {
      if (from > 0) std::memcpy(grown, memory, from);
      std::free(memory);
    }
    return grown;
  }
#endif
  void* const grown = std::realloc(memory, bytes);
  if (grown == nullptr) throw std::bad_alloc();
  return grown;
}
inline void free_memory(void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  if (bytes >= kLargePage) {
    ::munmap(memory, bytes);
    return;
  }
#endif
  std::free(memory);
}

}  // namespace blis
