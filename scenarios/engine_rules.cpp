#include "scenarios/engine_rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "roofline/engine_defaults.h"
#include "scenarios/adapter_rules.h"
#include "scenarios/choices.h"
#include "scenarios/human_integer.h"
#include "scenarios/item_rules.h"
#include "scenarios/kv_rules.h"
#include "scenarios/offloading.h"
#include "scenarios/quantization_reader.h"
#include "workloads/check_spec.h"

namespace blis {
namespace {

constexpr std::string_view kRanksOfDenseModels = "2026-01-02";   // vllm#30739: each for itself
constexpr std::string_view kEqualDraftsOfRanks = "2026-07-07";   // vllm#45963
constexpr std::string_view kAsyncAllowsDrafts = "2025-11-18";    // vllm#24799: EAGLE and MTP, where asked for
constexpr std::string_view kAsyncWithDrafts = "2026-01-28";      // first verified mainline after vllm#31998
constexpr std::string_view kAsyncWithStages = "2026-01-15";      // vllm#32359
constexpr std::string_view kRunnerV2 = "2026-06-02";             // vllm#42187: of dense models
constexpr int kRunnerV2ForAll = 29;                              // the release 0.29: vllm#53183
constexpr std::string_view kRunnerV2ForSome = "2026-08-17";      // of those with experts; perhaps earlier
constexpr int kQueueLimits = 29;                                 // the release 0.29: vllm#49445
constexpr int kSmallStep = 256;                                  // tokens
constexpr std::string_view kFailedLoadsFail = "2026-02-21";      // vllm#34896; before, they are recomputed
constexpr std::string_view kAsyncWithDraftModel = "2026-08-06";  // vllm#48341, in the release 0.28
constexpr std::string_view kSlotsByRequest = "2026-08-10";       // vllm#51725, likewise

// Whether tokens travel between data-parallel ranks to whole experts on them, so that it matters how.
bool exchanges_tokens(const ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  return engine.enable_expert_parallel && has_ranks(d) && d.model.layers.has("experts");
}

// Kernels for which vLLM makes steps small. Source: vllm/engine/arg_utils.py of 2026-08-20.
bool takes_small_steps(const ResolvedScenario& d) {
  const std::string backend = d.scenario.engine.all2all_backend.value_or("");
  return exchanges_tokens(d) && (backend == "deepep_low_latency" || backend == "nixl_ep");
}

// Whether drafts are found in what was said before, not made.
bool looks_up(const SpeculativeSettings& drafts) {
  return drafts.method == "ngram" || drafts.method == "suffix";
}

// Whether vLLM schedules asynchronously by itself, as far as drafts go.
bool async_with(const std::optional<SpeculativeSettings>& drafts, const VllmVersion& version) {
  if (!drafts) return true;
  if (looks_up(*drafts)) return false;
  if (drafts->method == "draft_model") return version.date >= kAsyncWithDraftModel;
  return version.date >= kAsyncWithDrafts;
}

// Models with experts that vLLM runs on V2 before it does all. Source: DEFAULT_V2_MODEL_RUNNER_ARCHITECTURES
// of vllm/config/vllm.py, 2026-08-17.
constexpr std::array<std::string_view, 4> kEarlyOnRunnerV2{"deepseek_v2", "deepseek_v4", "granitemoe",
                                                           "qwen2_moe"};

// Source: _get_v2_model_runner_unsupported_features() there.
bool runner_v2_drafts_with(const EngineSettings& engine) {
  if (!engine.speculative) return true;
  const std::string& method = engine.speculative->method;
  return method == "eagle" || method == "mtp" || (method == "eagle3" && engine.pipeline_parallel_size == 1);
}

// Which of its runners vLLM takes by itself.
bool runner_v2(const ResolvedScenario& d) {
  if (is_release_from(d.version, kRunnerV2ForAll)) return true;
  if (d.version.date < kRunnerV2 || !runner_v2_drafts_with(d.scenario.engine)) return false;
  if (d.version.date >= kRunnerV2ForSome && std::ranges::count(kEarlyOnRunnerV2, d.model.model_type) > 0)
    return true;
  return !d.model.layers.has("experts") && !has_states(d.model.layers);
}

bool is_fp8(WeightFormat format) {
  return format == WeightFormat::fp8_tensor || format == WeightFormat::fp8_channel ||
         format == WeightFormat::fp8_block || format == WeightFormat::mxfp8;
}

// The weights as the engine loads them: the checkpoint's own scheme, or one applied on loading.
void apply_quantization(ResolvedScenario& d, Complaints& complaints) {
  std::optional<std::string>& asked = d.scenario.engine.quantization;
  const Quantization& own = d.model_as_is.quantization;
  if (own.format == WeightFormat::native) {
    if (asked) d.model.quantization = usual_quantization(*asked).value_or(own);
    return;
  }
  if (!asked) {
    const bool is_word = std::ranges::find(kQuantizations, own.method) != kQuantizations.end();
    const std::string word = is_word              ? own.method
                             : is_fp8(own.format) ? "fp8"
                                                  : std::string(to_string(own.format));
    fill(d.scenario, asked, word, "engine.quantization", fmt::format("config of {}", d.model.name));
    return;
  }
  const WeightFormat wanted = usual_quantization(*asked).value_or(own).format;
  if (*asked == own.method || wanted == own.format || (is_fp8(wanted) && is_fp8(own.format))) return;
  complaints.add("engine.quantization",
                 {.message = fmt::format("`{}` is quantized already, and otherwise", d.model.name),
                  .expected = fmt::format("{}, or no `quantization`", own.method),
                  .got = *asked});
}

void apply_dtype(ResolvedScenario& d) {
  constexpr double kHalf = 2, kSingle = 4;
  const std::string& dtype = d.scenario.engine.dtype;
  if (dtype == "float32") {
    d.model.dtype_bytes = kSingle;
  } else if (dtype != "auto" || d.model.dtype_bytes == kSingle) {
    d.model.dtype_bytes = kHalf;  // vLLM's `auto` loads 32-bit checkpoints in 16 bits
  }
}

// A distribution of counts up to the number of drafts.
void check_counts(const ResolvedScenario& d, std::string_view name, const std::optional<Distribution>& counts,
                  Complaints& complaints) {
  if (!counts) return;
  const std::string key = fmt::format("engine.speculative.{}", name);
  const int most = d.scenario.engine.speculative->num_speculative_tokens;
  if (counts->kind == Distribution::Kind::empirical) {
    complaints.add(key, {.message = fmt::format("`{}` counts drafts, of which no trace has lengths", key),
                         .expected = "another distribution"});
  } else if (auto mistake = mistake_in(*counts, 0, most)) {
    mistake->message = fmt::format("`{}`: {}", key, mistake->message);
    complaints.add(key, std::move(*mistake));
  }
}

// Ranks might decide on different numbers: since vllm#45963 they all make as many as ever, and before, those
// that go in step wait for each other for ever.
void check_drafts_by_batch_size(ResolvedScenario& d, Complaints& complaints) {
  SpeculativeSettings& drafts = *d.scenario.engine.speculative;
  if (drafts.num_speculative_tokens_per_batch_size.empty() || !has_ranks(d)) return;
  if (d.version.date >= kEqualDraftsOfRanks) {
    drafts.num_speculative_tokens_per_batch_size.clear();
    d.warnings.push_back(fmt::format(
        "num_speculative_tokens_per_batch_size changes nothing: with data-parallel ranks vLLM makes {} "
        "drafts in every step",
        drafts.num_speculative_tokens));
  } else if (ranks_in_step(d)) {
    complaints.add("engine.speculative.num_speculative_tokens_per_batch_size",
                   {.message = "data-parallel ranks that go in step must make equally many drafts",
                    .expected = "no `num_speculative_tokens_per_batch_size`, or data_parallel_size: 1"});
  }
}

// Which keys go with which method, and what vLLM refuses.
void check_speculation(ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  if (!engine.speculative) return;
  const SpeculativeSettings& drafts = *engine.speculative;
  const auto only_for = [&](bool given, std::string_view name, std::string_view method, bool right) {
    if (!given || right) return;
    complaints.add(fmt::format("engine.speculative.{}", name),
                   {.message = fmt::format("`engine.speculative.{}` means nothing for drafts by `{}`", name,
                                           drafts.method),
                    .expected = fmt::format("method {}, or no such key", method)});
  };
  only_for(drafts.drafts.has_value(), "drafts", "ngram or suffix", looks_up(drafts));
  only_for(drafts.model.has_value(), "model", "draft_model", drafts.method == "draft_model");
  only_for(drafts.draft_vocab_size.has_value(), "draft_vocab_size", "eagle3", drafts.method == "eagle3");
  check_counts(d, "accepted", drafts.accepted, complaints);
  check_counts(d, "drafts", drafts.drafts, complaints);
  if (drafts.method == "mtp" && d.model.predicting_layers == 0) {
    complaints.add("engine.speculative.method",
                   {.message = fmt::format("`{}` has no layers that predict further tokens", d.model.name),
                    .expected = "a model whose config has num_nextn_predict_layers, or another method",
                    .got = "mtp"});
  }
  const int modules = drafts.method == "mtp" ? d.model.predicting_layers : 0;
  if (modules > 0 && drafts.num_speculative_tokens > modules &&
      drafts.num_speculative_tokens % modules != 0) {
    complaints.add(
        "engine.speculative.num_speculative_tokens",
        {.message = fmt::format("`{}` predicts {} tokens at a time, and vLLM uses its modules as often as "
                                "it takes",
                                d.model.name, modules),
         .expected = fmt::format("at most {}, or a multiple of it", modules),
         .got = std::to_string(drafts.num_speculative_tokens)});
  }
  check_drafts_by_batch_size(d, complaints);
}

// What vLLM does not start with if it is told to schedule asynchronously.
void check_async(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  if (!*engine.async_scheduling) return;
  const auto refuse = [&](std::string what) {
    complaints.add(
        "engine.async_scheduling",
        {.message = fmt::format("vLLM {} does not schedule {} asynchronously", d.version.name, what),
         .expected = "async_scheduling: false, or no such key"});
  };
  if (engine.pipeline_parallel_size > 1 && d.version.date < kAsyncWithStages) refuse("pipeline stages");
  if (!engine.speculative) return;
  const std::string& method = engine.speculative->method;
  const std::string_view since = method == "draft_model" ? kAsyncWithDraftModel : kAsyncAllowsDrafts;
  if (looks_up(*engine.speculative) || d.version.date < since) refuse(fmt::format("drafts by `{}`", method));
}

void check_connector(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  if (!engine.kv_connector && !engine.kv_offloading_size) return;
  const char* const key = engine.kv_offloading_size ? "engine.kv_offloading_size" : "engine.kv_connector";
  if (engine.kv_connector && engine.kv_offloading_size) {
    complaints.add(key, {.message = "an engine has one connector, and `engine.kv_connector` is there, too",
                         .expected = "one of the two"});
  }
  if (!*engine.enable_prefix_caching) {
    complaints.add(
        key, {.message = "a connector finds what a prompt begins with by the hashes of the prefix cache",
              .expected = "enable_prefix_caching: true"});
  }
}

// As vLLM's SchedulerConfig: of the rows of a step, some may be left to a draft model.
void check_scheduled_tokens(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  if (!engine.max_num_scheduled_tokens) return;
  const int tokens = *engine.max_num_scheduled_tokens;
  const std::int64_t rows = slots_by_request(d) ? 0 : draft_slots(d) * std::int64_t{*engine.max_num_seqs};
  const std::int64_t most = *engine.max_num_batched_tokens - rows;
  if (tokens > most) {
    complaints.add(
        "engine.max_num_scheduled_tokens",
        {.message = "`engine.max_num_scheduled_tokens` is more than a step has room for",
         .expected = fmt::format("at most {}, max_num_batched_tokens{}", most,
                                 rows > 0 ? " less the draft model's rows of max_num_seqs requests" : ""),
         .got = std::to_string(tokens)});
  } else if (!engine.enable_chunked_prefill && tokens < *engine.max_model_len) {
    complaints.add(
        "engine.max_num_scheduled_tokens",
        {.message = "without chunked prefill, `engine.max_num_scheduled_tokens` must hold a whole prompt",
         .expected = fmt::format("at least max_model_len, {}", *engine.max_model_len),
         .got = std::to_string(tokens)});
  }
}

// Only ranks that go in step count their steps together: of others vLLM takes the argument and does nothing.
void check_prefill_interval(ResolvedScenario& d) {
  const EngineSettings& engine = d.scenario.engine;
  const int interval = engine.prefill_schedule_interval.value_or(1);
  if (interval > 1 && !ranks_in_step(d)) {
    d.warnings.push_back(
        fmt::format("prefill_schedule_interval {} changes nothing: vLLM defers prefills only among "
                    "data-parallel ranks of "
                    "a model with experts",
                    interval));
  }
}

bool loads_fail(const ScenarioSettings& s) {
  const auto failing = [](const auto& link) { return link && link->failing_loads > 0; };
  return failing(s.engine.kv_connector) || failing(s.kv_transfer);
}

// Where loads are computed after all, a request without anything asks again and again.
void check_load_failures(ResolvedScenario& d, Complaints& complaints) {
  constexpr double kMostRetried = 0.99;
  const std::optional<std::string>& policy = d.scenario.engine.kv_load_failure_policy;
  const std::optional<KvConnectorSettings>& store = d.scenario.engine.kv_connector;
  if (store && store->failing_loads > kMostRetried && recomputes_failed_loads(d)) {
    complaints.add(
        "engine.kv_connector.failing_loads",
        {.message = "vLLM asks a store again after each load that failed: requests would hardly ever be "
                    "computed",
         .expected = fmt::format("at most {}, or kv_load_failure_policy: fail", kMostRetried),
         .got = fmt::format("{}", store->failing_loads)});
  }
  if (!policy || loads_fail(d.scenario)) return;
  d.warnings.push_back(
      fmt::format("kv_load_failure_policy {} changes nothing: no load of KV blocks fails "
                  "(`failing_loads` of engine.kv_connector or links.kv_transfer)",
                  *policy));
}

// Who has no such argument does not start.
void check_queue_limits(const ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  const auto check = [&](std::string_view name, const std::optional<int>& limit) {
    if (!limit) return;
    const std::string key = fmt::format("engine.{}", name);
    if (d.version.code.release.minor < kQueueLimits) {
      complaints.add(key, {.message = fmt::format("vLLM {} has no `{}`", d.version.name, name),
                           .expected = fmt::format("vLLM 0.{} or later", kQueueLimits),
                           .got = std::to_string(*limit)});
    }
  };
  check("max_num_queued_reqs", engine.max_num_queued_reqs);
  check("max_num_queued_tokens", engine.max_num_queued_tokens);
}

}  // namespace

void apply_weights(ResolvedScenario& d, Complaints& complaints) {
  apply_dtype(d);
  apply_quantization(d, complaints);
}

int draft_slots(const ResolvedScenario& d) {
  const std::optional<SpeculativeSettings>& drafts = d.scenario.engine.speculative;
  return drafts && drafts->method == "draft_model" ? 1 : 0;
}

bool slots_by_request(const ResolvedScenario& d) {
  return d.version.date >= kSlotsByRequest;
}

void fill_max_model_len(ResolvedScenario& d, Complaints& complaints) {
  EngineSettings& engine = d.scenario.engine;
  const std::int64_t longest = d.model.max_position_embeddings;
  d.automatic_length = engine.max_model_len == kAutomatic;
  if (d.automatic_length) engine.max_model_len.reset();
  const std::int64_t unasked = d.model.default_max_model_len > 0 ? d.model.default_max_model_len : longest;
  if (unasked == 0 && !engine.max_model_len) {
    complaints.add("engine", {.message = fmt::format(
                                  "the config of `{}` does not say how long a sequence may be", d.model.name),
                              .expected = "`engine.max_model_len`"});
  } else if (longest > 0 && engine.max_model_len && *engine.max_model_len > longest) {
    complaints.add("engine.max_model_len",
                   {.message = "`engine.max_model_len` is longer than the model can attend to",
                    .expected = fmt::format("at most {}, from the config of {}", longest, d.model.name),
                    .got = std::to_string(*engine.max_model_len),
                    .hint = "vLLM refuses it, too, but where VLLM_ALLOW_LONG_MAX_MODEL_LEN is set"});
  }
  const auto most = static_cast<int>(std::min<std::int64_t>(unasked, 100'000'000));
  fill(d.scenario, engine.max_model_len, most, "engine.max_model_len",
       fmt::format("config of {}", d.model.name));
}

void fill_engine_defaults(ResolvedScenario& d) {
  ScenarioSettings& s = d.scenario;
  EngineSettings& engine = s.engine;
  const bool user_tokens = engine.max_num_batched_tokens.has_value(),
             user_seqs = engine.max_num_seqs.has_value();
  EngineDefaults defaults = default_engine(d.hardware.memory_gib, d.hardware.name, d.version.date);
  const bool small_steps = takes_small_steps(d);
  if (small_steps) defaults.max_num_batched_tokens = kSmallStep;
  const Limits limits =
      settle_limits({engine.max_num_batched_tokens.value_or(defaults.max_num_batched_tokens),
                     engine.max_num_seqs.value_or(defaults.max_num_seqs)},
                    user_tokens, user_seqs, *engine.max_model_len, engine.enable_chunked_prefill);
  d.sort_to_sample = defaults.sort_to_sample;
  const std::string by_version = fmt::format("default of vLLM {}", d.version.name);
  const std::string by_gpu = fmt::format("{}'s API server on {}", by_version, d.hardware.name);
  fill(s, engine.max_num_batched_tokens, limits.max_num_batched_tokens, "engine.max_num_batched_tokens",
       small_steps ? fmt::format("{} with {}", by_version, *engine.all2all_backend) : by_gpu);
  fill(s, engine.max_num_seqs, limits.max_num_seqs, "engine.max_num_seqs", by_gpu);
  fill(s, engine.gpu_memory_utilization, defaults.gpu_memory_utilization, "engine.gpu_memory_utilization",
       by_version);

  const bool stages_allow = engine.pipeline_parallel_size == 1 || d.version.date >= kAsyncWithStages;
  const bool async = defaults.async_scheduling && stages_allow && async_with(engine.speculative, d.version);
  fill(s, engine.async_scheduling, async, "engine.async_scheduling", by_version);
  if (engine.pipeline_parallel_size > 1) {
    fill(s, engine.scheduler.v2_model_runner, runner_v2(d), "engine.scheduler.v2_model_runner", by_version);
  }

  const SchedulerBehaviour& behaviour = d.version.preset.behaviour;
  fill_kv_defaults(d);
  fill(s, engine.scheduler.reserve_full_isl, behaviour.reserve_full_isl, "engine.scheduler.reserve_full_isl",
       by_version);
  fill(s, engine.scheduler.watermark, behaviour.watermark, "engine.scheduler.watermark", by_version);
  fill(s, engine.scheduler.free_order,
       std::string(kFreeOrders[static_cast<std::size_t>(behaviour.free_order)]),
       "engine.scheduler.free_order", by_version);
  if (loads_fail(s)) {
    const bool fails = d.version.date >= kFailedLoadsFail;
    fill(s, engine.kv_load_failure_policy, std::string(fails ? "fail" : "recompute"),
         "engine.kv_load_failure_policy", by_version);
  }
}

bool has_ranks(const ResolvedScenario& d) {
  return d.scenario.engine.data_parallel_size > 1;
}

bool ranks_in_step(const ResolvedScenario& d) {
  return has_ranks(d) && (d.model.layers.has("experts") || d.version.date < kRanksOfDenseModels);
}

bool recomputes_failed_loads(const ResolvedScenario& d) {
  return d.scenario.engine.kv_load_failure_policy == "recompute";
}

bool decodes_in_turn(const EngineSettings& engine) {
  return engine.pipeline_parallel_size > 1 && *engine.async_scheduling && *engine.scheduler.v2_model_runner;
}

int batch_queue_size(const EngineSettings& engine) {
  const int stages = engine.pipeline_parallel_size;
  if (stages == 1) return *engine.async_scheduling ? 2 : 1;
  return decodes_in_turn(engine) ? stages + 1 : stages;
}

// What vLLM refuses to start with (its SchedulerConfig and ModelConfig), and what is not simulated.
void check_engine(ResolvedScenario& d, Complaints& complaints) {
  const EngineSettings& engine = d.scenario.engine;
  const int tokens = *engine.max_num_batched_tokens, seqs = *engine.max_num_seqs,
            length = *engine.max_model_len;
  if (!engine.enable_chunked_prefill && tokens < length) {
    complaints.add(
        "engine.max_num_batched_tokens",
        {.message = "without chunked prefill, `engine.max_num_batched_tokens` must hold a whole prompt",
         .expected = fmt::format("at least max_model_len, {}", length),
         .got = std::to_string(tokens),
         .hint = "raise it, lower max_model_len, or set enable_chunked_prefill: true"});
  }
  if (tokens < seqs) {
    complaints.add("engine.max_num_batched_tokens",
                   {.message = "`engine.max_num_batched_tokens` is smaller than `engine.max_num_seqs`",
                    .expected = fmt::format("at least {}: a token for each sequence", seqs),
                    .got = std::to_string(tokens)});
  }
  if (draft_slots(d) * std::int64_t{seqs} >= tokens && !slots_by_request(d)) {
    complaints.add("engine.max_num_batched_tokens",
                   {.message = "`engine.max_num_batched_tokens` leaves no token beside those that the draft "
                               "model takes for each of `engine.max_num_seqs`",
                    .expected = fmt::format("more than {}", draft_slots(d) * std::int64_t{seqs}),
                    .got = std::to_string(tokens)});
  }
  if (tokens > std::int64_t{seqs} * length) {
    d.warnings.push_back(fmt::format(
        "max_num_batched_tokens {} can never be used: {} sequences of at most {} tokens are fewer", tokens,
        seqs, length));
  }
  if (engine.long_prefill_token_threshold > length) {
    complaints.add("engine.long_prefill_token_threshold",
                   {.message = "`engine.long_prefill_token_threshold` is larger than any prompt",
                    .expected = fmt::format("at most max_model_len, {}", length),
                    .got = std::to_string(engine.long_prefill_token_threshold)});
  }
  if (engine.enable_expert_parallel && !d.model.layers.has("experts")) {
    complaints.add("engine.enable_expert_parallel",
                   {.message = fmt::format("`{}` has no experts to spread", d.model.name),
                    .expected = "enable_expert_parallel: false"});
  }
  if (engine.all2all_backend && !exchanges_tokens(d)) {
    d.warnings.push_back(fmt::format(
        "all2all_backend {} changes nothing: no tokens travel between data-parallel ranks to experts",
        *engine.all2all_backend));
  }
  check_scheduled_tokens(d, complaints);
  check_prefill_interval(d);
  check_load_failures(d, complaints);
  check_queue_limits(d, complaints);
  check_speculation(d, complaints);
  check_async(d, complaints);
  check_connector(d, complaints);
  check_offloading(d, complaints);
  check_adapters(d, complaints);
  check_items(d, complaints);
  check_kv(d, complaints);
  if (d.hardware.gpus_per_node > 0 && engine.tensor_parallel_size > d.hardware.gpus_per_node) {
    d.warnings.push_back(fmt::format("tensor parallelism over {} GPUs leaves the node of {}",
                                     engine.tensor_parallel_size, d.hardware.gpus_per_node));
  }
}

}  // namespace blis
