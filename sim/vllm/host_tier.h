// A second home for prompts' KV blocks in host memory: vLLM's OffloadingConnector. Blocks are written there
// as they are computed, and those that the GPU has lost are loaded instead of computed again. Source:
// vllm/distributed/kv_transfer/kv_connector/v1/offloading_connector.py and vllm/v1/kv_offload of 2026-08.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "sim/content_tree.h"
#include "sim/prefix_lru.h"
#include "sim/vllm/host_tier_config.h"
#include "sim/vllm/kv_connector.h"
#include "sim/vllm/scheduler.h"

namespace blis {

class HostTier final : public KvConnector {
 public:
  HostTier(const HostTierConfig& config, int block_size);
  ~HostTier() override;
  HostTier(const HostTier&) = delete;
  HostTier& operator=(const HostTier&) = delete;

  // Time goes on: what follows happens now.
  void at(Time now) { now_ = now; }

  // Whole blocks from the first one on. Nothing, if some of them are still being written.
  std::optional<Match> match(const Request& r, std::int32_t local) override;
  void allocated(const Request& r, const Match& match) override;
  bool keeps_blocks(const Request&) override { return false; }

  // So many tokens of the request have been computed: full blocks of its prompt are written that are not
  // there.
  void computed(const Request& r, std::int32_t tokens);
  // It has ended.
  void forget(RequestIndex index);

  // Loads begun since the last call, and when each ends; and when to ask again what could not be answered.
  struct Due {
    Time at;
    RequestIndex request;
  };
  void take_loads(std::vector<Due>& loads);
  Time take_retry() { return std::exchange(retry_, kNever); }

 private:
  struct Write {
    Time end;
    std::vector<ChainLink> chain;
    std::int32_t from, to;  // blocks
  };

  const std::vector<ChainLink>& chain_of(const Request& r);
  std::int32_t stored(std::span<const ChainLink> chain);
  std::span<const ChainLink> first_blocks(std::span<const ChainLink> chain, std::int32_t blocks);
  Time copy(Time& free_at, std::int32_t blocks);
  void release(const std::vector<ChainLink>& chain);

  HostTierConfig config_;
  int block_size_;
  ContentTree tree_;
  PrefixLru index_;
  PrefixMatches found_;
  std::unordered_map<RequestIndex, std::vector<ChainLink>> chains_;  // of requests that are here
  std::deque<Write> writes_;                                         // that have not ended, by their ends
  std::vector<Due> loads_;
  std::vector<ChainLink> part_;
  Time now_{}, to_host_free_{}, from_host_free_{};  // each direction copies one after the other
  Time retry_ = kNever;
};

}  // namespace blis
