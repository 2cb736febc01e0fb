// The oracle: vLLM V1's scheduler as its specification reads, with no thought of speed. Everything
// is spelled out and recomputed; what the production engine decides must equal what this decides.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/encoder_cache.h"
#include "tests/oracle/kv_cache.h"
#include "tests/oracle/request.h"

namespace blis::oracle {

struct Grant {
  Request* request = nullptr;
  int tokens = 0;
  int drafts = 0;                         // of them, draft tokens to verify
  bool samples = false;                   // the step computes all tokens known, so a token comes out
  std::vector<MultimodalItem> encoded{};  // items that the encoder computes in this step
};

struct NamedDecision {
  std::vector<Grant> grants;  // in order of decision
  std::vector<Request*> admitted, resumed, running, preempted;
  std::map<std::string, int> hits;  // of each admission
  int next_drafts = 0;              // each sequence that samples gets so many
};

// What came out of the model for one request.
struct Sampled {
  int accepted = 0;                                             // drafts
  std::optional<std::vector<std::optional<ContentId>>> tokens;  // instead of 1 + accepted unnamed ones
};

struct PrefixCounts {
  int requests = 0, queries = 0, hits = 0;
};

// First come, first served; or, for the priority policy, always in order.
class WaitingQueue {
 public:
  explicit WaitingQueue(bool by_priority) : by_priority_(by_priority) {}

  bool empty() const { return requests_.empty(); }
  Request* head() const { return requests_.front(); }
  const std::deque<Request*>& all() const { return requests_; }
  void append(Request* r);
  void prepend(Request* r);  // where its priority says, if that counts
  void remove(Request* r) { std::erase(requests_, r); }
  static bool before(const Request* a, const Request* b);

 private:
  void insert_in_order(Request* r);
  bool by_priority_;
  std::deque<Request*> requests_;
};

class Scheduler {
 public:
  // `external_kv`: there is a connector, by whom KV comes from elsewhere.
  explicit Scheduler(const SchedulerConfig& config, bool external_kv = false);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void add(Request& r);                                   // must outlive the scheduler
  void grow(Request& r, std::optional<ContentId> value);  // appends an output
  void complete_keys(Request& r) { r.extend_keys(keys_, config_.block_size); }

  // The step that schedule() is called for next.
  void at_step(int step) { step_ = step; }
  NamedDecision schedule(bool throttle);
  // `sampled` has an entry for every grant. `draft_again`: who sampled gets new drafts (synchronous
  // scheduling). Answers who finished, in order.
  std::vector<Request*> update(const NamedDecision& decision, const std::map<std::string, Sampled>& sampled,
                               bool draft_again);

  void finish(Request& r, Status status);
  void preempt_running(Request& r);
  bool reset_prefix_cache(bool preempt_running);
  void reconfigure(const SchedulerConfig& config) { config_ = config; }

  KvCache& kv() { return kv_; }
  const KvCache& kv() const { return kv_; }
  const std::vector<Request*>& running() const { return running_; }
  const WaitingQueue& waiting() const { return waiting_; }
  const WaitingQueue& skipped() const { return skipped_; }
  const PrefixCounts& first_admissions() const { return first_admissions_; }
  const PrefixCounts& readmissions() const { return readmissions_; }

 private:
  struct Step;  // one schedule() call in the making

  bool by_priority() const { return config_.policy == "priority"; }
  void schedule_running(Step& step);
  bool allocate_or_preempt(Step& step, Request& r, int tokens);
  int to_cacheable_end(const Request& r, int start, int tokens) const;
  Request* pick_victim() const;
  void withdraw(Step& step, Request& victim, int index);
  void schedule_waiting(Step& step);
  WaitingQueue& next_queue();
  bool must_wait(const Step& step, const Request& r) const;
  int fitted(Step& step, const Request& r, int computed, int tokens, std::vector<MultimodalItem>& to_encode);
  void encode(Step& step, const Request& r, Grant& grant, std::vector<MultimodalItem> items);
  void let_go_of_items(const Request& r);
  std::optional<int> padded(const Step& step, int tokens, int computed) const;
  int tokens_elsewhere(const Request& r, int local) const;
  bool promote(Request& r);
  int reserved_blocks() const;
  void advance(Step& step);
  void count_lookup(const Request& r, const Hit& hit);
  void preempt(Request& r, bool drop_stale = false);
  void give_up_blocks(const Request& r);
  void retire(Request& r, Status before);
  void apply(const NamedDecision& decision, const Grant& grant, const Sampled& sampled, bool draft_again,
             std::vector<Request*>& finished);

  SchedulerConfig config_;
  KvCache kv_;
  EncoderCache encoder_;
  PrefixKeys keys_;
  WaitingQueue waiting_, skipped_;
  std::vector<Request*> running_;      // in order of admission
  std::set<const Request*> prefills_;  // begun, loads included, and not at their last known token
  int calls_ = 0;                      // of schedule()
  int step_ = 0;                       // of the recording, which counts others, too
  // With a connector, blocks are not free before the steps have ended that were in flight.
  const bool external_kv_;
  int scheduled_ = 0, processed_ = 0;                      // steps
  std::deque<std::pair<int, std::vector<int>>> given_up_;  // free when so many steps are processed
  bool capacity_bound_ = false;                            // the last unthrottled step left requests waiting
  PrefixCounts first_admissions_, readmissions_;
};

}  // namespace blis::oracle
