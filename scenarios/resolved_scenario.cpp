#include "scenarios/resolved_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "roofline/cuda_graphs.h"
#include "roofline/engine_defaults.h"
#include "roofline/machine.h"
#include "roofline/release_changes.h"
#include "scenarios/arguments_since.h"
#include "scenarios/calibration_file.h"
#include "scenarios/drafter_rules.h"
#include "scenarios/engine_rules.h"
#include "scenarios/failure_rules.h"
#include "scenarios/gpu_support.h"
#include "scenarios/kv_rules.h"
#include "scenarios/not_modelled.h"
#include "scenarios/offloading.h"
#include "scenarios/placed_error.h"
#include "scenarios/pool_roles.h"
#include "scenarios/pools.h"
#include "scenarios/rank_rules.h"
#include "scenarios/router_rules.h"
#include "scenarios/scaling_rules.h"

namespace blis {
namespace {

// The release 0.N, which was cut after mainline of its date.
constexpr int kNullBlockCountsFrom = 29;
constexpr int kMostEngines = std::numeric_limits<EngineIndex>::max();

double cache_dtype_bytes(const ResolvedScenario& d) {
  constexpr double kByte = 1, kTwoBytes = 2;
  const std::string& dtype = d.scenario.engine.kv_cache_dtype;
  if (dtype == "auto") return kv_dtype_bytes(d.model);
  return dtype.starts_with("fp8") ? kByte : kTwoBytes;
}

// An error of those who know no scenario, at the key that caused it.
template <class Compute>
auto at_key(const Origins& origins, std::string_view key, Compute compute) {
  try {
    return compute();
  } catch (const InputError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (to_string(problem.place).empty()) problem.place = origin_place(origins, key);
    }
    throw InputError(error.kind(), std::move(problems));
  }
}

ExpertExchange expert_exchange(std::string_view backend) {
  if (backend == "allgather_reducescatter" || backend == "naive") return ExpertExchange::gather;
  const bool forwards =
      backend == "deepep_high_throughput" || backend == "deepep_v2" || backend == "mori_high_throughput";
  return forwards ? ExpertExchange::high_throughput : ExpertExchange::low_latency;
}

KvCapacity size_kv_cache(const ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  const Origins& origins = d.scenario.origins;
  const MemorySettings memory = memory_settings(d);
  if (!engine.num_gpu_blocks_override) {
    KvCapacity kv = at_key(origins, "engine.tensor_parallel_size",
                           [&] { return kv_capacity(d.model, d.hardware, d.parallel, memory); });
    at_key(origins, "hardware.gpu", [&] {
      require_fits(kv, d.model, d.hardware, d.parallel, memory);
      return 0;
    });
    return kv;
  }
  // The number is the user's; what is left to ask is how many blocks the longest request needs, which
  // depends on no memory.
  Hardware roomy = d.hardware;
  roomy.memory_gib = std::max(roomy.memory_gib, 1.0);
  KvCapacity kv = at_key(origins, "engine.tensor_parallel_size",
                         [&] { return kv_capacity(d.model, roomy, d.parallel, memory); });
  kv.num_blocks = *engine.num_gpu_blocks_override;
  if (kv.feasible()) return kv;
  throw InputError(
      ErrorKind::infeasible,
      {.place = origin_place(origins, "engine.num_gpu_blocks_override"),
       .message = fmt::format("a request of max_model_len {} does not fit {} KV blocks",
                              *engine.max_model_len, kv.num_blocks),
       .expected = fmt::format("at least {} blocks of {} tokens",
                               std::max<std::int64_t>(2, kv.longest_request_blocks), kv.layout.block_size),
       .got = std::to_string(kv.num_blocks),
       .hint = "raise num_gpu_blocks_override or lower max_model_len"});
}

// As vLLM's KV-cache coordinator. How large a block is, the layers decide.
void check_interval_of_blocks(const ResolvedScenario& d) {
  const int interval = d.scenario.engine.prefix_cache_retention_interval.value_or(0);
  const int size = d.kv.layout.match_size();
  if (interval % size == 0) return;
  throw InputError(ErrorKind::usage,
                   {.place = origin_place(d.scenario.origins, "engine.prefix_cache_retention_interval"),
                    .message = "`engine.prefix_cache_retention_interval` ends within a block",
                    .expected = fmt::format("0 or a multiple of a block's {} tokens", size),
                    .got = std::to_string(interval)});
}

void check_room_for_states(const ResolvedScenario& d) {
  const std::string& cache = d.scenario.engine.kv_cache_dtype;
  if (d.kv.layout.packed && cache != "auto" && !cache.starts_with("fp8")) {
    throw InputError(
        ErrorKind::usage,
        {.place = origin_place(d.scenario.origins, "engine.kv_cache_dtype"),
         .message = fmt::format("the KV cache of `{}` has a format of its own, in 8 bits", d.model.name),
         .expected = "auto or fp8",
         .got = cache});
  }
  // vLLM refuses to start: the graphs of decodes are captured for as many states as there are sequences.
  const std::int64_t most = *d.scenario.engine.max_num_seqs;
  if (!d.kv.layout.has_states() || d.cuda_graph_sizes.empty() || most <= d.kv.num_blocks) return;
  throw InputError(
      ErrorKind::infeasible,
      {.place = origin_place(d.scenario.origins, "engine.max_num_seqs"),
       .message = fmt::format("`{}` keeps a state of each sequence, and there are fewer blocks for "
                              "them than max_num_seqs",
                              d.model.name),
       .expected = fmt::format("at most {}, the number of blocks", d.kv.num_blocks),
       .got = std::to_string(most),
       .hint = "lower max_num_seqs, or set enforce_eager"});
}

// What of a prompt is found again where groups have blocks of different sizes, once drafts drop a block of it
// or some of it comes from elsewhere.
void check_blocks_of_one_size(ResolvedScenario& d) {
  EngineSettings& engine = d.scenario.engine;
  std::optional<bool>& caching = engine.enable_prefix_caching;
  if (!d.kv.layout.has_unequal_blocks() || !caching.value_or(false)) return;
  const bool drops = engine.speculative && drops_last_match(*engine.speculative);
  const bool connects = engine.kv_connector || engine.kv_offloading_size;
  const char* const beside = drops ? "drafts" : connects ? "a KV connector" : nullptr;
  if (beside == nullptr) return;
  Problem problem{
      .place = origin_place(d.scenario.origins, "engine.enable_prefix_caching"),
      .message = fmt::format("prefix caching of `{}`, whose layers have KV blocks of different sizes, beside "
                             "{} is not modelled",
                             d.model.name, beside),
      .expected = "enable_prefix_caching: false (--no-enable-prefix-caching)",
      .hint = std::string(kAllowUnmodelled)};
  if (!d.scenario.allow_unmodelled.value_or(false))
    throw InputError(ErrorKind::not_modelled, std::move(problem));
  caching = false;
  d.not_modelled.push_back(std::move(problem.message));
}

// The blocks that max_model_len is to fit, where the user asks for whatever fits; vLLM searches alike.
// Source: _auto_fit_max_model_len of vllm/v1/core/kv_cache_utils.py.
void fit_max_model_len(ResolvedScenario& d) {
  const MemorySettings memory = memory_settings(d);
  KvCapacity kv = kv_capacity(d.model, d.hardware, d.parallel, memory);
  if (d.scenario.engine.num_gpu_blocks_override) kv.num_blocks = *d.scenario.engine.num_gpu_blocks_override;
  if (kv.longest_request_blocks <= kv.num_blocks || kv.num_blocks <= 1) return;
  std::int64_t fits = 1, too_long = memory.max_model_len;
  while (too_long - fits > 1) {
    const std::int64_t length = (fits + too_long) / 2;
    const std::int64_t blocks = required_blocks(kv.layout, memory, length);
    (blocks <= kv.num_blocks ? fits : too_long) = length;
  }
  d.scenario.engine.max_model_len = static_cast<int>(fits);
  d.scenario.origins.insert_or_assign("engine.max_model_len", "auto: the longest that fits the KV cache");
}

}  // namespace

