#include <algorithm>
#include <array>
#include <charconv>

#include "tools/cli/options.h"

namespace blis {
namespace {

using enum OptionGroup;
using enum Takes;

constexpr std::array kOptions{
    Option{common, "help", "h", nothing, "", "", "Show what a command does and takes, with examples", ""},
    Option{common, "version", "", nothing, "", "", "Show the version", ""},
    Option{common, "quiet", "q", nothing, "", "",
           "No progress and no warnings on stderr; the result still lists them", ""},
    Option{common, "data-dir", "", value, "FOLDER", "",
           "Folder with hardware_config.json or model_configs/, laid over BLIS_DATA or what came with blis; "
           "may be repeated, the first wins",
           "@folder"},
    Option{common, "set", "", value, "KEY=VALUE", "",
           "Set any key of the scenario, as in --set engine.block_size=32; may be repeated", "@keys"},

    Option{
        format, "output-format", "", value, "FORMAT", "",
        "text or json on stdout (default: text); of a run also csv, vllm-json or markdown, of a comparison "
        "csv or markdown, of a diff markdown",
        "text json csv vllm-json markdown"},
    Option{output, "result-dir", "o", value, "FOLDER", "",
           "Write result.json, requests.csv, scenario.resolved.yaml, series.json and meta.json there; of a "
           "comparison compare.json, points.csv, sweep.resolved.yaml and a file for each point",
           "@folder"},
    Option{output, "force", "", nothing, "", "", "Replace a result that is already in the folder", ""},
    Option{output, "no-progress", "", nothing, "", "", "No progress bar", ""},
    Option{output, "disable-tqdm", "", nothing, "", "", "The same, as vLLM calls it", ""},
    Option{output, "fail-on-slo", "", nothing, "", "", "Exit with status 1 if the scenario's SLO is not met",
           ""},
    Option{output, "detect-warmup", "", yes_or_no, "", "",
           "Find the warm-up and leave it out, unless the scenario has one; of a comparison the longest, at "
           "all points (default: no, all requests count)",
           ""},
    Option{details, "save-detailed", "", nothing, "", "",
           "Add vLLM's per-request lists (input_lens, output_lens, ttfts, itls, ...) to the JSON result", ""},

    Option{bench, "save-scenario", "", value, "FILE", "",
           "Write the scenario that the commands stand for, each line with where it came from", "@file"},

    Option{OptionGroup::deployment, "engine", "", value, "NAME", "",
           "Which engine, where the files have several: the name of its container, service or model", ""},

    Option{compare, "vary", "", value, "KEY=A,B,C", "",
           "Values of a key of the scenario, or of a flag's name (tp, gpu): each with each of the others. "
           "Ranges: 1..8, 2..16:2, 1..64*2; may be repeated",
           "@keys"},
    Option{compare, "seeds", "", value, "LIST", "",
           "Simulate each point with each of these seeds, as in 0,1,2 or 0..4: gives confidence intervals",
           ""},
    Option{compare, "price", "", value, "GPU=USD", "",
           "Your own price of a GPU for an hour; may be repeated. Without it no cost is shown", ""},
    Option{compare, "pareto", "", value, "A,B", "",
           "Figures that matter, the most important first, as in gpus,p99_ttft_ms", "@figures"},
    Option{compare, "sort-by", "", value, "A,B", "",
           "Order of the table: keys that vary, in the order of their values, and figures, the best first "
           "(default: the first of --pareto)",
           "@figures"},
    Option{compare, "find", "", value, "GOAL", "",
           "Search instead: the highest rate, the fewest GPUs or the lowest cost that keeps the SLO",
           "max-rate min-gpus min-cost"},
    Option{compare, "resume", "", nothing, "", "",
           "Take what the folder of -o has already, and simulate only what is missing", ""},
    Option{compare, "stop-dominated", "", nothing, "", "",
           "Spare later seeds of points that are worse in every objective", ""},
    Option{
        compare, "shard", "", value, "I/N", "",
        "Simulate only part I, from 0, of N equal parts into the folder of -o; auto: as Slurm, Kubernetes or "
        "mpirun says",
        ""},
    Option{compare, "merge", "", value, "DIR...", "",
           "Simulate nothing, and take the points that shards left in these folders, up to the next option",
           "@folder"},
    Option{compare, "submit", "", value, "SYSTEM", "",
           "Write what starts all shards on many machines, and merges them, into the folder of -o",
           "slurm kubernetes mpi dask"},
    Option{compare, "shards", "", value, "N", "",
           "With --submit: how many (default: 64, or as many as there are points)", ""},
    Option{compare, "yes", "", nothing, "", "", "With --submit: start them, too", ""},

    Option{threads, "jobs", "j", value, "N", "", "Threads (default: all cores); the result is the same", ""},

    Option{diff, "fail-on", "", value, "FIGURE>+N%", "",
           "Exit with status 1 if a figure changes by more, as in p99_ttft_ms>+5% or output_throughput<-2%; "
           "may be repeated",
           ""},

    Option{details, "timeline", "", value, "FILE", "",
           "Write the run as a Chrome trace, which Perfetto opens; .gz and .zst are compressed", "@file"},
    Option{details, "timeline-window", "", value, "FROM:TO", "",
           "Seconds of simulated time that the timeline shows (default: all)", ""},
    Option{details, "timeline-limit", "", value, "N", "",
           "Most events of the timeline; it ends where they are used up, and says so (default: 500000)", ""},

    Option{trace_output, "to", "", value, "FORMAT", "", "Format of the trace that is written",
           "@trace-writers"},
    Option{output_file, "output", "o", value, "FILE", "",
           "Where to; .gz and .zst are compressed, - is standard output (default: -)", "@file"},
    Option{fit, "parametric", "", nothing, "", "",
           "Lengths from the nearest distributions, so that what is fitted needs no trace to run: their "
           "drift is lost",
           ""},
    Option{inspect, "cache-tokens", "", value, "N", "",
           "Size of a finite prefix cache to try; may be repeated (default: 100000, 1000000 and 10000000)",
           ""},

    Option{html, "report-file", "o", value, "FILE", "", "Write the report there; - is stdout", "@file"},
    Option{html, "before", "", value, "FOLDER", "",
           "Draw another run beside it, as before a calibration or a change of settings; with --measured the "
           "errors of both",
           "@folder"},
    Option{beside, "measured", "", value, "FILE", "",
           "Hold it against what was measured, a file that `blis calibrate` reads: of a report also at each "
           "percentile, of a diff both results",
           "@file"},

    Option{model, "model", "", value, "MODEL", "model",
           "Hugging Face id, folder of model_configs/ or path to a config.json", "@models"},
    Option{hardware, "gpu", "", value, "GPU", "hardware.gpu",
           "Key or alias in hardware_config.json, or a file with one such entry (./FILE.json)", "@gpus"},
    Option{model, "latency-model", "", value, "MODEL", "latency.model", "What prices a step",
           "@latency-models"},

    Option{permission, "allow-unmodelled", "", yes_or_no, "", "allow_unmodelled",
           "Leave out what is not modelled of a model instead of refusing it; no accuracy is claimed", ""},

    Option{engine, "tensor-parallel-size", "tp", value, "N", "engine.tensor_parallel_size",
           "GPUs that share each layer", ""},
    Option{engine, "pipeline-parallel-size", "pp", value, "N", "engine.pipeline_parallel_size",
           "Pipeline stages", ""},
    Option{engine, "data-parallel-size", "dp", value, "N", "engine.data_parallel_size", "Ranks of one engine",
           ""},
    Option{engine, "data-parallel-external-lb", "", yes_or_no, "", "engine.data_parallel_external_lb",
           "Each data-parallel rank is an endpoint of its own, which the router chooses", ""},
    Option{engine, "data-parallel-hybrid-lb", "", yes_or_no, "", "engine.data_parallel_hybrid_lb",
           "Each node is an endpoint, whose API servers choose among its data-parallel ranks", ""},
    Option{engine, "data-parallel-size-local", "dpl", value, "N", "engine.data_parallel_size_local",
           "Data-parallel ranks of a node, where nodes are endpoints", ""},
    Option{engine, "enable-expert-parallel", "", yes_or_no, "", "engine.enable_expert_parallel",
           "Whole experts on each GPU, for mixtures of experts", ""},
    Option{engine, "all2all-backend", "", value, "NAME", "engine.all2all_backend",
           "How experts exchange tokens between data-parallel ranks",
           "allgather_reducescatter naive pplx deepep_high_throughput deepep_low_latency deepep_v2 "
           "mori_high_throughput mori_low_latency nixl_ep flashinfer_all2allv flashinfer_nvlink_two_sided "
           "flashinfer_nvlink_one_sided"},
    Option{engine, "dtype", "", value, "TYPE", "engine.dtype", "Type of weights and activations",
           "auto bfloat16 float16 float32"},
    Option{engine, "quantization", "", value, "METHOD", "engine.quantization",
           "Instead of what the model's config says", "@quantizations"},
    Option{engine, "kv-cache-dtype", "", value, "TYPE", "engine.kv_cache_dtype",
           "Type of cached keys and values", "auto bfloat16 fp8 fp8_e4m3 fp8_e5m2"},
    Option{engine, "max-model-len", "", value, "N", "engine.max_model_len",
           "Most tokens of a prompt and its output, as in 32768 or 32k; auto: what fits", ""},
    Option{engine, "max-num-seqs", "", value, "N", "engine.max_num_seqs", "Most sequences in a step", ""},
    Option{engine, "max-num-batched-tokens", "", value, "N", "engine.max_num_batched_tokens",
           "Token budget of a step", ""},
    Option{engine, "max-num-scheduled-tokens", "", value, "N", "engine.max_num_scheduled_tokens",
           "Tokens of a step, where they are fewer than its rows", ""},
    Option{engine, "prefill-schedule-interval", "", value, "N", "engine.prefill_schedule_interval",
           "Steps from one with prefills to the next, of data-parallel ranks of experts", ""},
    Option{engine, "max-num-queued-reqs", "", value, "N", "engine.max_num_queued_reqs",
           "Most unanswered requests before more are refused with 503; vLLM 0.29", ""},
    Option{engine, "max-num-queued-tokens", "", value, "N", "engine.max_num_queued_tokens",
           "Prompt tokens without a first token from which on requests are refused; vLLM 0.29", ""},
    Option{engine, "gpu-memory-utilization", "", value, "SHARE", "engine.gpu_memory_utilization",
           "Share of the GPU's memory that the engine may use", ""},
    Option{engine, "num-gpu-blocks-override", "", value, "N", "engine.num_gpu_blocks_override",
           "KV blocks, whatever the memory", ""},
    Option{engine, "block-size", "", value, "N", "engine.block_size", "Tokens in a KV block", ""},
    Option{engine, "enable-prefix-caching", "", yes_or_no, "", "engine.enable_prefix_caching",
           "Reuse the KV blocks of equal prefixes", ""},
    Option{engine, "disable-hybrid-kv-cache-manager", "", yes_or_no, "",
           "engine.disable_hybrid_kv_cache_manager",
           "Keep layers with attention windows whole; off: keep chunks apart", ""},
    Option{engine, "mamba-cache-mode", "", value, "MODE", "engine.mamba_cache_mode",
           "Where states of layers that keep one are cached", "none align all"},
    Option{engine, "kv-offloading-size", "", value, "GIB", "engine.kv_offloading_size",
           "Host memory for KV blocks of prompts", ""},
    Option{
        engine, "prefix-cache-retention-interval", "", value, "N", "engine.prefix_cache_retention_interval",
        "Of layers with windows: tokens between blocks that stay findable; 0: those at a prompt's end", ""},
    Option{engine, "enable-chunked-prefill", "", yes_or_no, "", "engine.enable_chunked_prefill",
           "Spread long prompts over steps", ""},
    Option{engine, "disable-chunked-mm-input", "", yes_or_no, "", "engine.disable_chunked_mm_input",
           "Compute each image of a prompt within one step", ""},
    Option{engine, "long-prefill-token-threshold", "", value, "N", "engine.long_prefill_token_threshold",
           "Most prompt tokens of one request in a step; 0: no limit of its own", ""},
    Option{engine, "scheduling-policy", "", value, "POLICY", "engine.scheduling_policy",
           "Who is served first", "@policies"},
    Option{engine, "async-scheduling", "", yes_or_no, "", "engine.async_scheduling",
           "Plan a step while the one before runs", ""},
    Option{engine, "enforce-eager", "", yes_or_no, "", "engine.enforce_eager", "Run without CUDA graphs", ""},
    Option{engine, "speculative-config", "", value, "JSON", "engine.speculative",
           "{method, num_speculative_tokens, acceptance}; the last is a list: the share of steps that accept "
           "the draft at each position",
           ""},
    Option{engine, "vllm-version", "", value, "VERSION", "engine.vllm_version",
           "Release or date whose defaults and scheduling are meant", "@vllm-versions"},

    Option{serving, "replicas", "", value, "N", "replicas", "Independent engines behind a router", ""},
    Option{serving, "router", "", value, "POLICY", "router.policy", "Which replica serves a request",
           "@routers"},
    Option{serving, "warmup-requests", "", value, "N", "warmup.requests",
           "First requests left out of every statistic", ""},
    Option{serving, "price-usd-per-gpu-hour", "", value, "USD", "hardware.price_usd_per_gpu_hour",
           "Your own price; without it no cost is shown", ""},
    Option{serving, "slo", "", value, "KEY=VALUE", "",
           "A limit on a figure of the result (p99_ttft_ms=500) or on each request (ttft_ms=500); may be "
           "repeated",
           "@limits"},
    Option{serving, "goodput", "", value, "METRIC:MS ...", "",
           "vLLM's form of per-request limits: --goodput ttft:500 tpot:50", ""},

    Option{random, "seed", "", value, "N", "seed", "Equal scenario and seed give equal bytes", ""},

    Option{rows, "format", "", value, "FORMAT", "workload.format", "Trace format (default: by content)",
           "@formats"},
    Option{rows, "columns", "", value, "PART=NAME,...", "",
           "Columns of a log: arrival, input, output, session, priority, and unit of the times, as in "
           "arrival=start,input=tok_in; of compare also the figures that its table shows, as in "
           "p99_ttft_ms,usd_per_hour,bound_by, or all, whatever the width",
           ""},
    Option{rows, "where", "", value, "COLUMN=VALUE", "",
           "Only rows of a log that have this, as in status=200; also !=, <, <=, >, >=; may be repeated", ""},
    Option{rows, "limit", "", value, "N", "workload.limit", "Most requests taken from the trace", ""},
    Option{rows, "time-scale", "", value, "FACTOR", "workload.time_scale",
           "2 replays the trace twice as fast", ""},
    Option{rows, "dither-ms", "", value, "MS", "workload.dither_ms",
           "Spread the arrivals of a trace with coarse time stamps (Mooncake: 3000)", ""},
    Option{rows, "start-s", "", value, "S", "workload.start_s", "Leave out the trace's rows before this", ""},
    Option{rows, "end-s", "", value, "S", "workload.end_s", "Leave out the trace's rows from this on", ""},
    Option{rows, "sort", "", nothing, "", "workload.sort",
           "Accept a trace out of order, at the price of its memory", ""},
    Option{rows, "skip-bad-rows", "", nothing, "", "workload.skip_bad_rows",
           "Count broken rows instead of stopping at the first", ""},
    Option{arrivals, "num-prompts", "", value, "N", "",
           "Number of requests: of a synthetic workload, or taken from the trace", ""},
    Option{arrivals, "request-rate", "", value, "RPS", "",
           "Requests a second; replaces a trace's own arrivals", ""},
    Option{arrivals, "burstiness", "", value, "SHAPE", "",
           "With --request-rate: shape of gamma gaps, below 1 is burstier", ""},
    Option{workload, "input-len", "", value, "LENGTH", "",
           "Tokens of a prompt: 1000, mean,stddev as in 1000,300, or least-most as in 500-1500", ""},
    Option{workload, "output-len", "", value, "LENGTH", "",
           "Tokens of an answer, likewise; of a trace one number instead of its own", ""},
    Option{workload, "prefix-len", "", value, "LENGTH", "",
           "Tokens that all prompts begin with, beside their own", ""},
    Option{workload, "turns", "", value, "LENGTH", "",
           "Turns of a conversation, each with all before it in its prompt", ""},
    Option{workload, "duration", "", value, "S", "",
           "Seconds in which requests are sent, instead of a number of requests", ""},
    Option{workload, "max-concurrency", "", value, "N", "workload.max_concurrency",
           "Most requests in flight; others wait at the client", ""},
    Option{workload, "over-length", "", value, "POLICY", "workload.over_length",
           "What becomes of requests longer than the model's context", "reject clip skip"},

    Option{step, "prefill", "", value, "N@C", "",
           "N new prompt tokens on C tokens of context; may be repeated", ""},
    Option{step, "decode", "", value, "N@C", "",
           "N sequences that decode at a context of C tokens; may be repeated", ""},

    Option{card, "sequence-length", "", value, "N", "",
           "Count the sequences of N tokens that fit (32k and 32K will do); may be repeated", ""},
    Option{card, "kv-memory-gib", "", value, "GIB", "",
           "Memory for the KV cache on each GPU, instead of what a GPU has left", ""},

    Option{accuracy, "families", "", value, "WHICH", "",
           "runs (default), curves, all, or the name of one family", "runs curves all"},
    Option{accuracy, "cases", "", value, "TEXT", "", "Only cases with this in their id", ""},
    Option{accuracy, "by-stage", "", nothing, "", "", "A row for each stage, and each point of a curve", ""},
    Option{accuracy, "draws", "", value, "N", "",
           "Simulations averaged where arrivals are drawn (default: 3)", ""},
    Option{
        OptionGroup::calibrate, "log", "", value, "FILE", "",
        "What the server logged at its start: KV cache, weights, graphs and settings beside the scenario's",
        "@file"},
    Option{OptionGroup::calibrate, "calibration-file", "o", value, "FILE", "",
           "Write the fitted constants there, for latency.calibration of a scenario; exit status 1, and no "
           "file, if they are no better on held-out requests",
           "@file"},
    Option{explain, "request", "", value, "ID", "", "This request, by its request_id", ""},
    Option{explain, "slowest", "", value, "N", "", "The N requests with the largest E2E latency", ""},
    Option{explain, "percentile", "", value, "KEY", "",
           "The requests beyond a percentile of ttft, tpot or e2el, as in p99_ttft", ""},
    Option{explain, "elasticities", "", nothing, "", "",
           "What a tenth more bandwidth, arithmetic, link, KV blocks, or a tenth less host time would buy",
           ""},
    Option{
        accuracy, "leave-one-out", "", value, "WHAT", "",
        "Also score constants on what they have not seen: families (refitted without each; minutes) or gpus",
        "families gpus"},
    Option{accuracy, "left-out-data", "", value, "FOLDER", "",
           "With --leave-one-out gpus: what tools/score/fit/fit.py --leave-out wrote", "@folder"},
    Option{accuracy, "bands", "", value, "FILE", "",
           "Write the error bands that results show, as accuracy_bands.json of the data folder has them",
           "@file"},
    Option{accuracy, "json", "", nothing, "", "", "The same as --output-format json", ""},
};

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

std::string_view heading(OptionGroup group) {
  switch (group) {
    case common:
      return "Common options";
    case format:
    case output:
    case trace_output:
    case output_file:
    case details:
    case html:
    case beside:
    case bench:
      return "Output";
    case OptionGroup::deployment:
      return "Deployment";
    case inspect:
      return "Inspection";
    case fit:
      return "Fit";
    case OptionGroup::compare:
      return "Comparison";
    case threads:
      return "Machine";
    case OptionGroup::diff:
      return "Gate";
    case model:
    case hardware:
    case permission:
      return "Model and hardware";
    case engine:
      return "Engine (vLLM's flags)";
    case serving:
    case random:
      return "Serving";
    case rows:
    case arrivals:
    case workload:
      return "Workload";
    case step:
      return "Batch";
    case card:
      return "Capacity";
    case OptionGroup::calibrate:
      return "Calibration";
    case accuracy:
      return "Scoring";
    case explain:
      return "Requests";
  }
  return "";
}

std::vector<std::string_view> first_words() {
  std::vector<std::string_view> words;
  for (const Command& command : commands()) {
    const std::string_view word = first_word(command.name);
    if (std::ranges::find(words, word) == words.end()) words.push_back(word);
  }
  return words;
}

std::vector<const Command*> family(std::string_view name) {
  std::vector<const Command*> members;
  for (const Command& command : commands()) {
    if (first_word(command.name) == name && !second_word(command.name).empty()) members.push_back(&command);
  }
  return members;
}

std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < least || number > most) return std::nullopt;
  return number;
}

std::optional<std::int64_t> whole_number(const Given& given, std::int64_t least, std::int64_t most) {
  return whole_number(given.value, least, most);
}

const Given* Invocation::find(std::string_view option) const {
  const auto last =
      std::find_if(given.rbegin(), given.rend(), [&](const Given& g) { return g.option->name == option; });
  return last == given.rend() ? nullptr : &*last;
}

bool Invocation::is_on(std::string_view option) const {
  const Given* const found = find(option);
  return found && found->value == "true";
}

std::string Invocation::value_of(std::string_view option, std::string_view fallback) const {
  const Given* const found = find(option);
  return found ? found->value : std::string(fallback);
}

std::vector<const Given*> Invocation::all(std::string_view option) const {
  std::vector<const Given*> found;
  for (const Given& g : given) {
    if (g.option->name == option) found.push_back(&g);
  }
  return found;
}

}  // namespace blis
