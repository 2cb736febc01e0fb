#include "tools/conform/production.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "sim/vllm/scheduler_probe.h"
#include "tools/conform/conversations.h"
#include "tools/conform/fake_connector.h"

namespace blis::conform {
namespace {

constexpr std::array<std::pair<RequestStatus, std::string_view>, 8> kStatusNames{{
    {RequestStatus::waiting, "WAITING"},
    {RequestStatus::waiting_for_remote_kv, "WAITING_FOR_REMOTE_KVS"},
    {RequestStatus::running, "RUNNING"},
    {RequestStatus::preempted, "PREEMPTED"},
    {RequestStatus::finished_stopped, "FINISHED_STOPPED"},
    {RequestStatus::finished_length, "FINISHED_LENGTH_CAPPED"},
    {RequestStatus::finished_aborted, "FINISHED_ABORTED"},
    {RequestStatus::finished_error, "FINISHED_ERROR"},
}};

std::string_view name_of(RequestStatus status) {
  return std::find_if(kStatusNames.begin(), kStatusNames.end(), [&](auto& n) { return n.first == status; })
      ->second;
}

// Ways to finish that the engine does not tell apart are aborts to it.
RequestStatus status_named(std::string_view name) {
  const auto known = std::ranges::find(kStatusNames, name, &decltype(kStatusNames)::value_type::second);
  return known == kStatusNames.end() ? RequestStatus::finished_aborted : known->first;
}

class ProductionUnderTest final : public SchedulerUnderTest {
 public:
  ProductionUnderTest(const VectorConfig& config, RunAhead run_ahead)
      : config_(config.scheduler),
        watermark_blocks_(
            static_cast<int>(config.scheduler.behaviour.watermark * config.scheduler.num_blocks)),
        run_ahead_(run_ahead == RunAhead::on),
        auto_draft_(config.auto_draft),
        connector_(config.scheduler.block_size),
        scheduler_(config.scheduler, {.run_ahead = run_ahead_,
                                      .track_ids = !run_ahead_,
                                      .connector = config.external_kv ? &connector_ : nullptr}) {}

  void create(const NewRequest& request) override {
    RequestSpec spec = to_spec(request);
    if (run_ahead_ && spec.prompt_tokens >= config_.max_model_len)
      throw std::runtime_error("`" + request.id + "` is too long for the engine to run ahead");
    // The engine need not follow outputs that nobody asks for; scripts may name them, runs do not.
    if (run_ahead_ && !request.continued) spec.output_content = kPrivateContent;
    Entry& entry = entries_[request.id];
    entry.slot = scheduler_.create(request.order, spec, request.id_order);
    entry.output_content = request.output_content;
    entry.order = request.order;
    connector_.know(request);
    if (ids_.size() <= entry.slot) ids_.resize(entry.slot + 1);
    ids_[entry.slot] = request.id;
  }

  void add(const std::string& id) override {
    scheduler_.enqueue(at(id).slot);
    at(id).added = true;
  }

  void grammar_compiled(const std::string& id) override {
    if (!at(id).last) scheduler_.grammar_compiled(at(id).slot);
  }

  void at_step(int step) override {
    for (const RequestIndex index : connector_.at_step(step)) end_load(index);
  }

  conform::NamedDecision schedule(bool throttle) override {
    steps_.push_back(std::make_unique<Step>());
    blis::Decision& d = steps_.back()->decision;
    scheduler_.schedule(d, throttle);
    conform::NamedDecision result;
    result.number = static_cast<int>(steps_.size()) - 1;
    for (RequestSlot slot : d.admitted) {
      (scheduler_[slot].preemptions > 0 ? result.resumed : result.admitted).push_back(ids_[slot]);
    }
    for (RequestSlot slot : d.preempted) result.preempted.push_back(ids_[slot]);
    for (const auto& [slot, tokens] : d.hits) result.hits[ids_[slot]] = tokens;
    for (const Grant& grant : scheduler_.all_grants(d)) {
      const std::string& id = ids_[grant.slot];
      result.tokens.emplace_back(id, grant.tokens);
      if (grant.drafts > 0) result.drafts[id] = grant.drafts;
      if (grant.samples) steps_.back()->sampling.push_back(id);
      if (std::ranges::find(d.admitted, grant.slot) == d.admitted.end()) result.running.push_back(id);
    }
    return result;
  }

