// A scenario: everything a simulation depends on, as the user says it. A value; read_scenario fills it
// from YAML and overrides, build (build.h) turns it into a simulation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/blackbox_model.h"
#include "scenarios/scaling_settings.h"
#include "sim/fleet/admission.h"
#include "sim/metrics.h"
#include "workloads/workload_spec.h"

namespace blis {

// An empty optional stands for null: "what the model, the GPU or this version of vLLM makes it".
// resolve() fills these in.

struct HardwareSettings {
  std::string
      gpu;  // key or alias in hardware_config.json, a path to a file of one entry, or such an entry as JSON
  std::optional<std::int64_t> gpus_per_node;     // null: the GPU's entry
  std::optional<double> price_usd_per_gpu_hour;  // null: no cost is shown
};

// In steps of `from` to `to` requests.
struct DraftsOfBatchSize {
  int from = 1, to = 1;
  int num_speculative_tokens = 0;
};

struct SpeculativeSettings {
  std::string method = "eagle";  // of kSpeculativeMethods
  int num_speculative_tokens = 1;
  std::vector<double> acceptance;        // share of steps that accept the draft at each position; falling
  std::optional<Distribution> accepted;  // instead: how many a step accepts
  std::optional<Distribution> drafts;    // looked-up drafts of a sequence in a step; null: all of them
  std::vector<DraftsOfBatchSize> num_speculative_tokens_per_batch_size;  // upwards; a gap goes on as before
  std::optional<std::string> model;                                      // of draft_model
  std::optional<std::int64_t> draft_vocab_size;                          // of eagle3
};

// KV blocks outside the GPU, behind a link.
struct KvConnectorSettings {
  double gb_per_s = 0;                 // in each direction
  double latency_ms = 0;               // of a transfer, beside its bytes
  std::optional<double> capacity_gib;  // null: any number of blocks
  bool asynchronous = true;            // requests wait for their loads beside others
  double failing_loads = 0;            // share of loads that bring nothing
  std::optional<bool> supports_hma;    // it knows groups of layers with windows; null: true
};

// Where KV blocks go from host memory.
struct SecondaryTierSettings {
  std::string type;  // of kSecondaryTiers
};

// What of KV blocks host memory keeps: of vLLM's kv_connector_extra_config, for its OffloadingConnector.
struct OffloadingSettings {
  std::optional<std::string> eviction_policy;  // of kChunkEvictions; null: lru
  std::optional<int> block_size;               // tokens of a chunk, whole blocks; null: by blocks_per_chunk
  std::optional<int> blocks_per_chunk;         // null: 1
  std::optional<int> store_threshold;          // look-ups before a chunk is written; null: 0
  std::optional<int> max_tracker_size;         // chunks whose look-ups are counted; null: 64,000
  std::vector<SecondaryTierSettings> secondary_tiers;
};

// POST /reset_prefix_cache, sent to every engine: after new weights, or for a benchmark.
struct PrefixCacheResetSettings {
  std::vector<double> at_s;             // since the run began; ascending
  bool reset_running_requests = false;  // preempts them; otherwise a reset fails while there are any
};

// LoRA adapters: vLLM's arguments, and what only a measurement can tell.
struct LoraSettings {
  std::vector<std::string> adapters;  // that requests may name
  int max_loras = 1;                  // slots on the GPU: adapters in one step
  int max_lora_rank = 16;
  std::optional<int> max_cpu_loras;  // in the host's memory; null: max_loras
  double load_ms = 0;                // from disk into the host's memory
  double activate_ms = 0;            // from there into a slot
  double slowdown = 0;               // share by which a step with adapters takes longer
};

// Overrides of single switches of the version's preset.
struct SchedulerSwitches {
  std::optional<bool> reserve_full_isl;
  std::optional<double> watermark;  // share of blocks, [0, 1]
  std::optional<std::string> free_order;
  std::optional<bool> v2_model_runner;  // with pipeline stages: which runner, as VLLM_USE_V2_MODEL_RUNNER
};

// vLLM's flags under vLLM's names.
struct EngineSettings {
  std::optional<std::string> vllm_version;  // a release or a date
  int tensor_parallel_size = 1;
  int pipeline_parallel_size = 1;
  int data_parallel_size = 1;
  std::optional<bool> data_parallel_external_lb;  // each rank an endpoint of its own; null: false
  std::optional<bool> data_parallel_hybrid_lb;    // each node an endpoint; null: false
  std::optional<int> data_parallel_size_local;    // ranks on a node, with that
  bool enable_expert_parallel = false;
  std::optional<std::string> all2all_backend;  // of kAll2AllBackends; null: allgather_reducescatter
  std::string dtype = "auto";
  std::optional<std::string> quantization;  // null: what the model's config says
  std::string kv_cache_dtype = "auto";
  std::optional<int> max_model_len;  // kAutomatic: the model's, or less if that does not fit
  std::optional<int> max_num_seqs;
  std::optional<int> max_num_batched_tokens;
  std::optional<int> max_num_scheduled_tokens;   // null: max_num_batched_tokens
  std::optional<int> prefill_schedule_interval;  // steps of ranks in lockstep; null: 1
  std::optional<int> max_num_queued_reqs;        // null: no limit
  std::optional<int> max_num_queued_tokens;      // likewise
  std::optional<double> gpu_memory_utilization;
  std::optional<int> num_gpu_blocks_override;
  int block_size = 16;
  std::optional<bool> enable_prefix_caching;
  std::optional<bool>
      disable_hybrid_kv_cache_manager;          // null: of layers with chunks, not of those with windows
  std::optional<std::string> mamba_cache_mode;  // of kStateModes; null: align, or none without caching
  std::optional<int> prefix_cache_retention_interval;  // tokens; null: the version's, null there: everywhere
  bool enable_chunked_prefill = true;
  int long_prefill_token_threshold = 0;
  std::string scheduling_policy = "fcfs";
  std::optional<bool> async_scheduling;
  bool enforce_eager = false;
  std::optional<SpeculativeSettings> speculative;
  std::optional<LoraSettings> lora;
  std::optional<KvConnectorSettings> kv_connector;
  std::optional<double> kv_offloading_size;  // GiB of host memory for KV blocks, of all of the engine's GPUs
  std::optional<OffloadingSettings> kv_connector_extra_config;  // of what kv_offloading_size asks for
  std::optional<std::string> kv_load_failure_policy;  // of kLoadFailurePolicies; null: the version's
  std::optional<PrefixCacheResetSettings> reset_prefix_cache;
  std::optional<double> grammar_compile_ms;      // of structured output
  std::optional<bool> disable_chunked_mm_input;  // null: false
  std::optional<int> max_tokens_per_mm_item;     // embeddings; null: max_num_batched_tokens
  SchedulerSwitches scheduler;
};

// Host times that replace the model's global constants.
struct HostSettings {
  std::optional<double> api_ms;
  std::optional<double> api_per_token_us;
  std::optional<double> api_per_sequence_us;
  std::optional<double> step_us;
  std::optional<double> per_sequence_us;
  std::optional<double> sync_us;  // these two only without asynchronous scheduling
  std::optional<double> sync_per_sequence_us;
};

// How clocks drop under sustained arithmetic; see sim/sustained_clock.h.
struct ClockSettings {
  std::optional<double> slowdown;  // 0: never
  std::optional<double> window_ms;
};

struct LatencySettings {
  std::optional<std::string> model;  // of kLatencyModels
  std::optional<std::string> profile;
  std::optional<BlackboxCoefficients> coefficients;
  std::optional<std::string> calibration;
  HostSettings host;
  ClockSettings clocks;
};

// Equal engines of a deployment of several kinds. What a pool does not say of `hardware`, `engine` and
// `latency` is what the scenario says; the reader fills it in.
struct PoolSettings {
  std::string name;
  std::string role = "both";                       // of kPoolRoles
  int replicas = 1;                                // at the start, with autoscaling
  std::optional<AutoscalingSettings> autoscaling;  // null: their number stays
  HardwareSettings hardware;
  EngineSettings engine;
  LatencySettings latency;
};

// A replica that dies, with what it has of requests.
struct FailureSettings {
  int replica = 0;  // by the order of the pools
  double at_s = 0;
  std::optional<double> restart_after_s;  // null: nobody starts it again
};

// What stands before the router: a proxy, and a picker that hashes prompts.
struct GatewaySettings {
  std::optional<double> latency_ms;            // of every request, before an engine is chosen
  std::optional<double> latency_per_token_us;  // more for each token of its prompt
};

// Network cards of GPUs, over which KV blocks get from prefill to decode pools.
struct KvTransferSettings {
  double bandwidth_gbps = 88;    // of one GPU; 0: transfers take the latency alone
  double latency_ms = 0;         // of every transfer
  std::string sharing = "fair";  // of kLinkSharings
  double failing_loads = 0;      // share of transfers that bring nothing
};

// Between an engine's host memory and its storage.
struct StorageLinkSettings {
  double read_gbytes_s = 0, write_gbytes_s = 0;
};

// Between host memory and each GPU, in either direction.
struct HostLinkSettings {
  double bandwidth_gbytes_s = 0;
};

struct RouterSettings {
  std::optional<std::string>
      policy;  // of kRouters; null: in turn, and vllm_balance among the ranks of a vLLM
  std::optional<std::int64_t> non_cached_tokens;  // with prefill and decode pools: prompts with fewer are not
                                                  // computed apart; null: all are
  std::optional<std::string> config;              // of `epp`: a path; null: what llm-d does without one
  std::optional<double> refresh_metrics_interval_ms;    // null: the policy's
  std::vector<std::pair<std::string, double>> options;  // of the policy's parameters, those that are set
};

struct SamplingSettings {
  std::optional<double> top_p;  // (0, 1]
  std::optional<std::int64_t> top_k;
};

struct WorkloadSettings {
  WorkloadSpec spec;  // its seed is not used: ScenarioSettings::seed is the one
  OverLength over_length = OverLength::reject;
  std::optional<double> client_startup_s;  // until which nothing that was sent has reached the server
  SamplingSettings sampling;
};

// Left out of every statistic. At most one of the two.
struct WarmupSettings {
  std::optional<std::int64_t> requests;
  std::optional<double> duration_s;
};

// An upper limit on a key of result.json: `p99_ttft_ms`, 800.
struct SloLimit {
  std::string key;
  double limit = 0;
};

struct SloSettings {
  GoodputSlo goodput;                // per request, all must hold
  std::optional<double> attainment;  // share of requests that must meet them
  std::vector<SloLimit> limits;      // in the order of slo_keys()
};
// Every key that `slo:` may limit: mean, median, ... x ttft_ms, tpot_ms, ...
std::span<const std::string> slo_keys();

// Where settings come from, by dotted key: "chat.yaml:4:3", "--set engine.block_size=32", "default of
// vLLM 0.23". A key that is not in it has the scenario format's own default.
using Origins = std::map<std::string, std::string, std::less<>>;

struct ScenarioSettings {
  std::string name;
  std::string model;                     // Hugging Face id, folder of model_configs/, or a path
  std::optional<bool> allow_unmodelled;  // true: leave out what is not modelled, and claim no accuracy
  std::vector<std::string> left_out;     // what was asked for and is left out: needs allow_unmodelled
  HardwareSettings hardware;
  EngineSettings engine;
  int replicas = 1;
  std::optional<AutoscalingSettings> autoscaling;  // of `replicas`
  std::vector<PoolSettings> pools;                 // instead of both; empty: one pool
  std::vector<FailureSettings> failures;
  std::optional<KvTransferSettings> kv_transfer;  // links.kv_transfer; null: its defaults, where there is one
  std::optional<StorageLinkSettings> storage_link;
  std::optional<HostLinkSettings> host_link;  // links.host; null: by the GPU, where somebody offloads
  GatewaySettings gateway;
  RouterSettings router;
  LatencySettings latency;
  WorkloadSettings workload;
  WarmupSettings warmup;
  SloSettings slo;
  std::uint64_t seed = 0;

