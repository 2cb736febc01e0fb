// Memory for what grows to many megabytes: asks the system for large pages, as 25 MB of steps otherwise
// cost six thousand page faults, a third of the run that filled them. LargePages is the allocator (StepLog
// takes its pieces from it), LargeVector a std::vector with it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace blis {

// Allocator: from a few large pages on, memory is aligned to them and marked as worth them. A wish
// only: where the system has none to give, it is ordinary memory.
template <class T>
struct LargePages {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{2} << 20;

  LargePages() = default;
  template <class U>
  explicit(false) LargePages(const LargePages<U>&) {}

  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    if (bytes < kPage) return static_cast<T*>(::operator new(bytes));
    void* const memory = ::operator new (bytes, std::align_val_t{kPage});
#ifdef __linux__
    ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t n) {
    if (n * sizeof(T) < kPage) return ::operator delete(memory);
    ::operator delete (memory, std::align_val_t{kPage});
  }
  friend bool operator==(LargePages, LargePages) {
    return true;
  }
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace blis
