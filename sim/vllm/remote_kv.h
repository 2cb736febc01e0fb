// KV blocks that pass between two engines, one of which computes prompts and the other goes on from there:
// the scheduler's side of vLLM's NIXL connector, where the one that goes on pulls. Source:
// vllm/distributed/kv_transfer/kv_connector/v1/nixl/scheduler.py of 2026-08.
#pragma once

#include <unordered_set>
#include <vector>

#include "sim/instance.h"
#include "sim/vllm/scheduler.h"

namespace blis {

class RemoteKv final : public KvConnector {
 public:
  // A request was sent that leaves its blocks to another engine, or takes them from one.
  void leaves(RequestIndex index) { leaving_.insert(index); }
  void takes(RequestIndex index) { taking_.insert(index); }
  // It has ended. True: it has not begun to take what it was to take.
  bool forget(RequestIndex index) { return taking_.erase(index) > 0; }

  // Of a prompt, all that is not cached here; once. Who is preempted later computes it again.
  std::optional<Match> match(const Request& r, std::int32_t local) override;
  void allocated(const Request& r, const Match& match) override;
  // Those of a prompt that was computed to its end.
  bool keeps_blocks(const Request& r) override;

  // Loads that the scheduler has begun since the last call, in order.
  void take_begun(Time at, std::vector<KvPull>& pulls);

 private:
  std::unordered_set<RequestIndex> leaving_, taking_;
  std::vector<KvPull> begun_;
};

}  // namespace blis