  std::string folder;  // where relative paths in it start: the file's folder; empty: the working one
  Origins origins;
};

// A value set from elsewhere than the file: `blis run --set engine.block_size=32`.
struct Override {
  std::string key;            // dotted; list items by their index: workload.clients.0.share
  std::string value;          // as YAML would have it
  std::string shown;          // what the user typed, for messages: "--set engine.block_size=32"
  bool traffic_flag = false;  // --num-prompts and the like: see scenarios/traffic_flags.h
};

// "KEY=VALUE" as `flag` has it. Throws InputError (usage) without a key or `=`.
Override parse_override(std::string_view text, std::string_view flag = "--set");

// What a file must say: all that a simulation needs, or its traffic alone (then `model` and `hardware` may
// be missing; what is there is checked all the same).
enum class Scope : std::uint8_t { simulation, traffic };

// Strictly: throws InputError (usage; io if there is no such file) with every mistake and its place.
// Values set by `overrides` win, later ones over earlier; relative paths in them start at the working
// folder. "-" reads standard input.
ScenarioSettings read_settings(const std::string& path, std::span<const Override> overrides = {},
                               Scope scope = Scope::simulation);

// The same from a text; `name` stands for the file in messages and gives the scenario its default name,
// `folder` is where its relative paths start. An empty text is a scenario made of overrides alone.
ScenarioSettings parse_settings(std::string_view text, std::string name, std::string folder,
                                std::span<const Override> overrides = {}, Scope scope = Scope::simulation);

// `path` as a setting of the scenario has it, relative to the working folder.
std::string located(const ScenarioSettings& scenario, const std::string& path);

// A complete scenario file, each line with where its value came from. Reading it gives the same
// scenario. `folder`: where the file will lie, for relative paths in it.
std::string to_yaml(const ScenarioSettings& scenario, const std::string& folder);

// A file of its workload alone, without what nobody set: for Scope::traffic. Paths in it are relative to the
// working folder, and moved to `folder`.
std::string to_yaml(const WorkloadSpec& workload, const std::string& folder);

// The settings of a scenario as one JSON object, for result.json; paths as the scenario has them.
std::string to_json(const ScenarioSettings& scenario);

}  // namespace blis
