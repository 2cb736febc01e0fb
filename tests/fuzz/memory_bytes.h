// Bytes in memory as a file, for fuzzing readers without touching the disk.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "workloads/byte_stream.h"

namespace blis {

class MemoryBytes : public ByteStream {
 public:
  MemoryBytes(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

  std::size_t read(std::span<char> buffer) override {
    const std::size_t n = std::min(buffer.size(), left_.size());
    std::memcpy(buffer.data(), left_.data(), n);
    left_ = left_.subspan(n);
    return n;
  }

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace blis