MemorySettings memory_settings(const ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  const EngineDefaults defaults = default_engine(d.hardware.memory_gib, d.hardware.name, d.version.date);
  MemorySettings memory;
  memory.gpu_memory_utilization = *engine.gpu_memory_utilization;
  memory.block_size = engine.block_size;
  memory.max_num_batched_tokens = *engine.max_num_batched_tokens;
  if (d.version.preset.behaviour.window_frees_settled) memory.batches_in_flight = batch_queue_size(engine);
  memory.null_block_in_length_check = has_change(Change::null_block_counts, d.version.date) ||
                                      is_release_from(d.version, kNullBlockCountsFrom);
  memory.max_num_seqs = *engine.max_num_seqs;
  memory.max_model_len = *engine.max_model_len;
  memory.kv_dtype_bytes = cache_dtype_bytes(d);
  memory.captured_graphs = static_cast<int>(d.cuda_graph_sizes.size());
  memory.subtract_graph_memory = defaults.subtract_graph_memory;
  memory.sort_to_sample = d.sort_to_sample;
  memory.prefix_caching = *engine.enable_prefix_caching;
  memory.drafter = d.drafter;
  if (engine.lora) {
    memory.adapter_slots = engine.lora->max_loras;
    memory.adapter_rank = engine.lora->max_lora_rank;
  }
  return memory;
}

