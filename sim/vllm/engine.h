// One vLLM engine: its input queue, its scheduler, the batches in flight and the log of its steps.
// Between two events from outside it runs its steps by itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/instance.h"
#include "sim/latency_model.h"
#include "sim/sustained_clock.h"
#include "sim/vllm/adapter_slots.h"
#include "sim/vllm/engine_config.h"
#include "sim/vllm/external_store.h"
#include "sim/vllm/load_failures.h"
#include "sim/vllm/positions.h"
#include "sim/vllm/rank_gauges.h"
#include "sim/vllm/remote_kv.h"
#include "sim/vllm/scheduler.h"

namespace blis {

// With data-parallel ranks that go in step, each rank has a scheduler and blocks of its
// own, and all take their steps together: a step takes as long as its slowest rank, and a rank
// without work computes a dummy batch.
class Engine final : public Instance {
 public:
  // All outlive the engine.
  Engine(const EngineConfig& config, const LatencyModel& latency, const Seat& seat);

  void send(RequestIndex index, const RequestSpec& spec, Time visible) override;
  void abort(RequestIndex index) override;
  NextAct next() const override { return {next_, completing_}; }
  std::size_t run(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended) override;
  void take_pulls(std::vector<KvPull>& pulls) override;
  void kv_arrived(RequestIndex index, Time at) override;
  void kv_read(RequestIndex index, Time at) override;
  Gauges published(Time at, EndpointIndex endpoint) const override;
  std::optional<PassMetrics> last_pass(Time at) const override;
  std::int32_t cached_tokens(const RequestSpec& request, EndpointIndex endpoint) const override;
  void die(Time at, std::vector<RequestIndex>& ended) override;
  void restart() override;
  EngineResult take_result() override;

 private:
  struct Arrival {
    std::size_t rank;
    RequestSlot slot;
    Time visible;
  };
  struct Batch {
    std::vector<Decision> decisions;  // by rank
    StepRecord record;
    Time planned{};
    bool computes = true;  // false: without tokens, it only takes a slot
  };
  struct Grammar {
    Time compiled;
    std::size_t rank;
    RequestSlot slot;
    RequestIndex request;
  };

  struct Place {
    std::size_t rank;
    RequestSlot slot;
  };
  // What the times of the next step follow from.
  struct Timing {
    Time gpu_free{};  // when the first pipeline stage can start another batch
    Time last_end{};
    SustainedClock clock;
  };
  struct KvNews {
    Time at;
    RequestIndex request;
    bool arrived;  // its blocks; otherwise those that were kept have been read
  };

  // --- engine.cpp: when things happen
  void go_on(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended);
  void wake();
  Duration pause() const;
  void look_up();
  bool look_again();
  [[noreturn]] static void refuse_time();
  void drain_inbox(std::vector<RequestIndex>& ended);
  void note_grammars();
  Time next_reset() const;
  void reset_prefix_caches();
  void note_transfers(std::vector<RequestIndex>& ended);
  bool hold_slot();
  bool run_quiet_steps(Time horizon);
  bool run_draft_steps(Time horizon);  // engine_drafts.cpp
  void wait_or_sleep(std::vector<RequestIndex>& ended);
  std::size_t rank_for(RequestIndex request, Time visible);

  // --- engine_idle.cpp: ranks in step that have nothing to compute
  std::int64_t dummies_left() const;
  std::int64_t dummies_until(Time at) const;
  Time seen_if_idle(Time at) const;
  Time heard_if_idle(Time at) const;
  void pass_idle_time(Time until);
  bool has_endpoints() const { return result_.endpoints > 1; }
  std::size_t ranks_per_endpoint() const {
    return ranks_.size() / static_cast<std::size_t>(result_.endpoints);
  }

  // --- engine_step.cpp: one step
  bool plan();  // false: nothing to execute
  void price(Batch& batch);
  StepShape shape_of(Decision& decision);
  StepCost cost_of(const StepShape& shape, bool adapters) const;
  Duration bring_adapters(const Decision& decision, std::size_t rank);  // into slots, and their number
  // When a step begins whose inputs are there at `inputs`, and when it ends.
  void time(StepRecord& record, const StepCost& cost, Time inputs);
  // Takes a step of the sequences of the last one, which ends if it is in flight, in `flying`; else this
  // does.
  void take_like_the_last(const StepRecord& record, Batch* flying);
  Time inputs_of(const Batch& batch) const;
  [[noreturn]] static void refuse_step(Duration latency);
  void complete(std::vector<RequestIndex>& ended);
  void write_computed(const Decision& decision);
  std::int32_t padded(std::int64_t tokens) const;  // to a CUDA graph's size; 0: none is that large

  // --- engine_records.cpp: what becomes of requests
  void note_shortage(bool short_of_blocks);
  void note_restarts(std::span<const RequestSlot> preempted, std::size_t rank);
  void note_prefills(const Batch& batch);
  void apply_aborts(std::vector<RequestIndex>& ended);
  void give_up_on_head(std::vector<RequestIndex>& ended);
  void fill_record(const Request& request);
  void close(const Request& request, std::vector<RequestIndex>& ended);
  void keep_interval(RequestRecord& record, const TokenInterval& run);
  void guard_progress(bool preempted, std::int64_t tokens);

