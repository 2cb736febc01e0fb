#include "scenarios/scenario_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "scenarios/choices.h"
#include "sim/fleet/router.h"

namespace blis {
namespace {

constexpr Range<std::int64_t> kParallel{1, 1024};
constexpr Range<double> kTime{.low = 0, .high = 1e9};
constexpr Range<double> kLinkGbytesS{.low = 1e-3, .high = 1e6};

void describe(Fields& f, HardwareSettings& hardware) {
  f.required_name_or_section("gpu", hardware.gpu);
  f.integer("gpus_per_node", hardware.gpus_per_node, {1, 1024});
  f.number("price_usd_per_gpu_hour", hardware.price_usd_per_gpu_hour, kNotNegative);
}

constexpr int kMostDrafts = 64;

// How many drafts a step accepts: a list of rates, or a distribution.
void describe_acceptance(Fields& f, SpeculativeSettings& speculative) {
  const std::vector<double>& rates = speculative.acceptance;
  const bool readable = f.numbers("acceptance", speculative.acceptance, kShare);
  describe_distribution(f, "accepted", speculative.accepted);
  if (!readable) return;
  f.check(
      rates.empty() || !speculative.accepted, "accepted",
      {.message = "`engine.speculative` has both `acceptance` and `accepted`", .expected = "one of the two"});
  if (speculative.accepted || speculative.num_speculative_tokens == 0) return;
  const std::string got = fmt::format("[{}]", fmt::join(rates, ", "));
  const auto positions = static_cast<std::size_t>(speculative.num_speculative_tokens);
  f.check(rates.size() == positions, "acceptance",
          {.message = "`engine.speculative.acceptance` needs one rate for each draft position",
           .expected = fmt::format("{} number{} from 0 to 1, for num_speculative_tokens {}", positions,
                                   positions == 1 ? "" : "s", positions),
           .got = fmt::format("{}: {}", rates.size(), got),
           .hint = "each is the share of all steps that accept the draft at its position, as vLLM logs them: "
                   "`Per-position acceptance rate`"});
  f.check(std::ranges::is_sorted(rates, std::ranges::greater{}), "acceptance",
          {.message = "a draft is accepted only after those before it, so acceptance rates cannot rise",
           .expected = "no number above the one before it: [0.8, 0.6, 0.4]",
           .got = got,
           .hint = "shares among the steps that accepted the draft before are first multiplied by those "
                   "before them"});
}

void describe_drafts_by_batch_size(Fields& f, SpeculativeSettings& speculative) {
  constexpr std::string_view kKey = "num_speculative_tokens_per_batch_size";
  constexpr Range<std::int64_t> kSize{1, 1 << 20};
  const int known = speculative.num_speculative_tokens;
  auto& ranges = speculative.num_speculative_tokens_per_batch_size;
  if (f.reading() ? !f.has(kKey) : ranges.empty()) return;
  f.list(kKey, ranges, [&](DraftsOfBatchSize& range) {
    f.required_integer("from", range.from, kSize);
    f.required_integer("to", range.to, kSize);
    f.required_integer("num_speculative_tokens", range.num_speculative_tokens,
                       {0, known > 0 ? known : kMostDrafts});
  });
  int before = 0;
  for (const DraftsOfBatchSize& range : ranges) {
    const bool follows = range.from > before && (before > 0 || range.from == 1) && range.to >= range.from;
    f.check(follows, kKey,
            {.message = "the batch sizes of `num_speculative_tokens_per_batch_size` do not go upwards from 1",
             .expected = "ranges like { from: 1, to: 16 }, { from: 17, to: 64 }",
             .got = fmt::format("{} to {}", range.from, range.to)});
    before = std::max(before, range.to);
  }
}

void describe(Fields& f, SpeculativeSettings& speculative) {
  f.required_text("method", speculative.method, kSpeculativeMethods);
  // 0 where it cannot be read: then nothing is held against it.
  std::optional<int> drafts = speculative.num_speculative_tokens;
  f.integer("num_speculative_tokens", drafts, {1, kMostDrafts},
            f.reading() && f.has("num_speculative_tokens") ? Need::nullable : Need::required);
  speculative.num_speculative_tokens = drafts.value_or(0);
  describe_acceptance(f, speculative);
  describe_distribution(f, "drafts", speculative.drafts);
  describe_drafts_by_batch_size(f, speculative);
  if (f.reading() ? f.has("model") : speculative.model.has_value()) f.text("model", speculative.model);
  f.integer("draft_vocab_size", speculative.draft_vocab_size, {1, 10'000'000}, Need::rare);
}

void describe(Fields& f, KvConnectorSettings& connector) {
  f.required_number("gb_per_s", connector.gb_per_s, {.low = 1e-6, .high = 1e6});
  f.required_number("latency_ms", connector.latency_ms, kTime);
  f.number("capacity_gib", connector.capacity_gib, kPositive);
  f.boolean("asynchronous", connector.asynchronous);
  f.number("failing_loads", connector.failing_loads, kShare);
  f.boolean("supports_hma", connector.supports_hma, Need::rare);
}

void describe(Fields& f, OffloadingSettings& offloading) {
  f.text("eviction_policy", offloading.eviction_policy, chunk_eviction_names(), Need::rare);
  f.integer("block_size", offloading.block_size, kTokenCount, Need::rare);
  f.integer("blocks_per_chunk", offloading.blocks_per_chunk, kTokenCount, Need::rare);
  f.integer("store_threshold", offloading.store_threshold, {0, kTokenCount.high}, Need::rare);
  f.integer("max_tracker_size", offloading.max_tracker_size, kTokenCount, Need::rare);
  f.list("secondary_tiers", offloading.secondary_tiers,
         [&](SecondaryTierSettings& tier) { f.required_text("type", tier.type, kSecondaryTiers); });
}

void describe(Fields& f, PrefixCacheResetSettings& resets) {
  const bool readable = f.numbers("at_s", resets.at_s, {.low = 0, .high = 1e9});
  f.boolean("reset_running_requests", resets.reset_running_requests);
  if (!readable) return;
  f.check(!resets.at_s.empty() && std::ranges::is_sorted(resets.at_s), "at_s",
          {.message = "`engine.reset_prefix_cache.at_s` says when, in seconds since the run began, in order",
           .expected = "[600, 1200]",
           .got = fmt::format("[{}]", fmt::join(resets.at_s, ", "))});
}

void describe(Fields& f, LoraSettings& lora) {
  constexpr Range<std::int64_t> kNames{1, 65'535};  // that AdapterIndex tells apart
  f.texts("adapters", lora.adapters);
  f.integer("max_loras", lora.max_loras, {1, 4096});
  f.integer("max_lora_rank", lora.max_lora_rank, {1, 4096});
  f.integer("max_cpu_loras", lora.max_cpu_loras, kNames);
  f.required_number("load_ms", lora.load_ms, kTime);
  f.required_number("activate_ms", lora.activate_ms, kTime);
  f.required_number("slowdown", lora.slowdown, {.low = 0, .high = 100});
  f.check(kNames.contains(std::ssize(lora.adapters)), "adapters",
          {.message = "`engine.lora.adapters` names no adapter, or too many",
           .expected = "from 1 to 65535 names: [sql, chat]",
           .got = std::to_string(lora.adapters.size())});
}

void describe(Fields& f, SchedulerSwitches& switches) {
  f.boolean("reserve_full_isl", switches.reserve_full_isl);
  f.number("watermark", switches.watermark, kShare);
  f.text("free_order", switches.free_order, kFreeOrders);
  f.boolean("v2_model_runner", switches.v2_model_runner, Need::rare);
}

void describe(Fields& f, HostSettings& host) {
  f.number("api_ms", host.api_ms, kTime);
  f.number("api_per_token_us", host.api_per_token_us, kTime);
  f.number("api_per_sequence_us", host.api_per_sequence_us, kTime);
  f.number("step_us", host.step_us, kTime);
  f.number("per_sequence_us", host.per_sequence_us, kTime);
  f.number("sync_us", host.sync_us, kTime);
  f.number("sync_per_sequence_us", host.sync_per_sequence_us, kTime);
}

void describe(Fields& f, ClockSettings& clocks) {
  f.number("slowdown", clocks.slowdown, kShare);
  f.number("window_ms", clocks.window_ms, kTime);
}

void describe(Fields& f, PoolSettings& pool) {
  f.required_text("name", pool.name);
  f.text("role", pool.role, kPoolRoles);
  f.integer("replicas", pool.replicas, {1, 10'000});
  f.section("autoscaling", pool.autoscaling, [&](AutoscalingSettings& scaling) { describe(f, scaling); });
  f.section(
      "hardware", [&] { describe(f, pool.hardware); }, Need::required);
  f.section("engine", [&] { describe(f, pool.engine); });
  f.section("latency", [&] { describe(f, pool.latency); });
}

void check_names(Fields& f, const std::vector<PoolSettings>& pools) {
  f.check(!pools.empty(), "pools",
          {.message = "`pools` has no pool", .expected = "at least one, or `replicas` instead"});
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const bool first = std::find_if(pools.begin(), pools.end(), [&](const PoolSettings& pool) {
                         return pool.name == pools[i].name;
                       }) == pools.begin() + static_cast<std::ptrdiff_t>(i);
    f.check(first, "pools",
            {.message = fmt::format("two pools are called `{}`", pools[i].name),
             .expected = "a name of its own for each",
             .got = pools[i].name});
  }
}

void describe(Fields& f, GatewaySettings& gateway) {
  f.number("latency_ms", gateway.latency_ms, kTime, Need::rare);
  f.number("latency_per_token_us", gateway.latency_per_token_us, kTime, Need::rare);
}

void describe(Fields& f, KvTransferSettings& link) {
  f.number("bandwidth_gbps", link.bandwidth_gbps, {.low = 0, .high = 1e6});
  f.number("latency_ms", link.latency_ms, kTime);
  f.text("sharing", link.sharing, kLinkSharings);
  f.number("failing_loads", link.failing_loads, kShare);
}

// The parameters of a policy as a field for each.
void describe_options(Fields& f, const RouterPolicy& policy,
                      std::vector<std::pair<std::string, double>>& options) {
  const auto given = std::exchange(options, {});
  for (const PolicyParameter& parameter : policy.parameters) {
    std::optional<double> value;
    for (const auto& [name, known] : given) {
      if (name == parameter.name) value = known;
    }
    if (parameter.kind == PolicyParameter::Kind::boolean) {
      std::optional<bool> yes = value ? std::optional(*value != 0) : std::nullopt;
      f.boolean(parameter.name, yes, Need::rare);
      value = yes ? std::optional<double>(*yes) : std::nullopt;
    } else if (parameter.kind == PolicyParameter::Kind::integer) {
      std::optional<std::int64_t> whole;
      if (value) whole = static_cast<std::int64_t>(*value);
      f.integer(parameter.name, whole,
                {static_cast<std::int64_t>(parameter.low), static_cast<std::int64_t>(parameter.high)},
                Need::rare);
      if (whole) value = static_cast<double>(*whole);
    } else {
      f.number(parameter.name, value, {.low = parameter.low, .high = parameter.high}, Need::rare);
    }
    if (value) options.emplace_back(parameter.name, *value);
  }
}

void describe(Fields& f, RouterSettings& router) {
  constexpr Range<double> kScrape{.low = 0, .high = 1000};  // engines remember a second
  f.text("policy", router.policy, router_names());
  f.text("config", router.config, {}, Need::rare);
  f.integer("non_cached_tokens", router.non_cached_tokens, {1, 100'000'000}, Need::rare);
  f.number("refresh_metrics_interval_ms", router.refresh_metrics_interval_ms, kScrape, Need::rare);
  // Whose parameters and metrics it takes. Whether it is vLLM's own where nobody says, the engine decides.
  const std::string policy = router.policy.value_or("vllm_balance");
  f.check(policy == "epp" || !router.config, "config",
          {.message = fmt::format("the router `{}` has no configuration file",
                                  router.policy.value_or("round_robin")),
           .expected = "policy: epp, which reads an EndpointPickerConfig",
           .hint = "leave out router.config, or set router.policy to epp"});
  const auto row = std::ranges::find(kRouters, policy, &RouterPolicy::name);
  if (row == kRouters.end()) return;
  f.check(row->scrape > Duration{0} || !router.refresh_metrics_interval_ms, "refresh_metrics_interval_ms",
          {.message = fmt::format("the router `{}` reads no metrics", policy),
           .expected = "a router that does: epp or vllm_balance",
           .hint = "leave it out"});
  describe_options(f, *row, router.options);
}

void describe(Fields& f, WarmupSettings& warmup) {
  f.integer("requests", warmup.requests, {0, kCount.high}, Need::rare);
  f.number("duration_s", warmup.duration_s, kTime, Need::rare);
  f.check(!warmup.requests || !warmup.duration_s, "duration_s",
          {.message = "`warmup` has both `requests` and `duration_s`", .expected = "one of the two"});
}

}  // namespace

void describe(Fields& f, EngineSettings& engine) {
  f.text("vllm_version", engine.vllm_version);
  f.integer("tensor_parallel_size", engine.tensor_parallel_size, kParallel);
  f.integer("pipeline_parallel_size", engine.pipeline_parallel_size, kParallel);
  f.integer("data_parallel_size", engine.data_parallel_size, kParallel);
  f.boolean("data_parallel_external_lb", engine.data_parallel_external_lb, Need::rare);
  f.boolean("data_parallel_hybrid_lb", engine.data_parallel_hybrid_lb, Need::rare);
  f.integer("data_parallel_size_local", engine.data_parallel_size_local, kParallel, Need::rare);
  f.boolean("enable_expert_parallel", engine.enable_expert_parallel);
  f.text("all2all_backend", engine.all2all_backend, kAll2AllBackends, Need::rare);
  f.text("dtype", engine.dtype, kDtypes);
  f.text("quantization", engine.quantization, kQuantizations);
  f.text("kv_cache_dtype", engine.kv_cache_dtype, kKvCacheDtypes);
  f.tokens("max_model_len", engine.max_model_len, kTokenCount, /*may_be_automatic=*/true);
  f.integer("max_num_seqs", engine.max_num_seqs, {1, 1 << 20});
  f.tokens("max_num_batched_tokens", engine.max_num_batched_tokens, kTokenCount, /*may_be_automatic=*/false);
  f.tokens("max_num_scheduled_tokens", engine.max_num_scheduled_tokens, kTokenCount,
           /*may_be_automatic=*/false, Need::rare);
  f.integer("prefill_schedule_interval", engine.prefill_schedule_interval, kTokenCount, Need::rare);
  f.integer("max_num_queued_reqs", engine.max_num_queued_reqs, {0, kTokenCount.high}, Need::rare);
  f.tokens("max_num_queued_tokens", engine.max_num_queued_tokens, {0, kTokenCount.high},
           /*may_be_automatic=*/false, Need::rare);
  f.number("gpu_memory_utilization", engine.gpu_memory_utilization, kPositiveShare);
  f.integer("num_gpu_blocks_override", engine.num_gpu_blocks_override, kTokenCount);
  f.integer("block_size", engine.block_size, {1, 1024});
  f.boolean("enable_prefix_caching", engine.enable_prefix_caching);
  f.boolean("disable_hybrid_kv_cache_manager", engine.disable_hybrid_kv_cache_manager, Need::rare);
  f.text("mamba_cache_mode", engine.mamba_cache_mode, kStateModes, Need::rare);
  f.integer("prefix_cache_retention_interval", engine.prefix_cache_retention_interval, {0, kTokenCount.high});
  f.boolean("enable_chunked_prefill", engine.enable_chunked_prefill);
  f.integer("long_prefill_token_threshold", engine.long_prefill_token_threshold, {0, kTokenCount.high});
  f.text("scheduling_policy", engine.scheduling_policy, scheduling_policy_names());
  f.boolean("async_scheduling", engine.async_scheduling);
  f.boolean("enforce_eager", engine.enforce_eager);
  f.section("speculative", engine.speculative, [&](SpeculativeSettings& s) { describe(f, s); });
  f.section("lora", engine.lora, [&](LoraSettings& lora) { describe(f, lora); });
  f.section("kv_connector", engine.kv_connector, [&](KvConnectorSettings& c) { describe(f, c); });
  f.number("kv_offloading_size", engine.kv_offloading_size, kPositive, Need::rare);
  f.section("kv_connector_extra_config", engine.kv_connector_extra_config,
            [&](OffloadingSettings& offloading) { describe(f, offloading); });
  f.text("kv_load_failure_policy", engine.kv_load_failure_policy, kLoadFailurePolicies, Need::rare);
  f.section("reset_prefix_cache", engine.reset_prefix_cache,
            [&](PrefixCacheResetSettings& resets) { describe(f, resets); });
  f.number("grammar_compile_ms", engine.grammar_compile_ms, kTime, Need::rare);
  f.boolean("disable_chunked_mm_input", engine.disable_chunked_mm_input, Need::rare);
  f.integer("max_tokens_per_mm_item", engine.max_tokens_per_mm_item, {1, 1'000'000}, Need::rare);
  f.section("scheduler", [&] { describe(f, engine.scheduler); });
}

void describe(Fields& f, LatencySettings& latency) {
  f.text("model", latency.model);
  f.text("profile", latency.profile);
  f.section("coefficients", latency.coefficients, [&](BlackboxCoefficients& c) {
    f.required_number("step_us", c.step_us, kTime);
    f.number("prefill_token_us", c.prefill_token_us, kTime);
    f.number("decode_token_us", c.decode_token_us, kTime);
    f.number("context_token_us", c.context_token_us, kTime);
    f.number("request_us", c.request_us, kTime);
    f.number("request_token_us", c.request_token_us, kTime);
  });
  f.text("calibration", latency.calibration);
  f.section("host", [&] { describe(f, latency.host); });
  f.section("clocks", [&] { describe(f, latency.clocks); });
}

std::span<const std::string> slo_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names;
    for (const char* const metric : {"ttft_ms", "tpot_ms", "itl_ms", "e2el_ms", "queue_ms"}) {
      for (const char* const statistic : {"mean", "median", "std", "min", "max", "p90", "p95", "p99"}) {
        names.push_back(std::string(statistic) + "_" + metric);
      }
    }
    return names;
  }();
  return keys;
}

void describe(Fields& f, SloSettings& slo) {
  f.section("goodput", [&] {
    f.number("ttft_ms", slo.goodput.ttft_ms, kPositive, Need::rare);
    f.number("tpot_ms", slo.goodput.tpot_ms, kPositive, Need::rare);
    f.number("e2el_ms", slo.goodput.e2el_ms, kPositive, Need::rare);
    f.number("attainment", slo.attainment, kPositiveShare, Need::rare);
    f.check(slo.goodput.any() || !slo.attainment, "attainment",
            {.message = "`slo.goodput.attainment` needs something to attain",
             .expected = "ttft_ms, tpot_ms or e2el_ms beside it"});
  });
  // The limits as a field for each key, so that reading and writing see the same list.
  const std::vector<SloLimit> given = std::exchange(slo.limits, {});
  for (const std::string& key : slo_keys()) {
    std::optional<double> limit;
    for (const SloLimit& known : given) {
      if (known.key == key) limit = known.limit;
    }
    f.number(key, limit, kPositive, Need::rare);
    if (limit) slo.limits.push_back({key, *limit});
  }
}

void describe(Fields& f, ScenarioSettings& scenario, Scope scope) {
  const Need engine = scope == Scope::simulation ? Need::required : Need::defaulted;
  const bool pooled = f.reading() ? f.has("pools") : !scenario.pools.empty();
  std::int64_t version = kFormatVersion;
  f.required_integer("version", version, {kFormatVersion, kFormatVersion});
  f.text("name", scenario.name);
  if (engine == Need::required) {
    f.required_text("model", scenario.model);
  } else {
    f.text("model", scenario.model);
  }
  f.boolean("allow_unmodelled", scenario.allow_unmodelled, Need::rare);
  f.texts("left_out", scenario.left_out);
  f.section(
      "hardware", [&] { describe(f, scenario.hardware); }, pooled ? Need::defaulted : engine);
  f.section("engine", [&] { describe(f, scenario.engine); });
  if (f.reading() || !pooled) {
    f.integer("replicas", scenario.replicas, {1, 10'000});
    f.section("autoscaling", scenario.autoscaling,
              [&](AutoscalingSettings& scaling) { describe(f, scaling); });
  }
  if (pooled) {
    f.check(!f.has("autoscaling"), "autoscaling",
            {.message = "`autoscaling` beside `pools` is of no pool", .expected = "`autoscaling` in a pool"});
    f.check(!f.has("replicas"), "replicas",
            {.message = "`replicas` and `pools` say the same", .expected = "`replicas` in each pool"});
    f.list("pools", scenario.pools, [&](PoolSettings& pool) { describe(f, pool); });
    check_names(f, scenario.pools);
  }
  f.section("links", [&] {
    f.section("kv_transfer", scenario.kv_transfer, [&](KvTransferSettings& link) { describe(f, link); });
    f.section("host", scenario.host_link, [&](HostLinkSettings& link) {
      f.required_number("bandwidth_gbytes_s", link.bandwidth_gbytes_s, kLinkGbytesS);
    });
    f.section("storage", scenario.storage_link, [&](StorageLinkSettings& link) {
      f.required_number("read_gbytes_s", link.read_gbytes_s, kLinkGbytesS);
      f.required_number("write_gbytes_s", link.write_gbytes_s, kLinkGbytesS);
    });
  });
  f.list("failures", scenario.failures, [&](FailureSettings& failure) {
    f.required_integer("replica", failure.replica, {0, 9'999});
    f.required_number("at_s", failure.at_s, {.low = 0, .high = 1e8});
    f.number("restart_after_s", failure.restart_after_s, {.low = 1, .high = 1e8}, Need::rare);
  });
  f.section("gateway", [&] { describe(f, scenario.gateway); });
  f.section("router", [&] { describe(f, scenario.router); });
  f.section("latency", [&] { describe(f, scenario.latency); });
  f.section(
      "workload", [&] { describe(f, scenario.workload); }, Need::required);
  f.section("warmup", [&] { describe(f, scenario.warmup); });
  f.section("slo", [&] { describe(f, scenario.slo); });
  f.integer("seed", scenario.seed, {0, std::numeric_limits<std::int64_t>::max()});
}

}  // namespace blis