ModelRules model_rules(const ScenarioSettings& s) {
  return {
      .vllm = find_vllm_version(s.engine.vllm_version, origin_place(s.origins, "engine.vllm_version")).code,
      .allow_unmodelled = s.allow_unmodelled.value_or(false)};
}

namespace {

ResolvedScenario resolve_pool(const ScenarioSettings& scenario, const Catalog& catalog, Fit fit,
                              bool hands_on = false) {
  ResolvedScenario d;
  d.hands_on = hands_on;
  d.scenario = scenario;
  ScenarioSettings& s = d.scenario;
  const auto place = [&](std::string_view key) { return origin_place(s.origins, key); };
  Complaints complaints(s.origins);

  d.version = find_vllm_version(s.engine.vllm_version, place("engine.vllm_version"));
  if (!d.version.warning.empty()) d.warnings.push_back(d.version.warning);
  fill(s, s.engine.vllm_version, d.version.name, "engine.vllm_version", "the newest verified");
  d.model_as_is = catalog.model(s.model, s.folder, place("model"), model_rules(scenario));
  for (const std::string& remark : d.model_as_is.remarks) {
    d.warnings.push_back(fmt::format("{}: {}", d.model_as_is.name, remark));
  }
  d.hardware = catalog.hardware(s.hardware.gpu, place("hardware.gpu"), s.folder);
  if (d.hardware.gpus_per_node > 0) {
    fill(s, s.hardware.gpus_per_node, std::int64_t{d.hardware.gpus_per_node}, "hardware.gpus_per_node",
         fmt::format("data sheet of {}", d.hardware.name));
  }
  if (s.hardware.gpus_per_node) d.hardware.gpus_per_node = static_cast<int>(*s.hardware.gpus_per_node);

  d.model = d.model_as_is;
  apply_weights(d, complaints);
  apply_kv_manager(d, complaints);
  take_not_modelled(d);
  check_arguments_since(d, complaints);
  check_block_size(d, complaints);
  fill_max_model_len(d, complaints);
  complaints.check();
  if (std::vector<Problem> problems = gpu_refusals(d); !problems.empty()) {
    throw InputError(ErrorKind::not_modelled, std::move(problems));
  }
  if (const int size = kv_block_size(d.model, s.engine.block_size); size != s.engine.block_size) {
    if (s.origins.contains("engine.block_size"))
      d.warnings.push_back(
          fmt::format("block_size {} is taken as {}, as kernels of latent attention have it: that vLLM since "
                      "2026-03-09 has others "
                      "for smaller blocks is not simulated",
                      s.engine.block_size, size));
    s.engine.block_size = size;
    s.origins.insert_or_assign("engine.block_size", "latent attention's kernels");
  }
  fill_engine_defaults(d);
  d.latency = &latency_models().front();
  if (s.latency.model) d.latency = &find_latency_model(*s.latency.model, place("latency.model"));
  fill(s, s.latency.model, std::string(d.latency->name), "latency.model", "default");
  if (s.latency.calibration) apply_calibration(s);
  fill(s, s.latency.host.api_ms, d.latency->api_ms(s), "latency.host.api_ms",
       fmt::format("constant of {}", d.latency->name));
  fill(s, s.latency.host.api_per_token_us, d.latency->api_per_token_us, "latency.host.api_per_token_us",
       fmt::format("constant of {}", d.latency->name));
  fill(s, s.latency.host.api_per_sequence_us, d.latency->api_per_sequence_us,
       "latency.host.api_per_sequence_us", fmt::format("constant of {}", d.latency->name));
  // A GPU whose products keep their speed however long they are is not held back by its power.
  const bool sags = kernel_constants_of(d.hardware).gemm.sag > 0;
  fill(s, s.latency.clocks.slowdown, sags ? d.latency->clock_slowdown : 0, "latency.clocks.slowdown",
       fmt::format("constant of {}", d.latency->name));
  fill(s, s.latency.clocks.window_ms, SustainedConstants{}.window_ms, "latency.clocks.window_ms",
       fmt::format("constant of {}", d.latency->name));
  check_engine(d, complaints);
  if (s.autoscaling && !s.origins.contains("replicas")) {
    s.replicas = s.autoscaling->min_replicas;
    s.origins["replicas"] = "autoscaling.min_replicas";
  }
  check_scaling(d, complaints);
  check_endpoints(d, complaints);
  complaints.check();

  const int ranks = ranks_in_step(d) ? s.engine.data_parallel_size : 1;
  d.parallel = {s.engine.tensor_parallel_size, s.engine.pipeline_parallel_size, ranks,
                s.engine.enable_expert_parallel};
  d.replicas = s.replicas * (s.engine.data_parallel_size / ranks);
  if (d.replicas > kMostEngines / endpoints_of_engine(d)) {
    throw InputError(
        ErrorKind::usage,
        Problem{.place = place("replicas"),
                .message = fmt::format("{} replicas of {} data-parallel engines each are too many",
                                       s.replicas, s.engine.data_parallel_size),
                .expected = fmt::format("{} engines at most", kMostEngines),
                .got = fmt::format("{}", d.replicas)});
  }
  at_key(s.origins, "engine.tensor_parallel_size", [&] {
    check_parallelism(d.model, d.parallel);
    return 0;
  });
  d.drafter = find_drafter(d, catalog, d.warnings);
  if (!s.engine.enforce_eager) {
    const int drafts = s.engine.speculative ? s.engine.speculative->num_speculative_tokens : 0;
    d.cuda_graph_sizes =
        graph_capture_sizes(*s.engine.max_num_seqs, *s.engine.max_num_batched_tokens, drafts);
  }
  if (fit == Fit::reported && !(d.hardware.memory_gib > 0)) {
    d.warnings.push_back(
        fmt::format("{} has no MemoryGiB: whether the model fits is not known", d.hardware.name));
    warn_of_what_is_left_out(d);
    return d;
  }
  try {
    if (d.automatic_length) fit_max_model_len(d);
    d.kv = size_kv_cache(d);
    check_room_for_states(d);
    check_interval_of_blocks(d);
    check_host_memory(d);
    if (fit == Fit::required) check_blocks_of_one_size(d);
  } catch (const InputError& error) {
    if (fit == Fit::required || error.kind() != ErrorKind::infeasible) throw;
    for (const Problem& problem : error.problems()) {
      d.warnings.push_back(fmt::format("{}: {}", problem.message, problem.got));
    }
  }
  warn_of_what_is_left_out(d);
  return d;
}

}  // namespace