  std::vector<std::string> update(const conform::NamedDecision& decision,
                                  const ModelOutput& output) override {
    if (decision.tokens.empty()) return {};  // for the engine, there was no step
    Step& step = *steps_.at(static_cast<std::size_t>(decision.number));
    for (Grant& grant : step.decision.grants) play_model(grant, output);
    // The engine does not count one by one what it carries along; each sampled one token.
    for (const std::string& id : step.sampling) {
      Entry& entry = at(id);
      if (!entry.last && scheduler_[entry.slot].cruise.member) ++entry.outputs;
    }
    const std::vector<int> drafts = drafts_of(step.decision);
    scheduler_.update(step.decision, output_);
    if (!auto_draft_) set_drafts(step.decision, drafts);
    std::vector<std::string> finished;
    for (RequestSlot slot : output_.finished) {
      finished.push_back(ids_[slot]);
      at(ids_[slot]).last = state_of(slot);
    }
    for (const auto& [id, tokens] : decision.tokens) {
      Entry& entry = at(id);
      if (!entry.last && !scheduler_[entry.slot].cruise.member)
        entry.outputs = scheduler_[entry.slot].outputs();
    }
    return finished;
  }

  void draft(const std::string& id, int n) override {
    const Entry& entry = at(id);
    if (!entry.added || entry.last) return;
    Request& r = probe_.request(entry.slot);
    r.drafts = r.is_chunk ? 0 : n;
  }

  void finish(const std::string& id, std::string_view status) override {
    Entry& entry = at(id);
    if (!entry.added || entry.last) return;
    scheduler_.finish(entry.slot, status_named(status));
    entry.last = state_of(entry.slot);
    entry.last->status = status;
  }

  void preempt(const std::string& id) override {
    if (live(id).status != RequestStatus::running) throw std::runtime_error("`" + id + "` is not running");
    scheduler_.preempt(at(id).slot);
  }
  bool reset_prefix_cache(bool preempt_running) override {
    return scheduler_.reset_prefix_cache(preempt_running);
  }
  void set_config(const VectorConfig& config) override {
    config_ = config.scheduler;
    auto_draft_ = config.auto_draft;
    probe_.reconfigure(config_);
  }

  Hit kv_lookup(const std::string& id) override {
    Entry& entry = at(id);
    entry.hit_tokens = look_up(live(id));
    return {entry.hit_tokens, probe_.cache().hit_blocks()};
  }

  std::optional<std::vector<int>> kv_alloc(const std::string& id, const Allocation& wanted) override {
    Request& r = live(id);
    const std::vector<std::vector<int>> before = blocks_by_group(r);
    const bool holds_none = std::ranges::all_of(before, [](const auto& blocks) { return blocks.empty(); });
    const int hit = holds_none ? at(id).hit_tokens : 0;
    if (!(holds_none ? admit(r, hit, wanted) : grow(r, wanted))) return std::nullopt;
    std::vector<int> fresh;
    const std::vector<std::vector<int>> after = blocks_by_group(r);
    for (std::size_t g = 0; g < after.size(); ++g) {
      const std::size_t had = before[g].size() + static_cast<std::size_t>(hit / config_.block_size);
      fresh.insert(fresh.end(), after[g].begin() + static_cast<std::ptrdiff_t>(had), after[g].end());
    }
    r.computed += hit + wanted.tokens;
    return fresh;
  }

  void kv_free(const std::string& id) override {
    if (!at(id).last) probe_.kv().release(probe_.sequence_of(live(id)));
  }
  void kv_evict_block(int block) override { probe_.cache().drop_hash(block); }

  void append_output(const std::string& id, ContentId value, int count) override {
    Request& r = live(id);
    for (int i = 0; i < count; ++i, ++r.num_tokens) {
      probe_.cache().continue_with(probe_.sequence_of(r), r.num_tokens, value);
    }
    at(id).outputs = r.outputs();
    at(id).value_given = true;
  }

  int free_blocks() const override { return scheduler_.kv().free_blocks(); }
  std::vector<int> free_order() const override { return probe_.cache().pool().free_order(); }
  std::int64_t evicted_blocks() const override { return scheduler_.kv().evicted_blocks(); }
  std::vector<std::string> running_queue() const override { return ids(scheduler_.running_list()); }
  std::vector<std::string> waiting_queue() const override { return ids(scheduler_.waiting_list()); }
  std::vector<std::string> skipped_queue() const override { return ids(scheduler_.skipped_list()); }

  RequestState request(const std::string& id) const override {
    const Entry& entry = at(id);
    if (entry.last) return *entry.last;
    RequestState state = state_of(entry.slot);
    state.num_out = entry.outputs;
    return state;
  }

