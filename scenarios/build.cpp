#include "scenarios/build.h"

#include <fmt/core.h>

#include <chrono>
#include <limits>

#include "scenarios/adapter_rules.h"
#include "scenarios/choices.h"
#include "scenarios/drafter_rules.h"
#include "scenarios/engine_rules.h"
#include "scenarios/epp_roles.h"
#include "scenarios/failure_rules.h"
#include "scenarios/item_rules.h"
#include "scenarios/offloading.h"
#include "scenarios/placed_error.h"
#include "scenarios/rank_rules.h"
#include "scenarios/router_rules.h"
#include "scenarios/scaling_rules.h"
#include "scenarios/scenario_paths.h"
#include "sim/fleet/router.h"
#include "sim/vllm/scheduling_policy.h"
#include "sim/vllm/vllm.h"
#include "workloads/share_at_least.h"

namespace blis {
namespace {

// The table's own name, which outlives every scenario.
template <class Table>
std::string_view lasting_name(const Table& table, std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) return row.name;
  }
  throw InputError(ErrorKind::usage, {.message = fmt::format("unknown policy `{}`", name)});
}

// Of the draws, the share that is at least 1, at least 2, ...
std::vector<double> shares_of_counts(const Distribution& counts, int most) {
  std::vector<double> shares;
  for (int count = 1; count <= most; ++count) shares.push_back(share_at_least(counts, count));
  return shares;
}

void set_speculation(const SpeculativeSettings& speculative, EngineConfig& config) {
  SchedulerConfig& scheduler = config.scheduler;
  scheduler.num_spec_tokens = speculative.num_speculative_tokens;
  // Drafts that a model makes need slots in the cache; n-grams and suffixes are looked up.
  const bool looked_up = speculative.method == "ngram" || speculative.method == "suffix";
  scheduler.spec_lookahead = looked_up ? 0 : speculative.num_speculative_tokens;
  scheduler.use_eagle = drops_last_match(speculative);
  for (const DraftsOfBatchSize& range : speculative.num_speculative_tokens_per_batch_size) {
    std::vector<int>& drafts = scheduler.drafts_by_batch_size;
    if (drafts.empty()) drafts.push_back(speculative.num_speculative_tokens);
    drafts.resize(static_cast<std::size_t>(range.from), drafts.back());  // a gap goes on as before
    drafts.resize(static_cast<std::size_t>(range.to) + 1, range.num_speculative_tokens);
  }
  config.acceptance = speculative.accepted
                          ? shares_of_counts(*speculative.accepted, scheduler.num_spec_tokens)
                          : speculative.acceptance;
  if (speculative.drafts) config.drafted = shares_of_counts(*speculative.drafts, scheduler.num_spec_tokens);
}

GatewayConfig gateway_config(const ScenarioSettings& s) {
  return {to_duration(std::chrono::duration<double, std::milli>(s.gateway.latency_ms.value_or(0))),
          to_duration(std::chrono::duration<double, std::micro>(s.gateway.latency_per_token_us.value_or(0))),
          Time{} + to_duration(Seconds(s.workload.client_startup_s.value_or(0)))};
}

Role role_called(std::string_view name) {
  return static_cast<Role>(std::ranges::find(kPoolRoles, name) - kPoolRoles.begin());
}

HandingOn handing_on(const ScenarioSettings& s) {
  const KvTransferSettings link = s.kv_transfer.value_or(KvTransferSettings{});
  return {.non_cached_tokens = static_cast<std::int32_t>(s.router.non_cached_tokens.value_or(0)),
          .link = {.bytes_per_second = link.bandwidth_gbps * 1e9 / 8,
                   .latency = to_duration(std::chrono::duration<double, std::milli>(link.latency_ms)),
                   .sharing = link.sharing == "fifo" ? LinkSharing::fifo : LinkSharing::fair}};
}

RouterConfig router_config(const ResolvedScenario& d) {
  const ScenarioSettings& s = d.scenario;
  const int ranks = ranks_of_vllm(d);
  // An engine chooses among its ranks in step itself, and engines take turns.
  if (s.router.policy == "vllm_balance" && ranks == 1) return standard_router("round_robin");
  RouterConfig config = standard_router(*s.router.policy);
  config.ranks_of_vllm = ranks;
  const auto row = std::ranges::find(kRouters, config.policy, &RouterPolicy::name);
  for (const auto& [name, value] : s.router.options) {
    const auto parameter = std::ranges::find(row->parameters, name, &PolicyParameter::name);
    config.values[static_cast<std::size_t>(parameter - row->parameters.begin())] = value;
  }
  if (s.router.refresh_metrics_interval_ms) {
    config.scrape =
        to_duration(std::chrono::duration<double, std::milli>(*s.router.refresh_metrics_interval_ms));
  }
  return config;
}

