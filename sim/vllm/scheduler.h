// vLLM V1's scheduler, decision for decision: which requests get how many tokens in the next step,
// who is admitted and who is preempted. Knows no time and no hardware.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/kv/cache.h"
#include "sim/request.h"
#include "sim/run_result.h"
#include "sim/vllm/adapters.h"
#include "sim/vllm/cruise.h"
#include "sim/vllm/cruise_visits.h"
#include "sim/vllm/draft_run.h"
#include "sim/vllm/encoder_cache.h"
#include "sim/vllm/kv_connector.h"
#include "sim/vllm/scheduler_config.h"
#include "sim/vllm/scheduling_policy.h"
#include "sim/vllm/step_budget.h"
#include "sim/vllm/waiting_queue.h"

namespace blis {

enum class RequestStatus : std::uint8_t {
  waiting,
  running,
  waiting_for_remote_kv,  // blocks are taken, a load fills them
  preempted,
  finished_length,
  finished_stopped,
  finished_aborted,
  finished_error
};

// A request that the scheduler knows. Where it is a member of the cruise, num_tokens, computed,
// placeholders and in_flight lag behind: Scheduler::land() brings them up to date.
struct Request {
  RequestIndex index = 0;
  std::uint32_t id_order = 0;  // rank of its id among all ids: vLLM's last tie-break
  SequenceIndex sequence = 0;
  bool has_sequence = false;
  bool skip_cache_read = false;
  bool drop_stale = false;  // output of the steps before a preemption comes to nothing
  bool is_chunk = false;    // more of its known tokens remain to be computed
  bool waits_for_grammar = false;
  bool holds_items = false;  // in the encoder cache, perhaps
  AdapterIndex adapter = 0;
  RequestStatus status = RequestStatus::waiting;
  std::int32_t priority = 0;
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;  // what the model will say; the scheduler acts on max_tokens
  std::int32_t max_tokens = 0;
  std::int32_t num_tokens = 0;    // prompt and outputs known
  std::int32_t computed = 0;      // advanced when scheduled, before the model runs
  std::int32_t placeholders = 0;  // outputs in flight (asynchronous scheduling)
  std::int32_t drafts = 0;
  std::int32_t in_flight = 0;    // tokens in steps not yet updated
  std::int32_t stale = 0;        // of them, those from before a preemption
  std::int32_t hit_tokens = -1;  // at first admission
  std::int32_t loaded = -1;      // tokens that an ended load brought; -1: none or still on its way
  std::uint32_t preemptions = 0;
  std::uint64_t admission = 0;     // order in the running list
  std::uint64_t decodes_from = 0;  // the schedule() call that may name it again, counted from 1
  StepIndex sampled_until = 0;     // it last sampled in the step before this one; 0: never
  Time arrival{};
  Rank rank;
  RequestSlot before = kNoSlot, after = kNoSlot;  // in the running list
  CruiseState cruise;
  TokenInterval tokens;  // the latest run of steps with output, at the engine's regular distance
  std::vector<ContentRun> prompt;
  std::vector<MultimodalItem> items;  // by offset
  ContentId output_content = kPrivateContent;
  ContentId cache_salt = 0;

  std::int32_t outputs() const { return num_tokens - prompt_tokens; }
};

// Tokens of one request in one step.
struct Grant {
  RequestSlot slot = kNoSlot;
  RequestIndex request = 0;
  std::int32_t tokens = 0;
  std::int32_t context = 0;   // computed before this step
  std::int32_t drafts = 0;    // of `tokens`, how many verify drafts
  std::int32_t embeds = 0;    // of its items that are encoded in this step
  double embed_pairs = 0;     // sum of the squares of the single items'
  std::int32_t accepted = 0;  // set by whoever plays the model, before update(); at most `drafts`
  std::int32_t outputs = -1;  // so many tokens come out; -1: 1 + accepted if the grant samples
  std::int32_t next_drafts =
      -1;  // so many are found for its next step, set likewise; -1: all that are sought
  bool samples = false;
  bool prefill = false;  // context < known tokens - 1 when scheduled, or the prompt is not done
};

// What one schedule() call decided. Members of the cruise get one token each and are not listed.
struct Decision {
  StepIndex step = 0;
  std::int32_t tokens = 0;              // in all
  std::vector<Grant> grants;            // in order of decision
  std::int32_t cruising = 0;            // members of the cruise that get a token
  std::int64_t cruise_context = 0;      // their tokens computed before this step, summed
  std::int64_t cruise_cut_context = 0;  // and of each at most those in Options::attention_window
  std::int32_t steady = 0;              // of them, those whose token will count
  std::int32_t next_drafts = 0;         // each sequence that samples gets so many drafts
  StepIndex after = 0;                  // its inputs are outputs of steps before this one; none of later ones
  std::vector<RequestSlot> admitted;    // from waiting or preempted, in order; the last grants
  std::vector<RequestSlot> preempted;   // in order
  std::vector<std::pair<RequestSlot, std::int32_t>> hits;  // hit tokens of each admission
  std::uint32_t resumed = 0;                               // of the admitted, how many had been preempted
  bool short_of_blocks = false;  // somebody was preempted or left waiting for lack of KV blocks

