// One engine's record of its steps: grows without moving what it holds, and can forget its beginning.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "sim/step_pages.h"
#include "sim/step_record.h"

namespace blis {

// Steps keep their numbers for ever; they themselves are kept from first_kept() on.
class StepLog {
 public:
  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = StepRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = const StepRecord*;
    using reference = const StepRecord&;

    Iterator() = default;
    Iterator(const StepLog* log, std::size_t at) : log_(log), at_(at) {}
    reference operator*() const { return (*log_)[at_]; }
    pointer operator->() const { return &(*log_)[at_]; }
    Iterator& operator++() { return ++at_, *this; }
    Iterator operator++(int) { return {log_, at_++}; }
    Iterator& operator+=(difference_type n) { return at_ += static_cast<std::size_t>(n), *this; }
    friend Iterator operator+(Iterator i, difference_type n) { return i += n; }
    friend difference_type operator-(Iterator a, Iterator b) {
      return static_cast<difference_type>(a.at_) - static_cast<difference_type>(b.at_);
    }
    friend bool operator==(Iterator a, Iterator b) { return a.at_ == b.at_; }

   private:
    const StepLog* log_ = nullptr;
    std::size_t at_ = 0;
  };

  StepLog() = default;
  // Logs of one run share their memory: of thousands most are short.
  explicit StepLog(std::shared_ptr<StepPages> pages) : pages_(std::move(pages)) {}
  StepLog(std::initializer_list<StepRecord> steps) {
    for (const StepRecord& step : steps) push_back(step);
  }

  std::size_t size() const { return size_; }  // forgotten ones included
  std::size_t first_kept() const { return first_kept_; }
  std::size_t kept() const { return size_ - first_kept_; }
  bool empty() const { return size_ == 0; }
  const StepRecord& operator[](std::size_t i) const {
    assert(first_kept_ <= i && i < size_);
    return chunks_[i / kChunk][i % kChunk];
  }
  StepRecord& operator[](std::size_t i) {
    assert(first_kept_ <= i && i < size_);
    return chunks_[i / kChunk][i % kChunk];
  }
  const StepRecord& back() const { return (*this)[size_ - 1]; }
  Iterator begin() const { return {this, first_kept()}; }
  Iterator end() const { return {this, size_}; }

  void push_back(const StepRecord& step) {
    if (next_ == end_) add_chunk();
    *next_++ = step;
    ++size_;
  }

  // Steps before `first` will not be asked for again. first_kept() <= first <= size().
  void forget_before(std::size_t first) {
    for (std::size_t chunk = first_kept_ / kChunk; chunk < first / kChunk; ++chunk) {
      pages_->give_back(chunks_[chunk]);
    }
    first_kept_ = first;
  }

 private:
  static constexpr std::size_t kChunk = StepPages::kSteps;

  [[gnu::noinline]] void add_chunk() {
    if (!pages_) pages_ = std::make_shared<StepPages>();
    next_ = chunks_.emplace_back(pages_->take());
    end_ = next_ + kChunk;
  }

  std::shared_ptr<StepPages> pages_;
  std::vector<StepRecord*> chunks_;              // of `pages_`; those before first_kept_ are given back
  StepRecord *next_ = nullptr, *end_ = nullptr;  // where the next step goes, in the last chunk
  std::size_t first_kept_ = 0;
  std::size_t size_ = 0;
};

// When a step is the only one that runs: batches of a pipeline overlap, and their time is not to be counted
// twice.
inline Time begin_after_others(const StepLog& steps, std::size_t i) {
  return i == 0 ? steps[i].start : std::clamp(steps[i - 1].end, steps[i].start, steps[i].end);
}

}  // namespace blis