  std::vector<int> blocks(const std::string& id) const override {
    std::vector<int> all;
    if (at(id).last) return all;
    for (const std::vector<int>& group : blocks_by_group(scheduler_[at(id).slot])) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }
  bool hashed(int block) const override { return probe_.cache().pool().hashed(block); }
  int ref(int block) const override {
    if (const int refs = probe_.cache().pool().refs(block); refs > 0 || hashed(block)) return refs;
    const std::vector<int> free = free_order();
    const bool held = block != 0 && std::ranges::find(free, block) == free.end();
    return held ? 1 : 0;  // unpublished blocks have one holder
  }
  int cached_hashes() const override { return probe_.cache().pool().distinct_hashes(); }
  CacheStats stats() const override {
    const PrefixStats& s = scheduler_.prefix_stats();
    return {s.requests, s.queries, s.hits, s.preempted_requests, s.preempted_queries, s.preempted_hits};
  }
  int unfinished() const override { return scheduler_.running() + static_cast<int>(scheduler_.waiting()); }

 private:
  struct Entry {
    RequestSlot slot = kNoSlot;
    RequestIndex order = 0;
    bool added = false;
    std::optional<RequestState> last;  // once it has finished: its slot is another's then
    ContentId output_content = kPrivateContent;
    int outputs = 0;
    bool value_given = false;  // of the last output
    int hit_tokens = 0;        // of the last kv_lookup
  };

  struct Step {
    blis::Decision decision;
    std::vector<std::string> sampling;  // requests that compute all their known tokens
  };

  Entry& at(const std::string& id) { return entries_.at(id); }
  const Entry& at(const std::string& id) const { return entries_.at(id); }
  Request& live(const std::string& id) {
    if (at(id).last) throw std::runtime_error("`" + id + "` has finished");
    return probe_.request(at(id).slot);
  }
  std::vector<std::string> ids(const std::vector<RequestSlot>& slots) const {
    std::vector<std::string> result;
    for (RequestSlot slot : slots) result.push_back(ids_[slot]);
    return result;
  }
  RequestState state_of(RequestSlot slot) const {
    const Request& r = scheduler_[slot];
    return {.status = name_of(r.status),
            .num_out = r.outputs(),
            .computed = r.computed,
            .num_tokens = r.num_tokens,
            .drafts = r.drafts,
            .preemptions = static_cast<int>(r.preemptions),
            .cached_tokens = r.hit_tokens};
  }

  void end_load(RequestIndex index) {
    const auto entry = std::ranges::find_if(entries_, [&](const auto& e) { return e.second.order == index; });
    const RequestSlot slot = entry->second.slot;
    scheduler_.load_ended(slot, index, scheduler_[slot].computed);
  }

  // What comes out of the model for this grant, and what it is called.
  void play_model(Grant& grant, const ModelOutput& output) {
    const std::string& id = ids_[grant.slot];
    Entry& entry = at(id);
    if (entry.last) return;
    if (const auto n = output.accepted.find(id); n != output.accepted.end()) grant.accepted = n->second;
    const auto given = output.tokens.find(id);
    const bool any = given == output.tokens.end() ? grant.samples : given->second.count > 0;
    if (given != output.tokens.end()) grant.outputs = given->second.count;
    if (!any) return;
    Request& r = probe_.request(grant.slot);
    const bool values = given != output.tokens.end() && !given->second.values.empty();
    if (values) {
      int start = r.num_tokens;
      for (ContentId value : given->second.values)
        probe_.cache().continue_with(probe_.sequence_of(r), start++, value);
    } else if (entry.value_given) {
      const auto number = static_cast<ContentId>(r.outputs());
      probe_.cache().continue_with(probe_.sequence_of(r), r.num_tokens, entry.output_content + number);
    }
    entry.value_given = values;
  }

  // Without automatic drafts, those that an update proposes are taken back: a script sets its own.
  std::vector<int> drafts_of(const blis::Decision& decision) const {
    std::vector<int> drafts;
    for (const Grant& grant : decision.grants) drafts.push_back(scheduler_[grant.slot].drafts);
    return drafts;
  }
  void set_drafts(const blis::Decision& decision, const std::vector<int>& drafts) {
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      Request& r = probe_.request(decision.grants[i].slot);
      if (r.index == decision.grants[i].request) r.drafts = drafts[i];
    }
  }

