#include "sim/vllm/vllm.h"

#include <algorithm>
#include <utility>

#include "sim/vllm/engine.h"

namespace blis {
namespace {

class Vllm final : public EngineType {
 public:
  Vllm(EngineConfig config, const LatencyModel& latency) : config_(std::move(config)), latency_(latency) {}

  std::unique_ptr<Instance> start(const Seat& seat) const override {
    return std::make_unique<Engine>(config_, latency_, seat);
  }

  bool plays(Role role) const override { return role == Role::both || config_.shares_kv; }

  int max_model_len() const override { return config_.scheduler.max_model_len; }

  std::int64_t kv_blocks(std::int64_t tokens) const override {
    std::int64_t blocks = 0;
    for (const KvGroup& group : config_.scheduler.kv_groups)
      blocks += blocks_of_request(group, tokens, 1, config_.scheduler.block_size);
    return blocks;
  }

  bool holds(std::int64_t tokens) const override {
    return kv_blocks(tokens) <= config_.scheduler.num_blocks - 1;
  }

  PublishedFacts published_facts() const override {
    const SchedulerConfig& scheduler = config_.scheduler;
    return {scheduler.num_blocks, scheduler.block_size, scheduler.max_num_batched_tokens};
  }

  std::int64_t max_sequences() const override {
    return std::int64_t{config_.scheduler.max_num_seqs} * config_.data_parallel_ranks;
  }

 private:
  const EngineConfig config_;
  const LatencyModel& latency_;
};

}  // namespace

std::shared_ptr<const EngineType> vllm(EngineConfig config, const LatencyModel& latency) {
  return std::make_shared<Vllm>(std::move(config), latency);
}

}  // namespace blis
