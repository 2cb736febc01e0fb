// The door through which KV blocks come from elsewhere and leave for it: vLLM's KVConnector, its scheduler
// side. Offload tiers and prefill/decode pools implement it; the scheduler knows neither links nor time.
#pragma once

#include <cstdint>
#include <optional>

namespace blis {

struct Request;

class KvConnector {
 public:
  virtual ~KvConnector() = default;

  // Tokens that lie elsewhere, after the first `local` ones of a request, which are cached here.
  struct Match {
    std::int32_t tokens = 0;
    bool async = false;  // the blocks are filled by a load that takes its time: Scheduler::load_ended()
  };
  // Asked at every try to admit a request that has nothing computed. Nothing: not known yet, ask again at the
  // next step. tokens > 0 if async; local + tokens <= r.num_tokens, less the last one if not async.
  virtual std::optional<Match> match(const Request& r, std::int32_t local) = 0;

  // Blocks for it have been taken; of a load, r.computed tokens are to be in them when it ends.
  virtual void allocated(const Request& r, const Match& match) = 0;

  // A request has ended. True: its blocks are still read from, until Scheduler::blocks_sent().
  virtual bool keeps_blocks(const Request& r) = 0;
};

}  // namespace blis
