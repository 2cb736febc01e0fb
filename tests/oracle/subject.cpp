#include "tests/oracle/subject.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/oracle/scheduler.h"

namespace blis::oracle {
namespace {

constexpr std::array<std::pair<Status, std::string_view>, 7> kStatusNames{{
    {Status::waiting, "WAITING"},
    {Status::waiting_for_remote_kv, "WAITING_FOR_REMOTE_KVS"},
    {Status::running, "RUNNING"},
    {Status::preempted, "PREEMPTED"},
    {Status::finished_stopped, "FINISHED_STOPPED"},
    {Status::finished_length, "FINISHED_LENGTH_CAPPED"},
    {Status::finished_aborted, "FINISHED_ABORTED"},
}};

std::string_view name_of(Status status) {
  return std::find_if(kStatusNames.begin(), kStatusNames.end(), [&](auto& n) { return n.first == status; })
      ->second;
}

Status status_named(std::string_view name) {
  for (const auto& [status, text] : kStatusNames) {
    if (text == name) return status;
  }
  throw std::runtime_error("unknown status " + std::string(name));
}

std::vector<std::string> ids(const auto& requests) {
  std::vector<std::string> result;
  for (const Request* r : requests) result.push_back(r->id);
  return result;
}

class OracleUnderTest final : public conform::SchedulerUnderTest {
 public:
  explicit OracleUnderTest(const conform::VectorConfig& config)
      : scheduler_(config.scheduler, config.external_kv), auto_draft_(config.auto_draft) {}

  void create(const conform::NewRequest& request) override {
    Request& r = requests_[request.id];
    r = {.id = request.id,
         .priority = request.priority,
         .arrival = request.arrival,
         .max_tokens = request.max_tokens,
         .eos_after = request.eos_after,
         .skip_cache_read = request.skip_cache_read,
         .remote_tokens = request.remote_tokens,
         .remote_async = request.remote_async,
         .remote_load_steps = request.remote_load_steps,
         .salt = request.cache_salt,
         .adapter = request.adapter,
         .waits_for_grammar = request.waits_for_grammar,
         .items = request.items,
         .output_content = request.output_content};
    for (const ContentRun& run : request.prompt) {
      for (int i = 0; i < run.tokens; ++i) r.tokens.push_back({run.content, i});
    }
    r.num_prompt = r.num_tokens();
    scheduler_.complete_keys(r);
  }

  void add(const std::string& id) override { scheduler_.add(at(id)); }

  void grammar_compiled(const std::string& id) override { at(id).waits_for_grammar = false; }

  void at_step(int step) override { scheduler_.at_step(step); }

  conform::NamedDecision schedule(bool throttle) override {
    decisions_.push_back(scheduler_.schedule(throttle));
    const NamedDecision& d = decisions_.back();
    conform::NamedDecision result{.admitted = ids(d.admitted),
                                  .resumed = ids(d.resumed),
                                  .running = ids(d.running),
                                  .preempted = ids(d.preempted),
                                  .tokens = {},
                                  .drafts = {},
                                  .hits = d.hits,
                                  .number = static_cast<int>(decisions_.size()) - 1};
    for (const Grant& grant : d.grants) {
      result.tokens.emplace_back(grant.request->id, grant.tokens);
      if (grant.drafts > 0) result.drafts[grant.request->id] = grant.drafts;
    }
    return result;
  }

  std::vector<std::string> update(const conform::NamedDecision& decision,
                                  const conform::ModelOutput& output) override {
    std::map<std::string, Sampled> sampled;
    for (const auto& [id, tokens] : decision.tokens) {
      Sampled& s = sampled[id];
      if (const auto found = output.accepted.find(id); found != output.accepted.end())
        s.accepted = found->second;
      const auto given = output.tokens.find(id);
      if (given == output.tokens.end()) continue;
      s.tokens.emplace(static_cast<std::size_t>(given->second.count), std::nullopt);
      std::copy(given->second.values.begin(), given->second.values.end(), s.tokens->begin());
    }
    const NamedDecision& ours = decisions_.at(static_cast<std::size_t>(decision.number));
    return ids(scheduler_.update(ours, sampled, auto_draft_));
  }

  void draft(const std::string& id, int n) override {
    Request& r = at(id);
    if (r.known) r.drafts = r.mid_prefill ? 0 : n;
  }
  void finish(const std::string& id, std::string_view status) override {
    scheduler_.finish(at(id), status_named(status));
  }
  void preempt(const std::string& id) override { scheduler_.preempt_running(at(id)); }
  bool reset_prefix_cache(bool preempt_running) override {
    return scheduler_.reset_prefix_cache(preempt_running);
  }
  void set_config(const conform::VectorConfig& config) override { scheduler_.reconfigure(config.scheduler); }