  bool empty() const { return tokens == 0; }
  void clear();
};

// A run of steps with output that ended because the next token of the request, in step `next`, came at
// another distance than those of others.
struct BrokenRun {
  RequestIndex request = 0;
  TokenInterval run;
  StepIndex next = 0;
};

// What one update() call brought about.
struct StepOutput {
  std::vector<RequestSlot> first_tokens;  // requests that produced their first token ever
  std::vector<RequestSlot> finished;      // in order; see Request::status. Their slots stay valid
                                          // until the next call of the scheduler
  std::vector<BrokenRun> broken;
  std::int32_t steady = 0;  // tokens that came `distance` steps after their predecessor
  StepIndex distance = 0;   // 0 if there are none
  std::int64_t tokens = 0;  // outputs appended
  void clear();
};

class Scheduler {
 public:
  struct Options {
    bool run_ahead = true;             // false: nobody cruises. Decisions are the same
    bool track_ids = false;            // of blocks, for a probe (scheduler_probe.h)
    KvConnector* connector = nullptr;  // must outlive the scheduler
    int attention_window = 0;          // tokens; for Decision::cruise_cut_context; 0: none
  };

  // With the policy that the configuration names, or with another one.
  Scheduler(const SchedulerConfig& config, Options options, std::unique_ptr<SchedulingPolicy> policy);
  Scheduler(const SchedulerConfig& config, Options options)
      : Scheduler(config, options, make_policy(config.policy)) {}
  explicit Scheduler(const SchedulerConfig& config) : Scheduler(config, Options{}) {}

  // Makes a request known. Requires 0 < prompt_tokens < max_model_len. `id_order` ranks its id, as
  // a string, among those of all requests.
  RequestSlot create(RequestIndex index, const RequestSpec& spec, std::uint32_t id_order);
  // Puts one that was just created into a waiting queue: one whose grammar is being compiled among the
  // skipped ones, where it stays aside until grammar_compiled().
  void enqueue(RequestSlot slot) {
    (requests_[slot].waits_for_grammar ? skipped_ : waiting_).push(entry_of(slot));
  }
  void grammar_compiled(RequestSlot slot) { requests_[slot].waits_for_grammar = false; }

  // Decides the next step. `throttle` defers prefills (data-parallel balancing). `decision` must
  // stay where it is until update() has seen it.
  void schedule(Decision& decision, bool throttle = false);

  // The empty decision just made belongs to a step all the same: other ranks of a lockstep group
  // compute in it.
  void sit_out(Decision& decision) { decision.step = scheduled_++; }

  // Applies the model's output of a step. Steps are updated in the order they were scheduled. Other ranks'
  // tokens of this step may have set a `distance`.
  void update(Decision& decision, StepOutput& output, StepIndex distance = 0);

  // Steps from here on that schedule() and update() would spend on the cruise alone: nobody is
  // admitted, passed over, computed in chunks or done. 0 if the next one might not be such a step.
  int quiet_steps();
  // Schedules one of them, and updates the oldest in flight; that which remains in flight under
  // asynchronous scheduling, if any, is `flying`. False, and nothing is done, if blocks run short.
  bool quiet_step(Decision* flying);

  // Whether the next step is one in which all that runs verifies drafts and nobody can be admitted; then
  // draft_run() has it. `flying` is the step in flight under asynchronous scheduling; `short_of_blocks` is
  // the last decision's.
  bool begin_draft_run(Decision* flying, bool short_of_blocks);
  const DraftRun& draft_run() const { return draft_run_; }
  bool draft_step_fits() const;
  // Schedules one, as long as one fits, and updates the oldest in flight. `draw()` says how many drafts the
  // next sequence has accepted.
  template <class Draw>
  void draft_step(const Draw& draw) {
    kv_.take_on_account(draft_run_.blocks_needed());
    draft_run_.step(draw);
    ++scheduled_;
    ++updated_;
  }
  // After at least one: every Request is up to date, and `flying` the last one scheduled.
  void end_draft_run(Decision* flying);