ResolvedScenario resolve(const ScenarioSettings& scenario, const Catalog& catalog, Fit fit) {
  Complaints complaints(scenario.origins);
  if (scenario.pools.empty()) {
    check_pool_roles(scenario, {}, complaints);
    complaints.check();
    ResolvedScenario d = resolve_pool(scenario, catalog, fit);
    check_failures(scenario, d.places(), complaints);
    complaints.check();
    settle_router(d);
    return d;
  }
  std::vector<ResolvedScenario> pools;
  std::vector<std::string> warnings;
  int engines = 0;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const bool hands_on = scenario.pools[i].role != "both";
    pools.push_back(resolve_pool(pool_scenario(scenario, i), catalog, fit, hands_on));
    engines += pools.back().places() * endpoints_of_engine(pools.back());
    for (const std::string& warning : pools.back().warnings) {
      if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(warning);
    }
  }
  check_pool_roles(scenario, pools, complaints);
  check_failures(scenario, engines, complaints);
  if (engines > kMostEngines) {
    complaints.add("pools", {.message = fmt::format("{} engines are too many", engines),
                             .expected = fmt::format("{} engines at most", kMostEngines)});
  }
  complaints.check();
  ResolvedScenario d = pools.front();
  d.warnings = std::move(warnings);
  d.scenario.pools = scenario.pools;
  d.scenario.autoscaling.reset();  // the first pool's
  const auto immortal = [](const ResolvedScenario& pool) { return pool.scenario.failures.empty(); };
  if (std::ranges::any_of(pools, immortal)) d.scenario.failures.clear();  // left out
  for (const auto& [key, origin] : scenario.origins) d.scenario.origins.emplace(key, origin);
  for (std::size_t i = 0; i < pools.size(); ++i) take_back(d.scenario, i, pools[i].scenario);
  d.pools = std::move(pools);
  settle_router(d);
  return d;
}