  Hit kv_lookup(const std::string& id) override {
    const oracle::Hit& hit = hits_[id] = scheduler_.kv().lookup(at(id));
    return {hit.tokens, hit.blocks[0]};
  }
  std::optional<std::vector<int>> kv_alloc(const std::string& id, const Allocation& wanted) override {
    Request& r = at(id);
    const bool first = !scheduler_.kv().holds_blocks(id) && hits_.contains(id);
    const oracle::Hit hit = first ? hits_[id] : scheduler_.kv().empty_hit();
    auto blocks = scheduler_.kv().allocate(r,
                                           {.tokens = wanted.tokens,
                                            .lookahead = wanted.lookahead,
                                            .full_fit = wanted.full_fit,
                                            .has_running = wanted.has_running},
                                           hit);
    if (blocks) r.computed += hit.tokens + wanted.tokens;
    return blocks;
  }
  void kv_free(const std::string& id) override { scheduler_.kv().free(at(id)); }
  void kv_evict_block(int block) override { scheduler_.kv().pool().drop_key(block); }
  void append_output(const std::string& id, ContentId value, int count) override {
    for (int i = 0; i < count; ++i) scheduler_.grow(at(id), value);
  }

  int free_blocks() const override { return scheduler_.kv().pool().num_free(); }
  std::vector<int> free_order() const override { return scheduler_.kv().pool().free_order(); }
  std::int64_t evicted_blocks() const override { return scheduler_.kv().pool().evicted(); }
  std::vector<std::string> running_queue() const override { return ids(scheduler_.running()); }
  std::vector<std::string> waiting_queue() const override { return ids(scheduler_.waiting().all()); }
  std::vector<std::string> skipped_queue() const override { return ids(scheduler_.skipped().all()); }
  conform::RequestState request(const std::string& id) const override {
    const Request& r = requests_.at(id);
    return {.status = name_of(r.status),
            .num_out = r.num_out,
            .computed = r.computed,
            .num_tokens = r.num_tokens(),
            .drafts = r.drafts,
            .preemptions = r.preemptions,
            .cached_tokens = r.cached_tokens};
  }
  std::vector<int> blocks(const std::string& id) const override { return scheduler_.kv().blocks(id); }
  bool hashed(int block) const override { return scheduler_.kv().pool()[block].key.has_value(); }
  int ref(int block) const override { return scheduler_.kv().pool()[block].ref; }
  int cached_hashes() const override { return scheduler_.kv().pool().num_keys(); }
  conform::CacheStats stats() const override {
    const PrefixCounts &first = scheduler_.first_admissions(), &again = scheduler_.readmissions();
    return {first.requests, first.queries, first.hits, again.requests, again.queries, again.hits};
  }
  int unfinished() const override {
    return static_cast<int>(scheduler_.running().size() + scheduler_.waiting().all().size() +
                            scheduler_.skipped().all().size());
  }

 private:
  Request& at(const std::string& id) { return requests_.at(id); }

  std::map<std::string, Request> requests_;
  Scheduler scheduler_;
  bool auto_draft_;
  std::vector<NamedDecision> decisions_;
  std::map<std::string, oracle::Hit> hits_;
};

class OracleQueue final : public conform::FreeQueueUnderTest {
 public:
  explicit OracleQueue(int num_blocks) : queue_(num_blocks) {}
  std::vector<int> popleft(int n) override {
    std::vector<int> popped;
    for (int i = 0; i < n; ++i) popped.push_back(queue_.pop_head());
    return popped;
  }
  void remove(int block) override { queue_.remove(block); }
  void append(std::span<const int> blocks) override { queue_.append(blocks); }
  void prepend(std::span<const int> blocks) override { queue_.prepend(blocks); }
  std::vector<int> order() const override { return queue_.order(); }

 private:
  FreeQueue queue_;
};

}  // namespace

std::unique_ptr<conform::SchedulerUnderTest> make_scheduler(const conform::VectorConfig& config) {
  return std::make_unique<OracleUnderTest>(config);
}

conform::Subject subject() {
  return {.scheduler = make_scheduler,
          .free_queue = [](int num_blocks) { return std::make_unique<OracleQueue>(num_blocks); },
          .formulas = formulas()};
}

}  // namespace blis::oracle
