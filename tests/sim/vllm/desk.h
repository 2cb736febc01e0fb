// A scheduler that is led by hand, a step at a time, and says what it decided in a sentence.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/vllm/scheduler.h"

namespace blis {

// Every request that is granted its last known token says one more. Requests are called by the letters of
// the alphabet, in order of creation.
class Desk {
 public:
  explicit Desk(const SchedulerConfig& config, bool run_ahead = true)
      : scheduler_(config, {.run_ahead = run_ahead}) {}
  Desk(const SchedulerConfig& config, std::unique_ptr<SchedulingPolicy> policy)
      : scheduler_(config, {}, std::move(policy)) {}

  // Returns its name.
  char arrive(const RequestSpec& spec) {
    const auto index = static_cast<RequestIndex>(slots_.size());
    slots_.push_back(scheduler_.create(index, spec, index));
    scheduler_.enqueue(slots_.back());
    return name(index);
  }
  char arrive(int prompt, int output) {
    RequestSpec spec;
    spec.prompt_tokens = prompt;
    spec.output_tokens = output;
    return arrive(spec);
  }
  void abort(char who) {
    scheduler_.finish(slots_[static_cast<std::size_t>(who - 'a')], RequestStatus::finished_aborted);
  }

  // Decides a step: who gets how many tokens, in order of decision ("a 1, b 40 new"; of a request that comes
  // back, "again"), then who had to go ("; a out"). An empty step is "-".
  std::string schedule(bool throttle = false) {
    Decision& decision = in_flight_.emplace_back();
    scheduler_.schedule(decision, throttle);
    std::string said;
    for (const Grant& grant : scheduler_.all_grants(decision)) {
      if (!said.empty()) said += ", ";
      said += std::string(1, name(grant.request)) + ' ' + std::to_string(grant.tokens);
      if (std::ranges::find(decision.admitted, grant.slot) != decision.admitted.end()) {
        said += scheduler_[grant.slot].preemptions > 0 ? " again" : " new";
      }
    }
    if (said.empty()) said = "-";
    for (std::size_t i = 0; i < decision.preempted.size(); ++i) {
      said += (i == 0 ? "; " : ", ") + std::string(1, name(scheduler_[decision.preempted[i]].index)) + " out";
    }
    if (decision.empty()) in_flight_.pop_back();  // there is no such step
    return said;
  }

  // The oldest step in flight is done; returns who is done with it.
  std::string update() {
    scheduler_.update(in_flight_.front(), output_);
    std::string ended;
    for (const RequestSlot slot : output_.finished) ended += name(scheduler_[slot].index);
    in_flight_.pop_front();
    return ended;
  }

  // A whole step.
  std::string step() {
    std::string said = schedule();
    if (!in_flight_.empty()) update();
    return said;
  }

  int used_blocks() const { return scheduler_.kv().usable_blocks() - scheduler_.kv().free_blocks(); }
  std::string waiting() const {
    std::string names;
    for (const RequestSlot slot : scheduler_.waiting_list()) names += name(scheduler_[slot].index);
    return names;
  }
  const Request& operator[](char who) const {
    return scheduler_[slots_[static_cast<std::size_t>(who - 'a')]];
  }
  int in_flight() const { return static_cast<int>(in_flight_.size()); }  // steps
  Scheduler& scheduler() { return scheduler_; }

 private:
  static char name(RequestIndex index) { return static_cast<char>('a' + index); }

  Scheduler scheduler_;
  std::vector<RequestSlot> slots_;  // by RequestIndex
  std::deque<Decision> in_flight_;  // they stay where they are
  StepOutput output_;
};

// Eight sequences, 64 tokens a step, 200 blocks of 16.
inline SchedulerConfig eight_sequences() {
  SchedulerConfig config;
  config.max_num_seqs = 8;
  config.max_num_batched_tokens = 64;
  config.max_model_len = 512;
  config.num_blocks = 201;
  return config;
}

}  // namespace blis
