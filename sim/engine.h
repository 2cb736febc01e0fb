// One vLLM engine: its input queue, its scheduler, the batches in flight and the log of its steps.
// Between two events from outside it runs its steps by itself.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "sim/event_queue.h"
#include "sim/latency_model.h"
#include "sim/run_result.h"
#include "sim/scheduler.h"
#include "sim/simulation.h"

namespace blis {

class Engine {
 public:
  // `records` is by RequestIndex and outlives the engine.
  Engine(const SimulationConfig& config, const LatencyModel& latency, EngineIndex index,
         std::vector<RequestRecord>& records);

  // Hands it a request that it will see from `visible` on; never before an earlier one.
  void send(RequestIndex index, const RequestSpec& spec, Time visible);

  // The client of a request that was sent has given up. Takes effect when the step in flight is done.
  void abort(RequestIndex index) { aborts_.push_back(index); }

  // Runs until it would complete a step after `horizon`, or plan one at `horizon`: what happens
  // outside from then on is not known yet. Requests that ended are appended to `ended`; with
  // `pause_when_ended` it returns after each step that ended one.
  void run(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended);

  // What it will do next, and when; at kNever if it has nothing to do until something is sent.
  Event next() const { return {next_, completing_ ? EventKind::complete : EventKind::plan, index_}; }
  bool asleep() const { return next_ == kNever; }
  void wake() { next_ = inbox_.empty() ? kNever : std::max(now_, inbox_.front().visible); }

  // What it did; also fills the records of requests that have not ended. To be called last.
  EngineResult take_result();

 private:
  struct Arrival {
    RequestSlot slot;
    Time visible;
  };
  struct Batch {
    Decision decision;
    StepRecord record;
  };

  void drain_inbox();
  bool run_quiet_steps(Time horizon);
  bool plan();  // false: nothing to execute
  void wait_or_sleep(std::vector<RequestIndex>& ended);
  void price(Batch& batch);
  void time(StepRecord& record, const StepCost& cost);
  void complete(std::vector<RequestIndex>& ended);
  void give_up_on_head(std::vector<RequestIndex>& ended);
  void apply_aborts(std::vector<RequestIndex>& ended);
  void fill_record(RequestSlot slot);
  void close(RequestSlot slot, std::vector<RequestIndex>& ended);
  void keep_interval(RequestRecord& record, const TokenInterval& run);
  void guard_progress(bool preempted, std::int64_t tokens);
  int draw_accepted(int drafts);
  std::int32_t padded(std::int64_t tokens) const;  // to a CUDA graph's size; 0: none is that large

  const SimulationConfig& config_;
  const LatencyModel& latency_;
  EngineIndex index_;
  std::vector<RequestRecord>& records_;
  Scheduler scheduler_;
  EngineResult result_;
  std::deque<Arrival> inbox_;
  std::vector<RequestIndex> aborts_;

  std::vector<Batch> batches_;  // a ring: in flight are `flying_` from `oldest_` on
  std::size_t oldest_ = 0, flying_ = 0;
  Time now_{};  // of the last boundary between steps
  Time next_ = kNever;
  bool completing_ = false;  // at next_: complete the oldest batch; otherwise plan
  Time gpu_free_{};          // when the first pipeline stage can start another batch
  Time last_end_{};
  StepOutput output_;
  std::vector<PrefillChunk> chunks_;
  std::vector<std::int32_t> graph_tokens_;  // by tokens in the step
  std::int64_t fruitless_ = 0;              // steps with preemptions since the last token
  std::mt19937_64 acceptance_;
};

}  // namespace blis
