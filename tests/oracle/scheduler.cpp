#include "tests/oracle/scheduler.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <tuple>

namespace blis::oracle {

// ---------------------------------------------------------------- waiting

bool WaitingQueue::before(const Request* a, const Request* b) {
  return std::tie(a->priority, a->arrival, a->id) < std::tie(b->priority, b->arrival, b->id);
}

void WaitingQueue::insert_in_order(Request* r) {
  requests_.insert(std::upper_bound(requests_.begin(), requests_.end(), r, before), r);
}

void WaitingQueue::append(Request* r) {
  by_priority_ ? insert_in_order(r) : requests_.push_back(r);
}

void WaitingQueue::prepend(Request* r) {
  by_priority_ ? insert_in_order(r) : requests_.push_front(r);
}

// ---------------------------------------------------------------- the scheduler

struct Scheduler::Step {
  int budget = 0;       // tokens
  int rows = 0;         // of the model's input
  int rows_beside = 0;  // that the draft model takes for each request, beside its tokens
  int embeds = 0;       // that the encoder may still compute
  bool defer_prefill = false;
  NamedDecision decision{};
  std::size_t cursor = 0;        // phase 1: the running request at hand
  bool prefill_granted = false;  // phase 1 granted tokens to a request that was mid-prefill

  int most() const { return std::min(budget, rows - rows_beside); }  // tokens of one more request
  void take(int tokens) {
    budget -= tokens;
    rows -= tokens + rows_beside;
  }

