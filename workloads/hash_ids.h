// Names the blocks of prompts as traces do: equal ids where all tokens up to the block's end are equal.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/request.h"

namespace blis {

class HashIds {
 public:
  explicit HashIds(std::int32_t block_tokens) : block_tokens_(block_tokens) {}

  // One id for each block of the prompt of `request`, the last block perhaps partial. Ids count from
  // 0 in the order of first appearance. Valid until the next call. Memory grows with the number of
  // distinct blocks that a later prompt could share.
  std::span<const std::int64_t> of(const RequestSpec& request);

 private:
  std::int64_t id_of(std::uint64_t key);

  std::int32_t block_tokens_;
  std::int64_t next_id_ = 0;
  std::unordered_map<std::uint64_t, std::int64_t> known_;
  std::vector<std::int64_t> ids_;
};

}  // namespace blis