std::span<const ResolvedScenario> pools_of(const ResolvedScenario& d) {
  return d.pools.empty() ? std::span(&d, 1) : std::span(d.pools);
}

int ResolvedScenario::gpus() const {
  int gpus = 0;
  for (const ResolvedScenario& pool : pools_of(*this)) gpus += pool.parallel.gpus() * pool.places();
  return gpus;
}

std::optional<double> ResolvedScenario::usd_per_hour() const {
  double usd = 0;
  for (const ResolvedScenario& pool : pools_of(*this)) {
    const std::optional<double> price = pool.scenario.hardware.price_usd_per_gpu_hour;
    if (!price) return std::nullopt;
    usd += *price * (pool.parallel.gpus() * pool.places());
  }
  return usd;
}

LatencyInputs ResolvedScenario::latency_inputs() const {
  const EngineSettings& engine = scenario.engine;
  const SamplingSettings& sampling = scenario.workload.sampling;
  const HostSettings& host = scenario.latency.host;
  CalibratedOptions options;
  options.kv_dtype_bytes = cache_dtype_bytes(*this);
  options.max_num_batched_tokens = *engine.max_num_batched_tokens;
  options.max_num_seqs = *engine.max_num_seqs;
  options.compiled = !engine.enforce_eager;
  options.async_scheduling = *engine.async_scheduling;
  // What the clients ask for; saying nothing, they get what the model's makers recommend.
  const bool asked = sampling.top_p || sampling.top_k;
  options.top_p_or_k =
      asked ? sampling.top_k || *sampling.top_p < 1 : model.default_top_p_or_k.value_or(false);
  options.sort_to_sample = sort_to_sample;
  options.drafter = drafter;
  options.exchange = expert_exchange(engine.all2all_backend.value_or("allgather_reducescatter"));
  if (host.step_us) options.host.step_us = *host.step_us;
  if (host.per_sequence_us) options.host.per_sequence_us = *host.per_sequence_us;
  if (host.sync_us) options.host.sync_us = *host.sync_us;
  if (host.sync_per_sequence_us) options.host.sync_per_sequence_us = *host.sync_per_sequence_us;
  return {scenario, model, model_as_is, hardware, parallel, options};
}

std::unique_ptr<ExplainedModel> make_latency_model(const ResolvedScenario& d) {
  const LatencyInputs inputs = d.latency_inputs();
  Complaints complaints(d.scenario.origins);
  for (Problem& problem : refusals(*d.latency, inputs)) {
    const std::string key = problem.place.file;
    complaints.add(key, std::move(problem));
  }
  complaints.check();
  return at_key(d.scenario.origins, "model", [&] { return d.latency->make(inputs); });
}

}  // namespace blis