  Grant* grant_of(const Request& r) {
    auto& grants = decision.grants;
    const auto found =
        std::find_if(grants.begin(), grants.end(), [&](const Grant& g) { return g.request == &r; });
    return found == grants.end() ? nullptr : &*found;
  }
};

Scheduler::Scheduler(const SchedulerConfig& config, bool external_kv)
    : config_(config),
      kv_(config_),
      encoder_(config.encoder.cache_size),
      waiting_(by_priority()),
      skipped_(by_priority()),
      external_kv_(external_kv) {}

void Scheduler::add(Request& r) {
  r.known = true;
  (r.waits_for_grammar ? skipped_ : waiting_).append(&r);
}

void Scheduler::grow(Request& r, std::optional<ContentId> value) {
  r.append_output(value);
  complete_keys(r);
}

NamedDecision Scheduler::schedule(bool throttle) {
  ++calls_;
  Step step{.budget = config_.token_budget(),
            .rows = config_.max_num_batched_tokens,
            .rows_beside = config_.max_num_new_slots_for_drafting,
            .embeds = config_.encoder.compute_budget};
  kv_.new_step();
  const bool decoding =
      std::any_of(running_.begin(), running_.end(), [](const Request* r) { return !r->mid_prefill; });
  step.defer_prefill = throttle && !capacity_bound_ && decoding;
  schedule_running(step);
  if (step.decision.preempted.empty()) schedule_waiting(step);
  assert(step.budget >= 0 && static_cast<int>(running_.size()) <= config_.max_num_seqs);
  advance(step);
  return std::move(step.decision);
}

// Phase 1: running requests, in order of admission. Short of blocks, they preempt.
void Scheduler::schedule_running(Step& step) {
  while (step.cursor < running_.size() && step.most() > 0) {
    Request& r = *running_[step.cursor];
    // Asynchronous: the step in flight already reaches max_tokens.
    const bool ends_in_flight =
        r.placeholders > 0 && r.computed + 2 - r.placeholders >= r.num_prompt + r.max_tokens;
    int tokens = r.num_tokens() + r.drafts + r.placeholders - r.computed;
    const int threshold = config_.long_prefill_token_threshold;
    if (threshold > 0) tokens = std::min(tokens, threshold);
    tokens = std::min({tokens, step.most(), config_.max_model_len - 1 - r.computed});
    const bool too_early = calls_ < r.decodes_from;  // for its turn in the pipeline
    if (ends_in_flight || too_early || (step.defer_prefill && r.mid_prefill)) tokens = 0;
    std::vector<MultimodalItem> to_encode;
    if (tokens > 0) tokens = fitted(step, r, r.computed, tokens, to_encode);
    tokens = to_cacheable_end(r, r.computed, tokens);
    if (tokens <= 0) {
      ++step.cursor;
      continue;
    }
    if (!allocate_or_preempt(step, r, tokens)) return;
    Grant grant{.request = &r, .tokens = tokens};
    const int beyond_known = tokens + r.computed - r.num_tokens() - r.placeholders;
    if (r.drafts > 0 && beyond_known > 0) grant.drafts = std::min(beyond_known, r.drafts);
    r.drafts = 0;
    encode(step, r, grant, to_encode);
    step.decision.grants.push_back(grant);
    step.decision.running.push_back(&r);
    step.prefill_granted = step.prefill_granted || r.mid_prefill;
    step.take(tokens);
    ++step.cursor;
  }
}

// What can be computed of a chunk of `tokens` from `computed` on: with what the encoder has made of the items
// in it or makes now (`to_encode`), and not ending where a drafter of several modules cannot begin.
int Scheduler::fitted(Step& step, const Request& r, int computed, int tokens,
                      std::vector<MultimodalItem>& to_encode) {
  const int ahead = config_.multi_module_mtp ? config_.num_spec_tokens : config_.use_eagle ? 1 : 0;
  int embeds = 0;
  for (const MultimodalItem& item : r.items) {
    const int end = item.offset + item.tokens;
    const auto same = [&](const MultimodalItem& other) { return other.hash == item.hash; };
    if (item.offset >= computed + tokens + ahead) break;
    if (end <= computed) continue;
    if (std::any_of(to_encode.begin(), to_encode.end(), same)) continue;
    if (encoder_.use_if_cached(r, item)) continue;
    const bool in_part = computed < item.offset && computed + tokens < end;
    const bool too_much = embeds + item.tokens > step.embeds;
    if ((config_.encoder.disable_chunked_mm_input && in_part) || too_much ||
        !encoder_.make_room(embeds + item.tokens)) {
      tokens = std::max(0, item.offset - computed - ahead);  // up to it, if it is not yet reached
      break;
    }
    if (item.offset >= computed + tokens) continue;
    embeds += item.tokens;
    to_encode.push_back(item);
  }
  const int left = r.num_tokens() - computed - tokens;
  if (0 < left && left < ahead) tokens = std::max(0, tokens - (ahead - left));
  return tokens;
}

void Scheduler::encode(Step& step, const Request& r, Grant& grant, std::vector<MultimodalItem> items) {
  for (const MultimodalItem& item : items) {
    encoder_.add(r, item);
    step.embeds -= item.tokens;
  }
  grant.encoded = std::move(items);
}

void Scheduler::let_go_of_items(const Request& r) {
  for (const MultimodalItem& item : r.items) encoder_.let_go(r, item);
}

// Preempts until the tokens fit; false if that took the request itself.
bool Scheduler::allocate_or_preempt(Step& step, Request& r, int tokens) {
  while (!kv_.allocate(r, {.tokens = tokens, .lookahead = config_.spec_lookahead}, kv_.empty_hit())) {
    Request& victim = *pick_victim();
    const auto place = std::find(running_.begin(), running_.end(), &victim);
    const auto index = static_cast<int>(place - running_.begin());
    running_.erase(place);
    if (by_priority()) withdraw(step, victim, index);
    preempt(victim);
    step.decision.preempted.push_back(&victim);
    if (&victim == &r) return false;
  }
  return true;
}

// With states in mode align, a prefill's step ends where its state can be cached: at a block's end, at the
// last one before the prompt's end, and at the place where prompts part. 0: it waits for a larger budget.
int Scheduler::to_cacheable_end(const Request& r, int start, int tokens) const {
  if (!has_aligned_states(config_.kv_groups) || tokens <= 0 ||
      start >= std::max(r.num_prompt, r.num_tokens() - 1))
    return tokens;
  const int block = config_.block_size;
  const int last = std::max(r.num_tokens() / block * block - (config_.use_eagle ? block : 0), 0);
  int end = start + tokens;
  if (end < last) {
    const int threshold = config_.long_prefill_token_threshold;
    const int most = threshold > 0 ? std::min(config_.token_budget(), threshold) : config_.token_budget();
    const int aligned_end = end / block * block;
    if (aligned_end > start || block <= most) end = aligned_end;  // a block larger than any step is left open
  }
  int stop = end;
  const auto stop_at = [&](int place) {
    if (start < place && place < end) stop = std::min(stop, place);
  };
  const int next = (start / block + 1) * block;
  if (start % block != 0 && next <= last) stop_at(next);
  stop_at(last);
  if (start < r.shared_prefix_boundary && r.shared_prefix_boundary < end)
    stop_at(start + (r.shared_prefix_boundary - start) / block * block);
  return std::max(stop - start, 0);
}

// The last one admitted; by priority, the first in the list of those that come last in order.
Request* Scheduler::pick_victim() const {
  if (!by_priority()) return running_.back();
  return *std::max_element(running_.begin(), running_.end(), [](const Request* a, const Request* b) {
    return std::tie(a->priority, a->arrival) < std::tie(b->priority, b->arrival);
  });
}

// A victim ahead of the cursor moves the cursor; what it was granted in this step returns.
void Scheduler::withdraw(Step& step, Request& victim, int index) {
  const Grant* grant = step.grant_of(victim);
  const bool was_granted = grant != nullptr;
  const bool ahead = index < static_cast<int>(step.cursor);
  if (config_.behaviour.priority_cursor_fix ? ahead : was_granted) --step.cursor;
  if (!was_granted) return;
  step.budget += grant->tokens;
  step.rows += grant->tokens + step.rows_beside;
  for (const MultimodalItem& item : grant->encoded) step.embeds += item.tokens;
  std::erase_if(step.decision.grants, [&](const Grant& g) { return g.request == &victim; });
  std::erase(step.decision.running, &victim);
}

// The skipped ones are older.
WaitingQueue& Scheduler::next_queue() {
  if (waiting_.empty()) return skipped_;
  if (skipped_.empty()) return waiting_;
  if (!by_priority()) return skipped_;
  return WaitingQueue::before(waiting_.head(), skipped_.head()) ? waiting_ : skipped_;
}

// First-decode padding: an admission of one token is widened to 1 + k, so that the batch stays
// uniform. Nothing: it rather waits.
std::optional<int> Scheduler::padded(const Step& step, int tokens, int computed) const {
  const int k = config_.num_spec_tokens;
  if (!config_.drafts_by_batch_size.empty()) return tokens;
  if (k == 0 || tokens != 1 || step.prefill_granted) return tokens;
  const bool beside_running = !step.decision.running.empty();
  const int longest = config_.max_model_len;
  switch (config_.behaviour.pad_rule) {
    case PadRule::none:
      return tokens;
    case PadRule::strict:
      if (!beside_running) return tokens;
      if (1 + k > step.most() || computed + 1 + k > longest) return std::nullopt;
      return 1 + k;
    case PadRule::later:
      if ((!beside_running && computed == 0) || computed + 1 + k + 1 > longest) return tokens;
      if (1 + k > step.most()) return std::nullopt;
      return 1 + k;
  }
  return tokens;
}

// Those that are set aside while others behind them are looked at: without their grammar, with output of a
// step from before their preemption in flight, or with one adapter too many for this step.
bool Scheduler::must_wait(const Step& step, const Request& r) const {
  if (r.waits_for_grammar) return true;
  if (config_.behaviour.stale_gate && r.stale > 0 && !r.drop_stale) return true;
  if (config_.max_loras == 0 || r.adapter == 0) return false;
  std::set<int> adapters;
  for (const Grant& grant : step.decision.grants) {
    if (grant.request->adapter != 0) adapters.insert(grant.request->adapter);
  }
  return !adapters.contains(r.adapter) && static_cast<int>(adapters.size()) >= config_.max_loras;
}

// What lies elsewhere beyond `local` tokens. At once: whole blocks, never the last token. By a load: any
// number of the prompt's tokens, but not again after a preemption.
int Scheduler::tokens_elsewhere(const Request& r, int local) const {
  const int block = config_.block_size;
  const int all = !r.remote_async     ? std::min(r.remote_tokens, r.num_tokens() - 1) / block * block
                  : r.preemptions > 0 ? 0
                                      : std::min(r.remote_tokens, r.num_prompt);
  return std::max(all - local, 0);
}

// If the load has ended, what it brought can be found, and the last token, if it is among it, is computed
// again.
bool Scheduler::promote(Request& r) {
  if (step_ < r.load_ends) return false;
  kv_.publish(r, r.computed);
  if (r.computed == r.num_tokens()) --r.computed;
  r.status = r.preemptions > 0 ? Status::preempted : Status::waiting;
  return true;
}

// Blocks that prefills and loads begun still need.
int Scheduler::reserved_blocks() const {
  int blocks = 0;
  for (const Request* r : prefills_) blocks += kv_.remaining_blocks(*r);
  return blocks;
}

// Phase 2: admissions. They never preempt; the first that does not fit stops them all.
void Scheduler::schedule_waiting(Step& step) {
  const SchedulerBehaviour& rules = config_.behaviour;
  std::vector<Request*> held_back;
  while (!(waiting_.empty() && skipped_.empty()) && step.most() > 0 &&
         static_cast<int>(running_.size()) < config_.max_num_seqs) {
    WaitingQueue& queue = next_queue();
    Request& r = *queue.head();
    if ((r.status == Status::waiting_for_remote_kv && !promote(r)) || must_wait(step, r)) {
      held_back.push_back(&r);
      queue.remove(&r);
      continue;
    }
    const bool loaded = kv_.holds_blocks(r.id);  // by a load from elsewhere
    const Hit hit = loaded ? kv_.empty_hit() : kv_.lookup(r);
    const int external = loaded ? 0 : tokens_elsewhere(r, hit.tokens);
    const bool load = external > 0 && r.remote_async;
    if (!loaded) r.shared_prefix_boundary = hit.shared_prefix_boundary;
    if (!loaded && rules.stats_on_lookup) count_lookup(r, hit);
    const int computed = r.computed + hit.tokens + external;
    if (step.defer_prefill && !load && computed < r.num_tokens() - 1) break;
    int tokens = 0;
    bool is_padded = false;
    std::vector<MultimodalItem> to_encode;
    if (!load) {
      const std::optional<int> with_padding = padded(step, r.num_tokens() - computed, computed);
      if (!with_padding) break;
      is_padded = *with_padding > r.num_tokens() - computed;
      tokens = *with_padding;
      if (config_.long_prefill_token_threshold > 0)
        tokens = std::min(tokens, config_.long_prefill_token_threshold);
      if (!config_.enable_chunked_prefill && tokens > step.most()) break;
      tokens = fitted(step, r, computed, std::min(tokens, step.most()), to_encode);
      tokens = to_cacheable_end(r, computed, tokens);
      if (tokens == 0) break;
    }
    const KvCache::Wanted wanted{
        .tokens = tokens,
        .external = external,
        .lookahead = rules.admit_lookahead && !load ? config_.spec_lookahead : 0,
        .reserved = load ? reserved_blocks() : 0,  // it cannot be preempted, so it takes what others leave
        .full_fit = rules.reserve_full_isl,
        .has_running = !running_.empty(),
        .delay_publication = load};
    if (!kv_.allocate(r, wanted, hit)) {
      let_go_of_items(r);
      break;
    }
    if (!loaded && !rules.stats_on_lookup) count_lookup(r, hit);
    if (load) {
      queue.remove(&r);
      held_back.push_back(&r);
      r.status = Status::waiting_for_remote_kv;
      r.computed = computed;
      r.load_ends = step_ + r.remote_load_steps;
      prefills_.insert(&r);
      continue;
    }
    queue.remove(&r);
    running_.push_back(&r);
    (r.status == Status::waiting ? step.decision.admitted : step.decision.resumed).push_back(&r);
    r.status = Status::running;
    r.computed = computed;
    if (r.cached_tokens < 0) r.cached_tokens = hit.tokens + external;
    step.decision.hits[r.id] = hit.tokens + external;
    if (computed + tokens < r.num_tokens()) prefills_.insert(&r);
    // All drafts are recorded, even where the threshold has cut the tokens.
    step.decision.grants.push_back(
        {.request = &r, .tokens = tokens, .drafts = is_padded ? config_.num_spec_tokens : 0});
    encode(step, r, step.decision.grants.back(), to_encode);
    step.take(tokens);
  }
  if (!by_priority()) std::reverse(held_back.begin(), held_back.end());
  for (Request* r : held_back) skipped_.prepend(r);
  if (!step.defer_prefill) capacity_bound_ = !waiting_.empty();
}

// Counts advance before the model runs.
void Scheduler::advance(Step& step) {
  const std::vector<int>& by_batch_size = config_.drafts_by_batch_size;
  const std::size_t requests = step.decision.grants.size();
  step.decision.next_drafts = by_batch_size.empty() || requests == 0
                                  ? config_.num_spec_tokens
                                  : by_batch_size[std::min(requests, by_batch_size.size() - 1)];
  if (!step.decision.grants.empty()) ++scheduled_;
  for (Grant& grant : step.decision.grants) {
    Request& r = *grant.request;
    r.last_step = scheduled_;
    r.computed += grant.tokens;
    r.in_flight += grant.tokens;
    r.mid_prefill = r.computed < r.num_tokens() + r.placeholders;
    grant.samples = !r.mid_prefill;
    if (grant.samples) prefills_.erase(&r);
    if (config_.async_scheduling && grant.samples) {
      r.placeholders += 1 + grant.drafts;
      r.drafts = step.decision.next_drafts;
      if (config_.decode_interval > 1) r.decodes_from = calls_ + config_.decode_interval;
    }
  }
  if (!config_.async_scheduling || !config_.behaviour.async_drop_unscheduled_drafts) return;
  for (Request* r : running_) {
    if (step.grant_of(*r) == nullptr) r->drafts = 0;
  }
}

void Scheduler::count_lookup(const Request& r, const Hit& hit) {
  if (!kv_.caching() || r.skip_cache_read) return;
  PrefixCounts& counts = r.preemptions > 0 ? readmissions_ : first_admissions_;
  counts.requests += 1;
  counts.queries += r.num_tokens();
  counts.hits += hit.tokens;
}

// ---------------------------------------------------------------- output

std::vector<Request*> Scheduler::update(const NamedDecision& decision,
                                        const std::map<std::string, Sampled>& sampled, bool draft_again) {
  std::vector<Request*> finished;
  if (!decision.grants.empty()) ++processed_;
  for (; !given_up_.empty() && given_up_.front().first <= processed_; given_up_.pop_front())
    kv_.pool().free(given_up_.front().second);
  for (const Grant& grant : decision.grants) {
    if (grant.request->known) apply(decision, grant, sampled.at(grant.request->id), draft_again, finished);
  }
  return finished;
}

void Scheduler::apply(const NamedDecision& decision, const Grant& grant, const Sampled& sampled,
                      bool draft_again, std::vector<Request*>& finished) {
  Request& r = *grant.request;
  r.in_flight -= grant.tokens;
  const bool stale = r.stale > 0;  // of a step from before its preemption
  if (stale) r.stale -= grant.tokens;
  if (stale && r.drop_stale) return;
  std::vector<std::optional<ContentId>> tokens;
  if (sampled.tokens) {
    tokens = *sampled.tokens;
  } else if (grant.samples) {
    tokens.resize(static_cast<std::size_t>(1 + std::min(sampled.accepted, grant.drafts)));
  }
  if (grant.drafts > 0 && !tokens.empty() && !stale) {
    const int rejected = grant.drafts - (static_cast<int>(tokens.size()) - 1);
    if (r.computed > 0) r.computed -= rejected;
    if (r.placeholders > 0) r.placeholders -= rejected;
  }
  for (const MultimodalItem& item : r.items) {
    if (item.offset + item.tokens <= r.computed - r.placeholders) encoder_.let_go(r, item);
  }
  const Status before = r.status;
  int appended = 0;
  for (const std::optional<ContentId>& token : tokens) {
    grow(r, token);
    ++appended;
    if (r.num_out == r.eos_after)
      r.status = Status::finished_stopped;
    else if (r.num_tokens() >= config_.max_model_len || r.num_out >= r.max_tokens)
      r.status = Status::finished_length;
    if (r.status != before) break;
  }
  if (config_.async_scheduling && !tokens.empty() && !stale) {
    r.placeholders -= appended;
    if (before == Status::running) kv_.publish(r, r.computed - r.placeholders);
  }
  if (r.status != before) {
    finished.push_back(&r);
    retire(r, before);
  } else if (config_.num_spec_tokens > 0 && !config_.async_scheduling && draft_again) {
    // Reaches a request that was preempted meanwhile, too; never one that is mid-prefill.
    r.drafts = !tokens.empty() && !r.mid_prefill ? decision.next_drafts : 0;
  }
}

// ---------------------------------------------------------------- leaving

// With a connector, blocks are not free before the steps have ended that may still write to them.
void Scheduler::give_up_blocks(const Request& r) {
  if (external_kv_ && r.last_step > processed_) {
    given_up_.push_back({scheduled_, kv_.take_away(r)});
  } else {
    kv_.free(r);
  }
}

// The caller has taken it out of running. `drop_stale`: what is in flight comes to nothing, and the request
// need not wait for it.
void Scheduler::preempt(Request& r, bool drop_stale) {
  assert(r.status == Status::running);
  give_up_blocks(r);
  prefills_.erase(&r);
  let_go_of_items(r);
  r.status = Status::preempted;
  r.computed = r.drafts = r.placeholders = 0;
  r.drop_stale = drop_stale || (r.drop_stale && r.stale > 0);
  r.stale = r.in_flight;
  ++r.preemptions;
  waiting_.prepend(&r);
}

void Scheduler::preempt_running(Request& r) {
  std::erase(running_, &r);
  preempt(r);
}

void Scheduler::retire(Request& r, Status before) {
  if (before == Status::running) {
    std::erase(running_, &r);
  } else {
    waiting_.remove(&r);
    skipped_.remove(&r);
  }
  give_up_blocks(r);
  prefills_.erase(&r);
  let_go_of_items(r);
  r.known = false;
}

void Scheduler::finish(Request& r, Status status) {
  if (!r.known) return;
  const Status before = r.status;
  r.status = status;
  retire(r, before);
}

bool Scheduler::reset_prefix_cache(bool preempt_running) {
  while (preempt_running && !running_.empty()) {
    Request& last = *running_.back();
    running_.pop_back();
    preempt(last, config_.behaviour.stale_gate);
  }
  return kv_.pool().reset();
}

}  // namespace blis::oracle
