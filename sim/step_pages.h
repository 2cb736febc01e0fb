// Memory for the steps of a run's engines: large pages, handed out in pieces.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "sim/large_pages.h"
#include "sim/step_record.h"

namespace blis {

// Lives as long as any log that has pieces of it. For one thread at a time, as a run is.
class StepPages {
 public:
  static constexpr std::size_t kSteps = 512;  // of a piece: 32 KiB

  StepPages() = default;
  StepPages(const StepPages&) = delete;
  StepPages& operator=(const StepPages&) = delete;

  // Room for kSteps steps, which holds anything.
  StepRecord* take() {
    if (free_.empty()) cut_page();
    StepRecord* const piece = free_.back();
    free_.pop_back();
    return piece;
  }
  void give_back(StepRecord* piece) { free_.push_back(piece); }

 private:
  static constexpr std::size_t kPage = kLargePage / sizeof(StepRecord);
  struct Free {
    void operator()(StepRecord* page) const { ::operator delete (page, std::align_val_t{kLargePage}); }
  };

  // Its first piece is the next to be taken, so that a log's pieces follow each other.
  void cut_page() {
    void* const memory = ::operator new (kLargePage, std::align_val_t{kLargePage});
    wish_for_large_pages(memory, kLargePage);
    StepRecord* const page = pages_.emplace_back(static_cast<StepRecord*>(memory)).get();
    for (std::size_t at = kPage / kSteps; at > 0; --at) free_.push_back(page + (at - 1) * kSteps);
  }

  std::vector<std::unique_ptr<StepRecord[], Free>> pages_;
  std::vector<StepRecord*> free_;
};

}  // namespace blis
