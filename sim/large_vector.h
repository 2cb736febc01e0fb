// A vector of plain values for what grows to many megabytes. Growing moves pages rather than values,
// where the system can: ten million request records of 1.3 GB would otherwise need 2.2 GB for a moment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "sim/large_pages.h"

namespace blis {

// As a std::vector, of which it has what is used here.
template <class T>
class LargeVector {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  LargeVector() = default;
  LargeVector(std::initializer_list<T> values) { append(values.begin(), values.size()); }
  LargeVector(const LargeVector& other) { append(other.data_, other.size_); }
  LargeVector(LargeVector&& other) noexcept { swap(other); }
  LargeVector& operator=(LargeVector other) noexcept {
    swap(other);
    return *this;
  }
  ~LargeVector() { free_memory(data_, capacity_ * sizeof(T)); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  const T& at(std::size_t i) const {
    if (i >= size_) throw std::out_of_range("LargeVector::at");
    return data_[i];
  }
  T& front() { return data_[0]; }
  const T& front() const { return data_[0]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void clear() { size_ = 0; }
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) allocate(capacity);
  }
  void resize(std::size_t size) {
    make_room_for(size);
    for (std::size_t i = size_; i < size; ++i) data_[i] = T{};
    size_ = size;
  }
  void pop_back() { --size_; }
  void push_back(const T& value) { emplace_back(T(value)); }  // a copy: `value` may be one of these
  T& emplace_back(T value = T{}) {
    make_room_for(size_ + 1);
    return data_[size_++] = value;
  }

  friend bool operator==(const LargeVector& a, const LargeVector& b) { return std::ranges::equal(a, b); }

 private:
  void swap(LargeVector& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  void append(const T* values, std::size_t count) {
    reserve(size_ + count);
    std::copy_n(values, count, end());
    size_ += count;
  }
  void make_room_for(std::size_t size) {
    if (size > capacity_) allocate(std::max(size, 2 * capacity_));
  }
  void allocate(std::size_t capacity) {
    data_ = static_cast<T*>(grow_memory(data_, capacity_ * sizeof(T), capacity * sizeof(T)));
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace blis