  // Takes a request out, wherever it is.
  void finish(RequestSlot slot, RequestStatus status);
  void preempt(RequestSlot slot);
  // Forgets the prefix cache; false if blocks are in use and `preempt_running` does not help. Who is
  // preempted may resume at once: since vllm#48245 (2026-07-29), what the steps in flight make of him is
  // dropped.
  bool reset_prefix_cache(bool preempt_running);
  // What steps in flight compute comes to nothing, and their numbers are given again. It has no request.
  void forget_steps_in_flight();
  // Forgets all that it has cached. It has no request.
  void restart();

  // The load that a connector announced has ended and brought `tokens` of the request's computed tokens: all,
  // or fewer if it failed, and the rest is computed here. Seen by the next schedule().
  void load_ended(RequestSlot slot, RequestIndex index, int tokens);
  // Nobody reads the blocks of a request any longer that KvConnector::keeps_blocks() kept.
  void blocks_sent(RequestIndex index);

  // Whether it may be for loads to end, or for blocks to be read, that nothing can be scheduled.
  bool waits_for_others() const;

  // Everybody leaves the cruise: every Request is up to date.
  void land();

  const SchedulerConfig& config() const { return config_; }
  const KvCache& kv() const { return kv_; }
  const Request& operator[](RequestSlot slot) const { return requests_[slot]; }
  std::int32_t running() const { return running_count_; }
  std::int32_t cruising() const { return cruise_.size(); }
  std::int64_t cruise_context() const { return cruise_.context(); }
  std::int64_t cruise_cut_context() const { return cut_context(); }
  // The adapters of the cruise, and of a decision just made with the cruise's; each once.
  bool cruising_with_adapters() const { return adapters_.any_in_all_steps(); }
  void adapters_of(const Decision& decision, std::vector<AdapterIndex>& adapters) const;
  std::size_t waiting() const { return waiting_.size() + skipped_.size(); }
  bool idle() const { return running_count_ == 0 && waiting() == 0; }
  const PrefixStats& prefix_stats() const { return stats_; }

  std::vector<RequestSlot> running_list() const;  // in order of admission
  std::vector<RequestSlot> waiting_list() const { return waiting_.in_order(); }
  std::vector<RequestSlot> skipped_list() const { return skipped_.in_order(); }
  // The grants of a decision just made, members of the cruise included, in vLLM's order.
  std::vector<Grant> all_grants(const Decision& decision) const;

 private:
  friend class SchedulerProbe;

  // The last admission that blocks refused. While nothing is freed or published, and at least as
  // many tokens are asked for, it stays refused.
  struct Refusal {
    RequestIndex request = ~RequestIndex{0};
    std::uint64_t epoch = 0;
    int budget = 0;
  };
  struct KeptBlocks {  // of a request that is gone
    RequestIndex request;
    SequenceIndex sequence;
  };
  struct GivenUp {         // with a connector: blocks that steps in flight may still write to
    StepIndex free_after;  // so many steps are updated
    SequenceIndex sequence;
  };
  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};  // was admitted then
  enum class Padding : std::uint8_t { none, pad, wait };

  // --- schedule()
  int tokens_wanted(const Request& r) const;
  bool is_fitted(const Request& r) const { return !r.items.empty() || config_.multi_module_mtp; }
  int fitted(const Request& r, int computed, int tokens);
  void encode(Request& r, Grant& grant);
  int to_cacheable_end(const Request& r, int start, int tokens) const;  // scheduler_states.cpp
  void share_budget(int budget);
  void schedule_running(Decision& decision, StepBudget& budget, bool defer);
  void schedule_listed(Decision& decision, StepBudget& budget, bool defer);
  bool allocate(RequestSlot slot, int tokens, Decision& decision, StepBudget& budget, std::size_t& cursor);
  void admit_waiting(Decision& decision, StepBudget& budget, bool defer);
  bool set_aside(const Request& r) const;
  Padding first_decode_padding(int tokens, int hit, const Decision& decision, int budget,
                               bool prefill_in_batch) const;
  void advance(Decision& decision);
  void drop_unscheduled_drafts(const Decision& decision);
  void count_lookup(const Request& r, int hit_tokens);
  SequenceIndex sequence_of(Request& r);  // its tokens in the KV cache, opened if need be

  // --- KV from elsewhere (scheduler_connector.cpp)
  bool promote_loaded(Request& r);
  void begin_load(RequestSlot slot, int computed);
  int reserved_for_prefills() const;
  bool keep_blocks(const Request& r, RequestStatus before);
  void give_up_blocks(const Request& r);
  void free_given_up(StepIndex processed);