  // --- engine_kv.cpp: blocks from and for other engines
  void expect_kv(RequestIndex index, const RequestSpec& spec, Place place);
  void receive(const KvNews& news);
  void hear_of_kv(std::vector<RequestIndex>& ended);
  bool hears() const { return remote_kv_ || store_; }
  void end_load(Place place, RequestIndex index, std::vector<RequestIndex>& ended);
  Time next_news() const;

  // --- engine_fold.cpp: what becomes of steps
  void fold();
  StepIndex first_step_needed() const;
  StepIndex first_step_scraped() const;

  // --- engine_gauges.cpp: what a scraper reads
  std::size_t ended_by(Time at) const;
  Gauges present_gauges() const;
  Gauges present_gauges(std::size_t rank) const;
  void note_gauges();
  void report_ranks(Time at);
  Gauges gauges(std::int32_t running, std::int32_t waiting, std::int64_t used_blocks) const;

  const EngineConfig& config_;
  const LatencyModel& latency_;
  EngineIndex index_;
  LargeVector<RequestRecord>& records_;
  const Folding& folding_;
  std::optional<RemoteKv> remote_kv_;  // if it shares requests with other engines; ranks refer to it
  std::optional<ExternalStore> store_;
  std::optional<LoadFailures> failures_;  // of either
  std::deque<Scheduler> ranks_;           // they stay where they are
  std::vector<RankBalance> balances_;     // of an endpoint's ranks, if those are several
  std::vector<RankReport> reports_;       // by rank
  RankGauges rank_gauges_;                // where there are several endpoints
  EngineResult result_;
  std::deque<Arrival> inbox_;
  std::deque<Grammar> compiling_;  // in the order in which they will be done
  std::vector<RequestIndex> aborts_;
  std::unordered_map<RequestIndex, Place> may_give_up_;  // of requests in the system with a timeout
  std::unordered_map<RequestIndex, Place> taking_;       // of those whose blocks come from elsewhere
  std::deque<KvNews> kv_news_;                           // not yet seen, by time
  std::vector<KvPull> pulls_;                            // begun, and nobody has heard of them

  std::vector<Batch> batches_;  // a ring: in flight are `flying_` from `oldest_` on
  std::size_t oldest_ = 0, flying_ = 0;
  std::size_t computing_ = 0;  // of those in flight, the ones that are not empty
  Time now_{};                 // of the last boundary between steps
  Time next_ = kNever;
  bool completing_ = false;  // at next_: complete the oldest batch; otherwise plan
  bool idle_ = true;         // nothing is in flight, and nothing could be planned at now_
  Time heard_{};             // transfers that have ended by then are known to the schedulers
  Timing timing_;
  Duration dummy_step_{0};           // of ranks in step
  std::int64_t lockstep_steps_ = 0;  // taken by the ranks since all were idle, dummy ones included
  StepOutput output_;
  std::vector<PrefillChunk> chunks_;
  std::vector<std::int32_t> graph_tokens_;  // by tokens in the step
  std::int64_t fruitless_ = 0;              // steps with preemptions since the last token
  bool short_of_blocks_ = false;            // when last scheduled
  std::size_t reset_by_now_ = 0;            // of EngineConfig::prefix_cache_resets
  std::int64_t preempted_by_reset_ = 0;     // since the last step was planned
  Duration stretched_{0};                   // StepRecord::stretched of the step last planned
  std::mt19937_64 acceptance_;
  const Positions accepted_, found_;                        // of drafts, in a step
  std::unordered_map<RequestIndex, RequestSlot> may_load_;  // with a store: of requests in the system
  std::vector<RequestIndex> loaded_, written_;
  std::size_t before_restart_ = 0;           // steps of servers that were here before
  std::vector<AdapterSlots> slots_;          // by rank
  std::vector<AdapterIndex> step_adapters_;  // of the decision at hand
  std::size_t fold_at_;                      // so many steps kept
  StepIndex folded_ = 0;                     // steps
  std::vector<RequestIndex> with_tokens_;    // of requests that have ended, those with tokens in steps that
                                             // are not folded
};

inline void Engine::time(StepRecord& record, const StepCost& cost, Time inputs) {
  record.start = std::max({now_, timing_.gpu_free, inputs});
  const Seconds slower =
      timing_.clock.run(record.start - timing_.gpu_free, cost[CostPart::compute], cost.total);
  const Duration latency = std::max(to_duration(cost.total + slower), Duration{1});
  if (latency > kLongestStep) refuse_step(latency);
  // Batches pass the stages of a pipeline one behind the other, and never overtake.
  record.end = record.start + latency;
  if (config_.pipeline_stages > 1) {
    record.end += (latency - std::min(to_duration(cost.once), latency)) * (config_.pipeline_stages - 1);
  }
  record.end = std::max(record.end, timing_.last_end);
  timing_.gpu_free = record.start + latency;
  timing_.last_end = record.end;
  record.bound = cost.bound();
}

inline void Engine::take_like_the_last(const StepRecord& record, Batch* flying) {
  const StepRecord& ended = flying != nullptr ? flying->record : record;
  heard_ = flying != nullptr ? std::exchange(flying->planned, now_) : now_;
  now_ = ended.end;
  result_.steps.push_back(ended);
  if (flying != nullptr) flying->record = record;
}

}  // namespace blis
