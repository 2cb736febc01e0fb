// What a schedule that is led by hand may do to a scheduler and no client can: conformance vectors look into
// its requests and blocks, set drafts and change settings. No simulation has a probe.
#pragma once

#include "sim/kv/block_probe.h"
#include "sim/vllm/scheduler.h"

namespace blis {

class SchedulerProbe {
 public:
  explicit SchedulerProbe(Scheduler& scheduler) : scheduler_(scheduler) {}

  Request& request(RequestSlot slot) { return scheduler_.requests_[slot]; }
  // Its tokens in the KV cache, opened if need be.
  SequenceIndex sequence_of(Request& r) { return scheduler_.sequence_of(r); }

  KvCache& kv() { return scheduler_.kv_; }
  CacheProbe cache() const { return CacheProbe(scheduler_.kv_); }

  // Changed settings, but for those that CacheProbe::reconfigure() leaves as they were, and the policy.
  void reconfigure(const SchedulerConfig& config) {
    scheduler_.config_ = config;
    scheduler_.refusal_ = {};
    cache().reconfigure(kv_config(config));
  }

 private:
  Scheduler& scheduler_;
};

}  // namespace blis