// In all layers: what tensor parallelism copies is sent once.
ExternalStoreConfig store_config(const ResolvedScenario& d) {
  if (d.scenario.engine.kv_offloading_size) return host_memory(d);
  const std::optional<KvConnectorSettings>& connector = d.scenario.engine.kv_connector;
  if (!connector) return {};
  ExternalStoreConfig store;
  store.token_bytes = kv_bytes_per_token(d.model, 1, memory_settings(d).kv_dtype_bytes);
  store.bytes_per_second = connector->gb_per_s * 1e9;
  store.latency = to_duration(std::chrono::duration<double, std::milli>(connector->latency_ms));
  if (connector->capacity_gib) {
    const double block = store.token_bytes * d.kv.layout.block_size;
    store.chunks =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(*connector->capacity_gib * kGiB / block));
  }
  store.asynchronous = connector->asynchronous;
  return store;
}

}  // namespace

EngineConfig engine_config(const ResolvedScenario& d) {
  const ScenarioSettings& s = d.scenario;
  const EngineSettings& engine = s.engine;
  EngineConfig config;
  SchedulerConfig& scheduler = config.scheduler;
  scheduler.behaviour = d.version.preset.behaviour;
  scheduler.behaviour.reserve_full_isl = *engine.scheduler.reserve_full_isl;
  scheduler.behaviour.watermark = *engine.scheduler.watermark;
  scheduler.behaviour.prefix_cache_retention_interval = engine.prefix_cache_retention_interval;
  scheduler.behaviour.free_order =
      *engine.scheduler.free_order == "legacy" ? FreeOrder::legacy : FreeOrder::split;
  scheduler.max_num_seqs = *engine.max_num_seqs;
  scheduler.max_num_batched_tokens = *engine.max_num_batched_tokens;
  scheduler.max_model_len = *engine.max_model_len;
  scheduler.block_size = d.kv.layout.groups.empty() ? engine.block_size : d.kv.layout.smallest_block();
  scheduler.num_blocks =
      static_cast<int>(std::min<std::int64_t>(d.kv.num_blocks, std::numeric_limits<int>::max()));
  scheduler.enable_prefix_caching = *engine.enable_prefix_caching;
  scheduler.enable_chunked_prefill = engine.enable_chunked_prefill;
  scheduler.long_prefill_token_threshold = engine.long_prefill_token_threshold;
  scheduler.policy = lasting_name(kSchedulingPolicies, engine.scheduling_policy);
  scheduler.async_scheduling = *engine.async_scheduling;
  scheduler.batch_queue_size = batch_queue_size(engine);
  if (decodes_in_turn(engine)) scheduler.decode_interval = engine.pipeline_parallel_size;
  if (!d.kv.layout.groups.empty()) scheduler.kv_groups = d.kv.layout.groups;
  if (engine.speculative) set_speculation(*engine.speculative, config);
  scheduler.multi_module_mtp = several_modules(d);
  config.store = store_config(d);
  if (engine.kv_connector) config.failing_loads = engine.kv_connector->failing_loads;
  config.recompute_failed_loads = recomputes_failed_loads(d);
  if (engine.reset_prefix_cache) {
    for (const double at : engine.reset_prefix_cache->at_s) {
      config.prefix_cache_resets.push_back(Time{to_duration(std::chrono::duration<double>(at))});
    }
    config.reset_running_requests = engine.reset_prefix_cache->reset_running_requests;
  }
  config.adapters = adapter_costs(engine);
  scheduler.max_loras = config.adapters.slots;
  scheduler.encoder = encoder_limits(d);
  config.grammar_compile =
      to_duration(std::chrono::duration<double, std::milli>(engine.grammar_compile_ms.value_or(0)));
  if (const int slots = draft_slots(d); slots_by_request(d)) {
    scheduler.max_num_new_slots_for_drafting = slots;
  } else {
    scheduler.max_num_scheduled_tokens = scheduler.max_num_batched_tokens - slots * scheduler.max_num_seqs;
  }
  if (engine.max_num_scheduled_tokens) scheduler.max_num_scheduled_tokens = *engine.max_num_scheduled_tokens;

  config.clock = {*s.latency.clocks.slowdown,
                  to_duration(std::chrono::duration<double, std::milli>(*s.latency.clocks.window_ms))};
  config.cuda_graph_sizes = d.cuda_graph_sizes;
  config.attention_window = static_cast<int>(
      std::min<std::int64_t>(longest_reach(d.model.layers), std::numeric_limits<int>::max()));
  config.data_parallel_ranks = d.parallel.data;
  config.endpoints = endpoints_of_engine(d);
  config.prefill_schedule_interval = engine.prefill_schedule_interval.value_or(1);
  if (ranks_in_step(d)) config.rank_balance = rank_balance(d);
  config.pipeline_stages = engine.pipeline_parallel_size;
  return config;
}