  int look_up(Request& r) {
    const SequenceIndex sequence = probe_.sequence_of(r);
    if (!r.skip_cache_read) return probe_.kv().lookup(sequence, r.num_tokens);
    probe_.kv().skip_lookup();
    return 0;
  }

  bool admit(Request& r, int hit, const Allocation& wanted) {
    if (r.computed != 0) throw std::runtime_error("an admission of a request with computed tokens");
    if (hit == 0) {
      probe_.sequence_of(r);
      probe_.kv().skip_lookup();
    } else if (look_up(r) != hit) {
      throw std::runtime_error("the hit has changed between kv_lookup and kv_alloc");
    }
    return probe_.kv().admit(r.sequence, {.known_tokens = r.num_tokens,
                                          .new_tokens = wanted.tokens,
                                          .lookahead = wanted.lookahead,
                                          .reserve_full = wanted.full_fit,
                                          .anyone_running = wanted.has_running});
  }

  // The engine's running requests know no admission gates; those of a script are waiting all along.
  bool grow(Request& r, const Allocation& wanted) {
    KvCache& kv = probe_.kv();
    const bool gated = wanted.has_running && r.status != RequestStatus::running;
    const int watermark = gated ? watermark_blocks_ : 0;
    const auto fits = [&](int tokens) {
      return kv.blocks_needed_to_grow(r.sequence, std::min(tokens, config_.max_model_len)) + watermark <=
             kv.free_blocks();
    };
    if (wanted.full_fit && !fits(r.num_tokens)) return false;
    if (!fits(r.computed + wanted.tokens + wanted.lookahead)) return false;
    return kv.grow(r.sequence, {.computed = r.computed,
                                .in_flight = r.in_flight,
                                .new_tokens = wanted.tokens,
                                .lookahead = wanted.lookahead,
                                .known_tokens = r.num_tokens});
  }

  std::vector<std::vector<int>> blocks_by_group(const Request& r) const {
    std::vector<std::vector<int>> groups(config_.kv_groups.size());
    if (!r.has_sequence) return groups;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      groups[g] = probe_.cache().blocks(r.sequence, static_cast<int>(g));
    }
    return groups;
  }

  SchedulerConfig config_;
  int watermark_blocks_;  // those of the start, whatever set_config says
  bool run_ahead_;
  bool auto_draft_;
  FakeConnector connector_;
  Scheduler scheduler_;
  SchedulerProbe probe_{scheduler_};
  std::map<std::string, Entry> entries_;
  std::vector<std::string> ids_;  // by slot
  std::vector<std::unique_ptr<Step>> steps_;
  StepOutput output_;
};

// The pool has no null block in its queue, so block n of the vector is its block n + 1.
class ProductionQueue final : public FreeQueueUnderTest {
 public:
  explicit ProductionQueue(int num_blocks) : pool_(tree_, num_blocks, 1, true) {}

  std::vector<int> popleft(int n) override {
    if (n > pool_.free_blocks()) throw std::out_of_range("the free queue is too short");
    std::vector<BlockId> ids;
    pool_.take(n, ids);
    return moved(ids, -1);
  }
  void remove(int block) override {
    const std::vector<int> queue = order();
    if (std::ranges::find(queue, block) == queue.end())
      throw std::out_of_range("block " + std::to_string(block) + " is not in the queue");
    probe_.remove_from_queue(block + 1);
  }
  void append(std::span<const int> blocks) override { give(blocks, false); }
  void prepend(std::span<const int> blocks) override { give(blocks, true); }
  std::vector<int> order() const override { return moved(probe_.free_order(), -1); }

 private:
  static std::vector<int> moved(std::span<const int> ids, int by) {
    std::vector<int> result;
    for (int id : ids) result.push_back(id + by);
    return result;
  }
  void give(std::span<const int> blocks, bool to_head) {
    pool_.free_blank(static_cast<int>(blocks.size()), moved(blocks, 1), to_head);
  }

  ContentTree tree_;
  BlockPool pool_;
  PoolProbe probe_{pool_};
};

}  // namespace

std::unique_ptr<SchedulerUnderTest> make_production_scheduler(const VectorConfig& config,
                                                              RunAhead run_ahead) {
  return std::make_unique<ProductionUnderTest>(config, run_ahead);
}

Subject production_subject() {
  return {.scheduler =
              [](const VectorConfig& config) { return make_production_scheduler(config, RunAhead::off); },
          .free_queue = [](int num_blocks) { return std::make_unique<ProductionQueue>(num_blocks); },
          .formulas = production_formulas()};
}

}  // namespace blis::conform
