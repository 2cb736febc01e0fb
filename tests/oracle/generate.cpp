#include "tests/oracle/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <string>

namespace blis::oracle {
namespace {

using conform::Continuation;
using conform::FreshText;
using conform::VectorConfig;
using conform::VectorRequest;
using conform::VectorScenario;

// The engine's numbers are the standard's, its distributions are not: so we draw by hand.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  int between(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(double p) { return static_cast<double>(engine_() >> 11) * 0x1p-53 < p; }
  template <class List>
  auto pick(const List& list) {
    return list.begin()[between(0, static_cast<int>(list.size()) - 1)];
  }
  template <class T>
  T pick(std::initializer_list<T> list) {
    return list.begin()[between(0, static_cast<int>(list.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

// Shares are probabilities: of a scenario to have a setting, or of a request to have a trait.
struct Profile {
  std::string_view name;
  // settings
  double caching = 0.7;
  double priority = 0.15;
  double async = 0.2;
  double pipeline = 0.05;  // several batches in flight, without asynchronous scheduling
  double drafts = 0.05;
  double no_chunking = 0.05;
  double watermark = 0.05;
  double window = 0;            // one group with an attention window
  double hybrid = 0;            // full attention and windows, from one pool
  bool unequal_blocks = false;  // of those, one kind has more tokens in a block
  double retention = 0;         // of such groups, blocks published only where a prompt may go on
  double chunks = 0;            // chunked local attention beside full
  double states = 0;            // of those without drafts: states beside full attention, in one of the modes
  double throttled = 0.05;      // prefills deferred in most steps
  double switches = 0;          // each version switch set at random
  double stages = 0;            // pipeline stages under asynchronous scheduling, of either runner
  double draft_slots = 0;       // of those with drafts: rows that drafting takes beside a request's tokens
  double drafts_by_size = 0;    // of those with drafts: their number by batch size
  double several_modules = 0;   // of those with EAGLE's rules: multi-module MTP
  double adapters = 0;          // LoRA, and few at a time
  double items = 0;             // images in prompts, and an encoder with small budgets
  double grammars = 0;          // some requests wait for theirs
  double resets = 0;            // of the prefix cache, at some steps
  // requests
  double shared_prefix = 0.35;
  double same_prompt = 0;
  double continued = 0.05;
  double salted = 0.03;
  double no_read = 0.03;
  double remote = 0;       // some of the prompt lies elsewhere; of these, half are loaded
  double early_end = 0.1;  // an EOS before max_tokens
  double aborted = 0.03;
  double same_arrival = 0;  // the same arrival_time as the request before, for ties
  int priorities = 4;
  int max_requests = 24;
  int longest_output = 24;
  std::array<int, 4> model_lengths{32, 64, 128, 256};
  int longest_gap = 20;  // steps between arrivals
  std::array<int, 5> block_sizes{1, 2, 4, 8, 16};
  // blocks beyond those that the largest request needs
  std::array<int, 5> slack{0, 3, 10, 40, 200};
};

constexpr std::array<int, 5> kTight{0, 0, 1, 2, 4};

constexpr std::array kProfiles{
    Profile{.name = "mixed"},
    Profile{.name = "tight_kv", .slack = kTight},
    Profile{.name = "prefix", .caching = 1, .shared_prefix = 0.8},
    Profile{.name = "priority", .priority = 1, .slack = kTight},
    Profile{.name = "async", .async = 1},
    Profile{.name = "spec", .drafts = 1},
    Profile{.name = "nochunk", .no_chunking = 1},
    Profile{.name = "watermark", .watermark = 1, .slack = kTight},
    Profile{.name = "multiturn", .caching = 1, .continued = 0.6},
    Profile{.name = "wide",
            .priority = 0.33,
            .async = 0.35,
            .pipeline = 0.25,
            .drafts = 0.35,
            .no_chunking = 0.15,
            .watermark = 0.4,
            .same_prompt = 0.15,
            .continued = 0.15,
            .salted = 0.08,
            .no_read = 0.06,
            .longest_output = 40,
            .slack = {0, 1, 2, 16, 100}},
    Profile{.name = "tiny_cache",
            .caching = 0.9,
            .priority = 0.4,
            .async = 0.3,
            .pipeline = 0.2,
            .drafts = 0.2,
            .longest_gap = 2,
            .slack = {0, 0, 0, 1, 1}},
    Profile{.name = "ties",
            .priority = 1,
            .async = 0.3,
            .pipeline = 0.2,
            .same_arrival = 0.8,
            .priorities = 2,
            .longest_gap = 1,
            .slack = kTight},
    Profile{.name = "long_resumes",
            .priority = 0.3,
            .async = 0.4,
            .pipeline = 0.2,
            .drafts = 0.2,
            .max_requests = 12,
            .longest_output = 120,
            .longest_gap = 3,
            .slack = kTight},
    Profile{.name = "dialogue",
            .caching = 1,
            .async = 0.7,
            .continued = 0.7,
            .longest_output = 12,
            .longest_gap = 5,
            .block_sizes = {1, 1, 2, 2, 4}},
    Profile{.name = "steady",
            .async = 0.5,
            .early_end = 0.4,
            .max_requests = 4,
            .longest_output = 1300,
            .model_lengths = {512, 1024, 2048, 4096},
            .longest_gap = 5},
    Profile{.name = "duplicates",
            .caching = 1,
            .drafts = 0.2,
            .same_prompt = 0.8,
            .longest_gap = 3,
            .slack = {0, 1, 2, 4, 16}},
    Profile{.name = "window",
            .caching = 0.85,
            .drafts = 0.2,
            .window = 1,
            .retention = 0.5,
            .shared_prefix = 0.6,
            .same_prompt = 0.2,
            .slack = {0, 1, 2, 4, 16}},
    Profile{.name = "hybrid",
            .caching = 0.85,
            .drafts = 0.2,
            .hybrid = 1,
            .retention = 0.5,
            .shared_prefix = 0.6,
            .same_prompt = 0.2,
            .slack = {0, 1, 2, 4, 16}},
    Profile{.name = "retention",
            .caching = 1,
            .async = 0.4,
            .pipeline = 0.2,
            .hybrid = 1,
            .retention = 1,
            .shared_prefix = 0.5,
            .continued = 0.4,
            .longest_gap = 6},
    Profile{.name = "chunks",
            .caching = 0.85,
            .async = 0.4,
            .pipeline = 0.2,
            .chunks = 1,
            .shared_prefix = 0.5,
            .continued = 0.3,
            .slack = {0, 1, 2, 4, 16}},
    Profile{.name = "states",
            .caching = 0.85,
            .async = 0.4,
            .pipeline = 0.2,
            .drafts = 0,
            .retention = 0.7,
            .states = 1,
            .shared_prefix = 0.5,
            .same_prompt = 0.2,
            .continued = 0.3,
            .slack = {0, 1, 2, 4, 16}},
    Profile{.name = "states_and_queue",
            .caching = 0.85,
            .priority = 0.3,
            .async = 0.3,
            .drafts = 0,
            .retention = 0.7,
            .states = 1,
            .switches = 0.3,
            .stages = 0.4,
            .adapters = 0.4,
            .items = 0.4,
            .grammars = 0.4,
            .shared_prefix = 0.5,
            .continued = 0.3,
            .longest_gap = 4,
            .slack = {0, 1, 4, 16, 100}},
    Profile{.name = "remote",
            .caching = 0.85,
            .async = 0.4,
            .pipeline = 0.15,
            .drafts = 0.15,
            .shared_prefix = 0.4,
            .same_prompt = 0.15,
            .remote = 0.6,
            .aborted = 0,
            .slack = {0, 1, 4, 16, 60}},
    Profile{.name = "remote_and_queue",
            .caching = 0.85,
            .priority = 0.3,
            .async = 0.3,
            .drafts = 0.3,
            .switches = 0.3,
            .stages = 0.3,
            .draft_slots = 0.3,
            .several_modules = 0.3,
            .adapters = 0.4,
            .items = 0.4,
            .grammars = 0.4,
            .shared_prefix = 0.4,
            .remote = 0.4,
            .aborted = 0,
            .longest_gap = 4,
            .slack = {40, 60, 100, 200, 400}},
    Profile{.name = "versions",
            .priority = 0.3,
            .async = 0.4,
            .pipeline = 0.2,
            .drafts = 0.6,
            .switches = 1,
            .longest_gap = 4,
            .slack = kTight},
    Profile{.name = "stages", .drafts = 0.3, .stages = 1, .slack = {0, 1, 4, 16, 100}},
    Profile{.name = "drafting",
            .async = 0.4,
            .drafts = 1,
            .draft_slots = 0.4,
            .drafts_by_size = 0.4,
            .several_modules = 0.5,
            .slack = {0, 1, 4, 16, 100}},
    Profile{.name = "adapters",
            .caching = 0.9,
            .async = 0.4,
            .adapters = 1,
            .shared_prefix = 0.7,
            .longest_gap = 3},
    Profile{.name = "items", .caching = 0.9, .async = 0.4, .drafts = 0.2, .items = 1, .shared_prefix = 0.7},
    Profile{
        .name = "grammars", .priority = 0.4, .async = 0.4, .drafts = 0.2, .grammars = 1, .longest_gap = 3},
    Profile{.name = "everything",
            .caching = 0.9,
            .priority = 0.3,
            .async = 0.3,
            .pipeline = 0.2,
            .drafts = 0.5,
            .window = 0.1,
            .hybrid = 0.3,
            .retention = 0.5,
            .chunks = 0.1,
            .states = 0.3,
            .switches = 0.3,
            .stages = 0.3,
            .draft_slots = 0.3,
            .drafts_by_size = 0.3,
            .several_modules = 0.3,
            .adapters = 0.4,
            .items = 0.4,
            .grammars = 0.4,
            .resets = 0.2,
            .shared_prefix = 0.6,
            .same_prompt = 0.2,
            .longest_gap = 4,
            .slack = {0, 1, 4, 16, 100}},
    Profile{.name = "resets",
            .caching = 0.95,
            .priority = 0.2,
            .async = 0.5,
            .pipeline = 0.2,
            .drafts = 0.3,
            .hybrid = 0.3,
            .retention = 0.5,
            .states = 0.2,
            .switches = 0.3,
            .stages = 0.2,
            .adapters = 0.2,
            .resets = 1,
            .shared_prefix = 0.6,
            .continued = 0.2,
            .longest_gap = 4,
            .slack = {0, 1, 4, 16, 100}},
    Profile{.name = "remote_and_windows",
            .caching = 0.85,
            .async = 0.5,
            .pipeline = 0.2,
            .hybrid = 1,
            .retention = 0.5,
            .shared_prefix = 0.4,
            .same_prompt = 0.15,
            .remote = 0.6,
            .aborted = 0,
            .slack = {40, 60, 100, 200, 400}},
    Profile{.name = "unequal",
            .caching = 0.9,
            .async = 0.4,
            .drafts = 0,  // EAGLE drops the last block found, of one size
            .hybrid = 1,
            .unequal_blocks = true,
            .retention = 0.5,
            .shared_prefix = 0.6,
            .same_prompt = 0.2,
            .continued = 0.3,
            .block_sizes = {1, 2, 2, 4, 8},
            .slack = {0, 1, 2, 4, 16}},
};

void set_switches(Dice& dice, SchedulerBehaviour& b) {
  b.free_order = dice.pick({FreeOrder::split, FreeOrder::legacy});
  b.nocache_free = dice.pick({UncachedFree::head, UncachedFree::tail});
  b.priority_cursor_fix = dice.chance(0.5);
  b.pad_rule = dice.pick({PadRule::none, PadRule::strict, PadRule::later});
  b.admit_lookahead = dice.chance(0.5);
  b.async_drop_unscheduled_drafts = dice.chance(0.5);
  b.stats_on_lookup = dice.chance(0.5);
  b.stale_gate = dice.chance(0.5);
  b.window_frees_settled = dice.chance(0.5);
  b.queue_holds_empty_batches = dice.chance(0.5);
}

void draw_step_limits(Dice& dice, const Profile& p, SchedulerConfig& s) {
  if (dice.chance(p.stages)) {
    s.async_scheduling = true;
    const int stages = dice.between(2, 4);
    s.decode_interval = dice.chance(0.5) ? stages : 1;
    s.batch_queue_size = s.decode_interval > 1 ? stages + 1 : stages;
    s.behaviour.queue_holds_empty_batches = true;
  }
  if (s.num_spec_tokens > 0) {
    if (dice.chance(p.draft_slots)) s.max_num_new_slots_for_drafting = dice.between(1, s.num_spec_tokens);
    if (s.use_eagle) s.multi_module_mtp = dice.chance(p.several_modules);
    if (dice.chance(p.drafts_by_size)) {
      s.drafts_by_batch_size = {s.num_spec_tokens};
      const int sizes = dice.between(1, 4);
      for (int i = 0; i < sizes; ++i) s.drafts_by_batch_size.push_back(dice.between(0, s.num_spec_tokens));
    }
  }
  s.max_num_batched_tokens = std::max(s.max_num_batched_tokens, 1 + s.max_num_new_slots_for_drafting);
  if (dice.chance(p.adapters)) s.max_loras = dice.between(1, 2);
  if (dice.chance(p.items)) {
    s.encoder = {.compute_budget = dice.pick({8, 16, 64}),
                 .cache_size = dice.pick({8, 16, 64}),
                 .disable_chunked_mm_input = dice.chance(0.4) && s.max_num_batched_tokens >= 16};
  }
  if (s.multi_module_mtp || s.encoder.disable_chunked_mm_input) {
    // A chunk may not end near the prompt's end, nor within an item: a step must be able to take both whole.
    constexpr int kLargestItem = 8;
    const int least = 2 * kLargestItem + 2 * s.num_spec_tokens;
    s.max_num_batched_tokens = std::max(s.max_num_batched_tokens, least + s.max_num_new_slots_for_drafting);
    if (s.max_num_scheduled_tokens > 0) {
      s.max_num_scheduled_tokens = std::max(s.max_num_scheduled_tokens, least);
    }
    if (s.long_prefill_token_threshold > 0) {
      s.long_prefill_token_threshold = std::max(s.long_prefill_token_threshold, least);
    }
  }
}

// Full attention and one to three groups of another kind.
void add_groups(Dice& dice, SchedulerConfig& s, const KvGroup& other) {
  s.kv_groups = {{}};
  s.kv_groups.insert(s.kv_groups.end(), static_cast<std::size_t>(dice.pick({1, 1, 3})), other);
  if (other.kind == KvKind::chunk) s.use_eagle = s.multi_module_mtp = false;
}

VectorConfig draw_config(Dice& dice, const Profile& p) {
  VectorConfig config = conform::reference_defaults();
  SchedulerConfig& s = config.scheduler;
  s.block_size = dice.pick(p.block_sizes);
  s.max_num_seqs = dice.pick({1, 2, 3, 4, 8, 16});
  s.max_model_len = dice.pick(p.model_lengths);
  s.max_num_batched_tokens = std::max(s.max_num_seqs, dice.pick({4, 8, 16, 32, 64, 128, 512}));
  s.enable_prefix_caching = dice.chance(p.caching);
  s.long_prefill_token_threshold = dice.pick({0, 0, 0, 5, 16, 24});
  // Who begins without room for all of its prompt may end up preempting others for ever; loads stay.
  s.behaviour.reserve_full_isl = dice.chance(p.remote > 0 ? 1 : 0.6);
  s.behaviour.free_order = dice.pick({FreeOrder::split, FreeOrder::split, FreeOrder::legacy});
  if (dice.chance(p.switches)) set_switches(dice, s.behaviour);
  if (dice.chance(p.priority)) s.policy = "priority";
  if (dice.chance(p.async)) {
    s.async_scheduling = true;
    s.batch_queue_size = 2;
  } else if (dice.chance(p.pipeline)) {
    s.batch_queue_size = dice.pick({2, 3, 4});
  }
  if (dice.chance(p.drafts)) {
    s.num_spec_tokens = dice.pick({1, 2, 3, 5});
    config.spec_accept = dice.between(0, s.num_spec_tokens);
    if (dice.chance(0.5)) {
      s.spec_lookahead = s.num_spec_tokens;
      s.use_eagle = true;
    }
  }
  if (dice.chance(p.watermark)) s.behaviour.watermark = dice.pick({0.05, 0.1, 0.25, 0.4});
  if (dice.chance(p.no_chunking)) {
    s.enable_chunked_prefill = false;
    s.max_num_batched_tokens = std::max(s.max_model_len, s.max_num_batched_tokens);
  } else if (dice.chance(0.1)) {
    s.max_num_scheduled_tokens = std::max(1, s.max_num_batched_tokens / 2);
  }
  draw_step_limits(dice, p, s);
  if (dice.chance(p.throttled)) config.prefill_schedule_interval = dice.between(2, 4);
  if (dice.chance(p.window)) s.kv_groups = {attention_group(dice.between(2, 3 * s.block_size + 8))};
  int largest_block = s.block_size;
  if (dice.chance(p.hybrid)) {
    static const std::vector<std::vector<int>> kMixes{{0, 6},     {0, 9}, {0, 20, 20},
                                                      {0, 5, 17}, {7, 0}, {0, 0, 12}};
    s.kv_groups = attention_groups(dice.pick(kMixes));
    if (p.unequal_blocks) {  // groups whose tokens take less have more of them in a block
      const KvKind longer = dice.pick({KvKind::full, KvKind::window});
      largest_block *= dice.pick({2, 2, 3, 4});
      for (KvGroup& group : s.kv_groups) {
        if (group.kind == longer) group.block_size = largest_block;
      }
    }
  }
  if (dice.chance(p.chunks))
    add_groups(dice, s, {.kind = KvKind::chunk, .reach = s.block_size * dice.pick({1, 2, 4})});
  if (s.num_spec_tokens == 0 && dice.chance(p.states)) {
    // A prefill waits for a whole block of its prompt: so much must the encoder hold, for everybody.
    if (s.encoder.cache_size > 0) s.encoder = {.compute_budget = 64, .cache_size = 64 * s.max_num_seqs};
    const StateMode mode = s.enable_prefix_caching ? dice.pick({StateMode::align, StateMode::all})
                                                   : dice.pick({StateMode::none, StateMode::align});
    add_groups(dice, s,
               {.kind = KvKind::state,
                .mode = mode,
                .block_size = mode == StateMode::none ? s.max_model_len : s.block_size});
  }
  if (p.resets > 0 && dice.chance(p.resets)) {
    for (int left = dice.between(1, 3); left > 0; --left) config.reset_steps.push_back(dice.between(1, 60));
    config.reset_running_requests = dice.chance(0.7);
  }
  if (dice.chance(p.retention))
    s.behaviour.prefix_cache_retention_interval = largest_block * dice.pick({0, 0, 1, 2, 5});
  return config;
}

// A request and how long it can become.
struct Draft {
  VectorRequest request;
  int prompt = 0;
  int total = 0;
};

Draft draw_request(Dice& dice, const Profile& p, const VectorConfig& config,
                   const std::vector<Draft>& before) {
  const int longest = config.scheduler.max_model_len;
  Draft draft;
  VectorRequest& r = draft.request;
  r.id = fmt::format("r{}", before.size());
  r.max_tokens = dice.chance(0.2) ? 1 : dice.between(1, p.longest_output);
  r.priority = config.scheduler.policy == "priority" ? dice.between(0, p.priorities - 1) : 0;
  if (dice.chance(p.salted)) r.cache_salt = dice.chance(0.5) ? "red" : "blue";
  r.skip_cache_read = dice.chance(p.no_read);
  if (dice.chance(p.remote)) {
    r.remote_tokens = dice.between(1, longest);
    r.remote_async = dice.chance(0.5);
    r.remote_load_steps = r.remote_async ? dice.pick({1, 2, 4, 8}) : 0;
  }
  if (dice.chance(p.early_end)) r.eos_after = dice.between(1, r.max_tokens);
  if (config.scheduler.max_loras > 0) r.lora = dice.between(0, 4);

  const Draft* previous =
      before.empty()
          ? nullptr
          : &before[static_cast<std::size_t>(dice.between(0, static_cast<int>(before.size()) - 1))];
  const int extra = dice.between(1, 3);
  if (previous != nullptr && dice.chance(p.continued) && previous->total + extra + 1 < longest) {
    r.prompt = Continuation{previous->request.id, extra};
    draft.prompt = previous->total + extra;  // or shorter, if the previous one still talks
  } else if (previous != nullptr && dice.chance(p.same_prompt) &&
             std::holds_alternative<FreshText>(previous->request.prompt)) {
    r.prompt = previous->request.prompt;
    draft.prompt = previous->prompt;
  } else {
    draft.prompt =
        dice.between(1, std::max(1, static_cast<int>(longest * dice.pick({0.1, 0.25, 0.5, 0.9})) - 1));
    FreshText text{.tokens = draft.prompt};
    if (dice.chance(p.shared_prefix)) {
      text.prefix_group = std::string("group ") + dice.pick({"a", "b", "c"});
      text.prefix_tokens = dice.between(0, draft.prompt);
    } else if (p.same_prompt > 0) {
      text.prefix_group = "prompt of " + r.id;  // so that it can be said again
      text.prefix_tokens = draft.prompt;
    }
    r.prompt = text;
  }
  const bool has_items =
      config.scheduler.encoder.cache_size > 0 && !std::holds_alternative<Continuation>(r.prompt);
  for (int at = 0; has_items && dice.chance(0.6);) {
    at += dice.between(0, 6);
    const int tokens = dice.between(1, 8);
    if (at + tokens > draft.prompt) break;
    r.mm_items.push_back({at, tokens, fmt::format("item {} of {}", dice.between(1, 4), tokens)});
    at += tokens;
  }
  draft.total = std::min(draft.prompt + r.max_tokens, longest);
  return draft;
}

// Blocks that the most demanding request can ask for when it is alone.
int worst_blocks(const VectorConfig& config, const std::vector<Draft>& drafts) {
  const SchedulerConfig& s = config.scheduler;
  const auto blocks = [&](int tokens) { return (tokens + s.block_size - 1) / s.block_size; };
  int worst = 0;
  for (const Draft& draft : drafts) {
    const int tokens =
        std::min(draft.prompt + draft.request.max_tokens + 2 * s.num_spec_tokens + 1, s.max_model_len);
    int needed = 0;
    for (const KvGroup& group : s.kv_groups) {
      const int in_flight = s.max_num_batched_tokens * s.batch_queue_size + s.spec_lookahead;
      // A state leaves its blocks when the steps that read them have ended.
      const bool state = group.kind == KvKind::state && group.mode != StateMode::none;
      needed += state ? blocks(tokens)
                      : static_cast<int>(blocks_of_request(group, tokens, in_flight, s.block_size));
    }
    worst = std::max(worst, needed);
  }
  return worst;
}

}  // namespace

std::vector<std::string_view> profiles() {
  std::vector<std::string_view> names;
  for (const Profile& p : kProfiles) names.push_back(p.name);
  return names;
}

VectorScenario generate(std::string_view profile, std::uint64_t seed) {
  const auto found =
      std::find_if(kProfiles.begin(), kProfiles.end(), [&](const Profile& p) { return p.name == profile; });
  if (found == kProfiles.end()) throw std::invalid_argument("no profile " + std::string(profile));
  const Profile& p = *found;
  Dice dice(seed * 1000 + static_cast<std::uint64_t>(found - kProfiles.begin()));
  VectorScenario scenario{.config = draw_config(dice, p), .requests = {}};
  std::vector<Draft> drafts;
  int step = 0;
  const int count = dice.between(3, p.max_requests);
  for (int i = 0; i < count; ++i) {
    drafts.push_back(draw_request(dice, p, scenario.config, drafts));
    VectorRequest& r = drafts.back().request;
    step += std::min(p.longest_gap, dice.pick({0, 0, 0, 1, 1, 2, 5, 20}));
    r.arrival_step = step;
    r.arrival_time = step;
    if (i > 0 && dice.chance(p.same_arrival))
      r.arrival_time = drafts[static_cast<std::size_t>(i - 1)].request.arrival_time;
    if (dice.chance(p.aborted)) r.abort_step = step + dice.between(0, 30);
    if (p.grammars > 0 && dice.chance(p.grammars / 2)) r.grammar_ready_step = step + dice.between(0, 12);
    scenario.config.external_kv |= r.remote_tokens > 0 || r.remote_async;
    scenario.requests.push_back(r);
  }
  // A watermark keeps blocks free that the largest request might wait for.
  const int worst = worst_blocks(scenario.config, drafts);
  const int room = scenario.config.scheduler.behaviour.watermark > 0 ? 2 * worst : worst;
  scenario.config.scheduler.num_blocks = room + dice.pick(p.slack) + 1;
  return scenario;
}

}  // namespace blis::oracle
