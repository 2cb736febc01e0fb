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
    // Where each group has blocks of its own, those of the first, which keeps all tokens.
    const std::vector<KvGroup>& groups = scheduler.kv_groups;
    const bool own = !groups.empty() && groups.front().kind == KvKind::full &&
                     std::ranges::all_of(groups, [](const KvGroup& g) { return g.block_size > 0; });
    const int block_size = own ? groups.front().block_size : scheduler.block_size;
    return {scheduler.num_blocks, block_size, scheduler.max_num_batched_tokens};
  }
  std::int32_t largest_item() const override { return config_.scheduler.encoder.cache_size; }

  std::int64_t max_sequences() const override {
    return std::int64_t{config_.scheduler.max_num_seqs} * (ranks() / endpoints());
  }

  int endpoints() const override { return config_.endpoints; }
  int ranks() const override { return config_.data_parallel_ranks; }

 private:
  const EngineConfig config_;
  const LatencyModel& latency_;
};

}  // namespace

std::shared_ptr<const EngineType> vllm(EngineConfig config, const LatencyModel& latency) {
  return std::make_shared<Vllm>(std::move(config), latency);
}

}  // namespace blis