Pool pool_of(const ResolvedScenario& d, const LatencyModel& latency, Role role) {
  const HostSettings& host = d.scenario.latency.host;
  Pool pool;
  pool.role = role;
  EngineConfig engine = engine_config(d);
  engine.shares_kv = role != Role::both;
  if (engine.shares_kv && d.scenario.kv_transfer)
    engine.failing_loads = d.scenario.kv_transfer->failing_loads;
  pool.engine = vllm(std::move(engine), latency);
  pool.kv_block_bytes = static_cast<double>(d.kv.block_bytes) * d.parallel.gpus() / d.parallel.data;
  pool.count = d.replicas;
  pool.scaling = scaling_config(d);
  pool.gpus = d.parallel.gpus();
  pool.api = {to_duration(std::chrono::duration<double, std::milli>(*host.api_ms)),
              to_duration(std::chrono::duration<double, std::micro>(*host.api_per_token_us)),
              to_duration(std::chrono::duration<double, std::micro>(*host.api_per_sequence_us)),
              {d.scenario.engine.max_num_queued_reqs, d.scenario.engine.max_num_queued_tokens}};
  return pool;
}

SimulationConfig simulation_config(const ResolvedScenario& d, const LatencyModel& latency) {
  const ScenarioSettings& s = d.scenario;
  return {.pools = {pool_of(d, latency)},
          .gateway = gateway_config(s),
          .handing_on = handing_on(s),
          .router = router_config(d),
          .failures = failures_of(s),
          .over_length = s.workload.over_length,
          .seed = s.seed};
}

WorkloadSpec located_workload(const ScenarioSettings& scenario) {
  WorkloadSpec spec = scenario.workload.spec;
  spec.seed = scenario.seed;
  if (auto* const synthetic = std::get_if<SyntheticSpec>(&spec.kind))
    synthetic->adapters = adapter_names(scenario);
  for_each_path(spec, [&](std::string& path) { path = located(scenario, path); });
  return spec;
}

MetricsOptions metrics_options(const ScenarioSettings& scenario) {
  MetricsOptions options;
  options.warmup_requests = static_cast<std::uint32_t>(scenario.warmup.requests.value_or(0));
  options.warmup = to_duration(Seconds(scenario.warmup.duration_s.value_or(0)));
  options.goodput = scenario.slo.goodput;
  return options;
}

BuiltSimulation build(const ScenarioSettings& scenario, const Catalog& catalog) {
  return build(resolve(scenario, catalog));
}

BuiltSimulation build(ResolvedScenario resolved, TraceStore* store) {
  BuiltSimulation built;
  built.resolved = std::move(resolved);
  const ResolvedScenario& d = built.resolved;
  built.latency = make_latency_model(d);
  built.config = simulation_config(d, *built.latency);
  for (std::size_t i = 0; i < d.pools.size(); ++i) {
    if (i > 0) built.further.push_back(make_latency_model(d.pools[i]));
    Pool pool = pool_of(d.pools[i], i == 0 ? *built.latency : *built.further.back(),
                        role_called(d.scenario.pools[i].role));
    pool.name = d.scenario.pools[i].name;
    if (i == 0) built.config.pools.clear();
    built.config.pools.push_back(std::move(pool));
  }
  built.warnings = d.warnings;
  if (d.scenario.router.policy == "epp") {
    route_by_epp(d.scenario, built.config, built.warnings);
    if (built.config.flow_control && !d.scenario.failures.empty()) {
      throw InputError(
          ErrorKind::not_modelled,
          {.place = origin_place(d.scenario.origins, "failures"),
           .message = "replicas that die behind a picker that holds or refuses requests by its flow "
                      "control are not modelled",
           .expected = "a picker's file without it, or a scenario without `failures`"});
    }
  } else {
    refuse_flows(d.scenario);
  }
  for (std::string& caveat : caveats(*d.latency, d.latency_inputs())) {
    built.warnings.push_back(std::move(caveat));
  }
  try {
    WorkloadSpec workload = located_workload(d.scenario);
    if (auto* const trace = std::get_if<TraceSpec>(&workload.kind)) {
      trace->encodes_items = encodes_items(d);
      trace->grammars = d.scenario.engine.grammar_compile_ms.has_value();
      trace->adapters = adapter_names(d.scenario);
    }
    built.source = open_workload(workload, store);
  } catch (const InputError& error) {
    throw placed(error, d.scenario.origins);
  }
  return built;
}

}  // namespace blis