  // --- the cruise
  bool cruise_allowed() const;
  int steps_in_flight() const { return config_.async_scheduling ? 1 : 0; }  // while anyone cruises
  std::int64_t cut_context() const { return cuts_contexts_ ? cruise_.cut_context() : cruise_.context(); }
  void list_visits() {
    visited_ = 0;
    due_ = visits_.due(scheduled_);
  }
  void visit_due(std::uint64_t before_admission);
  void leave_due();
  bool nobody_can_be_admitted();
  bool cruise_fits() const;
  void join_cruise(const Decision& decision);
  void settle(Request& r);
  void list_cruising(Decision& decision) const;
  void publish_cruising(const Decision& decision);
  void leave_cruise(Request& r);
  bool runs_drafts() const;
  bool only_verifies(const Request& r, int drafts) const;
  int drafts_after(std::size_t requests) const;
  int blocks_for(int tokens) const { return (tokens + config_.block_size - 1) / config_.block_size; }

  // --- update()
  void apply(const Decision& decision, const Grant& grant, StepOutput& output);
  void release_items(Request& r);
  void note_token(Request& r, StepIndex step, StepOutput& output);
  bool list_ending(StepIndex step);
  void finish_due(std::uint64_t before_admission, StepOutput& output);
  int regular_distance() const { return blis::regular_distance(config_); }

  // --- the policy
  class Running;
  static KnownRequest known(const Request& r);
  void rank_waiting();

  // --- lists
  WaitingQueue::Entry entry_of(RequestSlot slot) const;
  WaitingQueue& next_queue();
  void append_running(RequestSlot slot);
  void remove_running(RequestSlot slot);
  void put_back(RequestSlot victim, bool drop_stale = false);
  void retire(RequestSlot slot, RequestStatus before);
  void recycle();
  bool alive(const Grant& grant) const;

  SchedulerConfig config_;
  Options options_;
  std::unique_ptr<SchedulingPolicy> policy_;
  KvConnector* const connector_;
  const bool has_ranks_;   // of the policy
  const bool may_cruise_;  // likewise
  KvCache kv_;
  EncoderCache encoder_;
  Adapters adapters_;
  const bool cuts_contexts_;  // some are longer than the attention window
  Cruise cruise_;
  const bool cruise_allowed_;
  const bool visits_members_;
  CruiseVisits visits_;
  const bool runs_drafts_;
  DraftRun draft_run_;
  bool refuses_head_ = false;  // the draft run goes on while somebody waits for blocks
  const bool aligned_states_;  // some group keeps states where steps end
  PrefixStats stats_;

  std::vector<Request> requests_;  // by slot
  std::vector<RequestSlot> unused_;
  std::vector<RequestSlot> leaving_;  // finished; recycled at the next call
  RequestSlot running_head_ = kNoSlot, running_tail_ = kNoSlot;
  std::int32_t running_count_ = 0;
  std::vector<RequestSlot> listed_;  // running and not cruising, in order of admission
  std::vector<Share> shares_;  // of a policy that may not cruise: what those in listed_ get in this step
  WaitingQueue waiting_, skipped_;

  std::uint64_t calls_ = 0;  // of schedule()
  StepIndex scheduled_ = 0;  // steps scheduled so far: the next one's number
  StepIndex updated_ = 0;
  StepIndex left_until_ = 0;  // members whose last token comes in an earlier step have left
  std::uint64_t admissions_ = 0;
  std::uint64_t youngest_cruising_ = 0;  // no member was admitted later
  bool capacity_bound_ = false;
  Refusal refusal_;
  EncoderPlan encoder_plan_;                  // of the request at hand
  int encoder_budget_ = 0;                    // embeddings left in this step
  std::vector<Decision*> in_flight_;          // with cruising members
  std::vector<RequestSlot> shared_outputs_;   // members whose output others may look up
  std::span<const CruiseVisits::Visit> due_;  // members to visit in this step, in order
  std::size_t visited_ = 0;                   // so many of them have been
  std::vector<RequestSlot> ending_;           // members whose last token is in this step, in order
  std::size_t ended_ = 0;                     // so many of them have
  std::vector<WaitingQueue::Entry> held_;
  std::vector<RequestSlot> prefills_;  // with a connector: begun and not at their last known token
  std::vector<KeptBlocks> kept_blocks_;
  std::deque<GivenUp> given_up_;
};

}  // namespace blis
