#include "tools/conform/vector_config.h"

#include <array>

#include "tools/conform/vector_steps.h"

namespace blis::conform {
namespace {

// A policy's name must outlive the configuration, so it comes from here and not from the file.
constexpr std::array<std::string_view, 2> kPolicies{"fcfs", "priority"};
// In the order of their enumerations.
constexpr std::array<std::string_view, 2> kFreeOrders{"split", "legacy"}, kUncachedFrees{"head", "tail"};
constexpr std::array<std::string_view, 3> kPadRules{"none", "strict", "later"};

void read_behaviour(VectorFields& f, SchedulerBehaviour& b) {
  b.reserve_full_isl = f.boolean("reserve_full_isl", b.reserve_full_isl);
  b.watermark = f.number("watermark", b.watermark);
  if (!(b.watermark >= 0 && b.watermark < 1)) f.problem("watermark", "is not a share", "0 <= watermark < 1");
  b.free_order =
      static_cast<FreeOrder>(f.one_of("free_order", kFreeOrders, static_cast<std::size_t>(b.free_order)));
  b.nocache_free = static_cast<UncachedFree>(
      f.one_of("nocache_free", kUncachedFrees, static_cast<std::size_t>(b.nocache_free)));
  b.priority_cursor_fix = f.boolean("priority_cursor_fix", b.priority_cursor_fix);
  b.pad_rule = static_cast<PadRule>(f.one_of("pad_rule", kPadRules, static_cast<std::size_t>(b.pad_rule)));
  b.admit_lookahead = f.boolean("admit_lookahead", b.admit_lookahead);
  b.async_drop_unscheduled_drafts =
      f.boolean("async_drop_unscheduled_drafts", b.async_drop_unscheduled_drafts);
  b.stats_on_lookup = f.boolean("stats_on_lookup", b.stats_on_lookup);
  b.stale_gate = f.boolean("stale_gate", b.stale_gate);
  b.window_frees_settled = f.boolean("window_frees_settled", b.window_frees_settled);
  b.queue_holds_empty_batches = f.boolean("queue_holds_empty_batches", b.queue_holds_empty_batches);
}

constexpr std::array<std::string_view, 4> kGroupTypes{"full", "window", "chunk", "mamba"};
constexpr std::array<std::string_view, 3> kStateModes{"none", "align", "all"};

KvGroup read_group(VectorFields f) {
  KvGroup group{.kind = static_cast<KvKind>(f.one_of("type", kGroupTypes))};
  if (group.kind == KvKind::window) group.reach = f.count("window", kPositive);
  if (group.kind == KvKind::chunk) group.reach = f.count("chunk", kPositive);
  if (group.kind == KvKind::state) {
    group.mode = static_cast<StateMode>(f.one_of("mode", kStateModes));
    group.block_size = f.count("block_size", kPositive);
  } else if (f.has("block_size")) {
    group.block_size = f.count("block_size", kPositive);
  }
  f.finish();
  return group;
}

Json to_json(const KvGroup& group) {
  Json json{{"type", kGroupTypes[static_cast<std::size_t>(group.kind)]}};
  if (group.kind == KvKind::window) json["window"] = group.reach;
  if (group.kind == KvKind::chunk) json["chunk"] = group.reach;
  if (group.kind == KvKind::state) {
    json["mode"] = kStateModes[static_cast<std::size_t>(group.mode)];
  }
  if (group.kind == KvKind::state || group.block_size > 0) json["block_size"] = group.block_size;
  return json;
}

// What a scheduler could not act on.
void check_groups(VectorFields& f, const SchedulerConfig& s) {
  for (const KvGroup& group : s.kv_groups) {
    const bool other_size = group.block_size > 0 && group.block_size != s.block_size;
    const bool state = group.kind == KvKind::state;
    if (other_size && s.enable_prefix_caching && (state || s.use_eagle || group.kind == KvKind::chunk))
      f.problem("kv_groups", "has blocks of another size, beside a prefix cache", "block_size");
    if (other_size && !state && group.block_size % s.block_size != 0)
      f.problem("kv_groups", "has blocks that are no multiple of block_size");
    if (group.kind == KvKind::chunk && group.reach % s.block_size != 0)
      f.problem("kv_groups", "has a chunk that is no multiple of block_size");
    if (group.kind == KvKind::chunk && s.use_eagle)
      f.problem("kv_groups", "has a chunk beside use_eagle", "one of them, as in vLLM");
    if (group.kind == KvKind::state && s.num_spec_tokens > 0)
      f.problem("kv_groups", "has states beside drafts, which is not modelled");
  }
}

void read_groups(VectorFields& f, SchedulerConfig& s) {
  if (f.has("sliding_window") + f.has("group_windows") + f.has("kv_groups") > 1) {
    f.problem("", "has more than one of `sliding_window`, `group_windows` and `kv_groups`", "one of them");
  }
  if (f.is_null("sliding_window")) {
    f.ignore({"sliding_window"});
  } else if (f.has("sliding_window")) {
    s.kv_groups = {attention_group(f.count("sliding_window", kPositive))};
  }
  if (f.has("group_windows")) {
    s.kv_groups.clear();
    for (std::int64_t window : f.integers("group_windows")) {
      if (window < 0 || window > kCount.max)
        f.problem("group_windows", "has a window out of range", "0..2^30");
      s.kv_groups.push_back(attention_group(static_cast<int>(window)));
    }
  }
  if (f.has("kv_groups")) {
    s.kv_groups.clear();
    const Json& groups = f.array("kv_groups");
    for (std::size_t i = 0; i < groups.size(); ++i)
      s.kv_groups.push_back(read_group(f.inside(groups[i], ".kv_groups[" + std::to_string(i) + "]")));
  }
  if (s.kv_groups.empty()) {
    f.problem(f.has("kv_groups") ? "kv_groups" : "group_windows", "is empty", "at least one group");
    s.kv_groups = {{}};
  }
  check_groups(f, s);
}

void read_retention(VectorFields& f, SchedulerConfig& s) {
  constexpr std::string_view kKey = "prefix_cache_retention_interval";
  std::optional<int>& interval = s.behaviour.prefix_cache_retention_interval;
  if (f.is_null(kKey)) {
    interval.reset();
    f.ignore({kKey});
  } else if (f.has(kKey)) {
    interval = f.count(kKey, kCount);
  }
  if (interval && *interval % s.block_size != 0)
    f.problem(std::string(kKey), "is no multiple of block_size", "null, 0, or a multiple of it");
}

// Ours: vLLM's recordings have resets in scripts alone.
void read_resets(VectorFields& f, VectorConfig& config) {
  config.reset_running_requests = f.boolean("reset_running_requests", config.reset_running_requests);
  if (!f.has("reset_prefix_cache_steps")) return;
  config.reset_steps.clear();
  for (const std::int64_t step : f.integers("reset_prefix_cache_steps")) {
    if (step >= kCount.min && step <= kCount.max) {
      config.reset_steps.push_back(static_cast<int>(step));
    } else {
      f.problem("reset_prefix_cache_steps", "has a number that is no step");
    }
  }
}

void read_over(VectorFields& f, VectorConfig& config) {
  SchedulerConfig& s = config.scheduler;
  s.max_num_seqs = f.count("max_num_seqs", kPositive, s.max_num_seqs);
  s.max_num_batched_tokens = f.count("max_num_batched_tokens", kPositive, s.max_num_batched_tokens);
  if (f.is_null("max_num_scheduled_tokens")) {
    s.max_num_scheduled_tokens = 0;
    f.ignore({"max_num_scheduled_tokens"});
  } else if (f.has("max_num_scheduled_tokens")) {
    s.max_num_scheduled_tokens = f.count("max_num_scheduled_tokens", kPositive);
  }
  s.max_model_len = f.count("max_model_len", kPositive, s.max_model_len);
  s.block_size = f.count("block_size", kPositive, s.block_size);
  s.num_blocks = f.count("num_blocks", kPositive, s.num_blocks);
  s.enable_prefix_caching = f.boolean("enable_prefix_caching", s.enable_prefix_caching);
  s.enable_chunked_prefill = f.boolean("enable_chunked_prefill", s.enable_chunked_prefill);
  s.long_prefill_token_threshold =
      f.count("long_prefill_token_threshold", kCount, s.long_prefill_token_threshold);
  const std::size_t policy = s.policy == kPolicies[1] ? 1 : 0;
  s.policy = kPolicies[f.one_of("policy", kPolicies, policy)];
  s.async_scheduling = f.boolean("async_scheduling", s.async_scheduling);
  s.num_spec_tokens = f.count("num_spec_tokens", kCount, s.num_spec_tokens);
  s.spec_lookahead = f.count("spec_lookahead", kCount, s.spec_lookahead);
  s.use_eagle = f.boolean("use_eagle", s.use_eagle);
  read_groups(f, s);
  read_step_keys(f, s);
  read_behaviour(f, s.behaviour);
  read_retention(f, s);
  config.spec_accept = f.count("spec_accept", kCount, config.spec_accept);
  config.auto_draft = f.boolean("auto_draft", config.auto_draft);
  config.prefill_schedule_interval =
      f.count("prefill_schedule_interval", kPositive, config.prefill_schedule_interval);
  read_resets(f, config);
}

std::string_view word(FreeOrder v) {
  return kFreeOrders[static_cast<std::size_t>(v)];
}
std::string_view word(UncachedFree v) {
  return kUncachedFrees[static_cast<std::size_t>(v)];
}
std::string_view word(PadRule v) {
  return kPadRules[static_cast<std::size_t>(v)];
}

}  // namespace

VectorConfig reference_defaults() {
  VectorConfig config;
  config.scheduler = {.max_num_seqs = 128,
                      .max_num_batched_tokens = 2048,
                      .max_num_scheduled_tokens = 0,
                      .max_model_len = 8192,
                      .block_size = 16,
                      .num_blocks = 10000,
                      .behaviour = {}};
  config.scheduler.behaviour = {.reserve_full_isl = true,
                                .watermark = 0.0,
                                .free_order = FreeOrder::split,
                                .nocache_free = UncachedFree::head,
                                .priority_cursor_fix = true,
                                .pad_rule = PadRule::later,
                                .admit_lookahead = true,
                                .async_drop_unscheduled_drafts = true,
                                .stats_on_lookup = false,
                                .stale_gate = true,
                                .window_frees_settled = true,
                                .queue_holds_empty_batches = false,
                                .prefix_cache_retention_interval = std::nullopt};
  return config;
}

VectorConfig read_config(VectorFields config) {
  VectorConfig result = reference_defaults();
  read_over(config, result);
  result.scheduler.batch_queue_size = result.scheduler.async_scheduling ? 2 : 1;
  if (config.is_null("batch_queue_size")) {
    config.ignore({"batch_queue_size"});
  } else if (config.has("batch_queue_size")) {
    result.scheduler.batch_queue_size = config.count("batch_queue_size", {1, 1024});
  }
  config.finish();
  return result;
}

void apply_changes(VectorFields changes, VectorConfig& config) {
  read_over(changes, config);
  changes.ignore({"batch_queue_size"});  // of runs alone, and those have no changes
  changes.finish();
}

Json to_json(const VectorConfig& config) {
  const VectorConfig usual = reference_defaults();
  const SchedulerConfig &s = config.scheduler, &u = usual.scheduler;
  const SchedulerBehaviour &b = s.behaviour, &v = u.behaviour;
  Json json = Json::object();
  const auto put = [&](const char* key, const auto& value, const auto& default_value) {
    if (value != default_value) json[key] = value;
  };
  json["block_size"] = s.block_size;
  json["num_blocks"] = s.num_blocks;
  json["max_num_seqs"] = s.max_num_seqs;
  json["max_num_batched_tokens"] = s.max_num_batched_tokens;
  json["max_model_len"] = s.max_model_len;
  put("max_num_scheduled_tokens", s.max_num_scheduled_tokens, u.max_num_scheduled_tokens);
  put("enable_prefix_caching", s.enable_prefix_caching, u.enable_prefix_caching);
  put("enable_chunked_prefill", s.enable_chunked_prefill, u.enable_chunked_prefill);
  put("long_prefill_token_threshold", s.long_prefill_token_threshold, u.long_prefill_token_threshold);
  put("policy", s.policy, u.policy);
  put("async_scheduling", s.async_scheduling, u.async_scheduling);
  put("batch_queue_size", s.batch_queue_size, s.async_scheduling ? 2 : 1);
  put("num_spec_tokens", s.num_spec_tokens, u.num_spec_tokens);
  put("spec_lookahead", s.spec_lookahead, u.spec_lookahead);
  put("spec_accept", config.spec_accept, usual.spec_accept);
  put("auto_draft", config.auto_draft, usual.auto_draft);
  put("prefill_schedule_interval", config.prefill_schedule_interval, usual.prefill_schedule_interval);
  put("reset_prefix_cache_steps", config.reset_steps, usual.reset_steps);
  put("reset_running_requests", config.reset_running_requests, usual.reset_running_requests);
  put("use_eagle", s.use_eagle, u.use_eagle);
  if (s.kv_groups != u.kv_groups) {
    for (const KvGroup& group : s.kv_groups) json["kv_groups"].push_back(to_json(group));
  }
  if (b.prefix_cache_retention_interval)
    json["prefix_cache_retention_interval"] = *b.prefix_cache_retention_interval;
  put("reserve_full_isl", b.reserve_full_isl, v.reserve_full_isl);
  put("watermark", b.watermark, v.watermark);
  put("free_order", word(b.free_order), word(v.free_order));
  put("nocache_free", word(b.nocache_free), word(v.nocache_free));
  put("priority_cursor_fix", b.priority_cursor_fix, v.priority_cursor_fix);
  put("pad_rule", word(b.pad_rule), word(v.pad_rule));
  put("admit_lookahead", b.admit_lookahead, v.admit_lookahead);
  put("async_drop_unscheduled_drafts", b.async_drop_unscheduled_drafts, v.async_drop_unscheduled_drafts);
  put("stats_on_lookup", b.stats_on_lookup, v.stats_on_lookup);
  put("stale_gate", b.stale_gate, v.stale_gate);
  put("window_frees_settled", b.window_frees_settled, v.window_frees_settled);
  put("queue_holds_empty_batches", b.queue_holds_empty_batches, v.queue_holds_empty_batches);
  put_step_keys(s, json);
  return json;
}

}  // namespace blis::conform
