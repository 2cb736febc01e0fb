// Loads of KV blocks that fail: a connector in front of another, of whose asynchronous loads a share brings
// nothing. Who has lost one and has nothing computed asks again, as in vLLM: a store offers it another load,
// the engine that computed a prompt does not (do_remote_prefill of the NIXL connector).
#pragma once

#include <cstdint>
#include <random>
#include <unordered_map>

#include "sim/request.h"
#include "sim/vllm/kv_connector.h"
#include "sim/vllm/positions.h"

namespace blis {

class LoadFailures final : public KvConnector {
 public:
  // `connector` outlives it; `share` is in [0, 1].
  LoadFailures(KvConnector& connector, double share, std::uint64_t seed)
      : connector_(connector), fails_(std::vector<double>{share}), chance_(seed) {}

  std::optional<Match> match(const Request& r, std::int32_t local) override;
  void allocated(const Request& r, const Match& match) override;
  bool keeps_blocks(const Request& r) override;

  // Of a load that has ended, the tokens that did not come.
  std::int32_t take_lost(RequestIndex request);

 private:
  KvConnector& connector_;
  Positions fails_;  // its first is reached by a load that fails
  std::mt19937_64 chance_;
  std::unordered_map<RequestIndex, std::int32_t> losing_;  // tokens, of loads under way
};

}  // namespace blis
