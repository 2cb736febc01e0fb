#include <array>

#include "tools/cli/commands.h"

namespace blis {
namespace {

template <class... Groups>
constexpr std::uint32_t bits(Groups... groups) {
  return ((1U << static_cast<int>(groups)) | ...);
}

using enum OptionGroup;

constexpr std::array kCommands{
    Command{"run", "[SCENARIO.yaml]", 0, 1, "Simulate a scenario",
            "Simulates one scenario and prints what vLLM's own benchmark would: latency percentiles, "
            "throughput and "
            "the state of the engine. Flags override the file's keys; without a file they say it all.",
            "blis run scenarios/chat.yaml\n"
            "blis run --model qwen3-32b --gpu H100 -tp 2 --input-len 1000 --output-len 200 --request-rate 5\n"
            "blis run scenarios/chat.yaml -tp 2 --set engine.max_num_seqs=64 -o out\n"
            "blis run scenarios/chat.yaml --output-format json > result.json\n"
            "blis run scenarios/overload.yaml --timeline run.json.gz --timeline-window 60:90",
            "@file",
            bits(common, format, output, details, model, hardware, permission, engine, serving, random, rows,
                 arrivals, workload),
            run_command},
    Command{"replay", "TRACE", 1, 1, "Replay a request trace",
            "The same without a scenario file: the trace's format is detected from its content, the rest is "
            "said by "
            "flags, which are vLLM's.",
            "blis replay trace.csv --model llama-3.1-8b-instruct --gpu H100 -tp 1\n"
            "blis replay trace.jsonl --model llama-3.1-70b-instruct --gpu H100 -tp 4 --replicas 4 "
            "--dither-ms 3000\n"
            "zcat trace.csv.gz | blis replay - --model qwen3-32b --gpu A100 -tp 2 --time-scale 2",
            "@file",
            bits(common, format, output, details, model, hardware, permission, engine, serving, random, rows,
                 arrivals, workload),
            replay_command},
    Command{
        "bench", "SERVER [CLIENT]", 1, 2, "Predict what a benchmark would print, from the two commands",
        "Takes the command of a vLLM server and that of a load generator as they are (vllm serve, "
        "api_server, docker run; vllm bench serve, benchmark_serving.py, sglang.bench_serving, guidellm, "
        "aiperf, genai-perf), or files that hold them (one script may hold both), and prints the block that "
        "`vllm bench serve` would. What they ask for and is not modelled is refused. Flags and --set win "
        "over "
        "the commands.",
        "blis bench 'vllm serve Qwen/Qwen3-32B -tp 2 --max-model-len 32k' 'vllm bench serve --dataset-name "
        "random --random-input-len 1024 --random-output-len 128 --request-rate 10' --gpu H100\n"
        "blis bench serve.sh bench.sh --gpu H100 --save-scenario scenario.yaml\n"
        "blis compare scenario.yaml --vary gpu=H100,A100",
        "@file",
        bits(common, format, output, details, OptionGroup::bench, model, hardware, permission, engine,
             serving, random),
        bench_command},
    Command{
        "import", "FILE...", 1, 100, "Turn a `vllm serve` command or a deployment's files into a scenario",
        "Finds the engine in files of Compose, Kubernetes, Helm values, KServe or Dynamo, or in a `vllm "
        "serve` "
        "command (quoted, or in a script), and writes a scenario with where each value came from, and a list "
        "of what it could not use. The traffic is left open: `blis run FILE --input-len ...` says it.",
        "blis import docker-compose.yaml --gpu H100 -o scenario.yaml\n"
        "blis run scenario.yaml --input-len 1000 --output-len 200 --request-rate 5\n"
        "blis import values.yaml --engine llama3 --gpu A100\n"
        "blis import 'vllm serve Qwen/Qwen3-32B -tp 2' -o scenario.yaml\n"
        "blis compare scenario.yaml --vary gpu=H100,A100 --input-len 1000 --output-len 200 --request-rate 5",
        "@file",
        bits(common, output_file, OptionGroup::deployment, model, hardware, permission, engine, serving,
             random),
        import_command},
    Command{
        "compare", "[FILE...]", 0, 100, "Compare configurations: which GPU, which TP, how many",
        "Simulates every combination of the given values, of one or more scenarios or of a sweep file, and "
        "prints a table, what is best by what you ask for, and why. Points that cannot exist stay in the "
        "table with the reason. With --find it searches instead. FILE is scenarios, or one sweep; without "
        "it, flags say it all.",
        "blis compare scenarios/chat-70b-tp4.yaml --vary tp=2,4,8 --vary gpu=H100,A100 --slo "
        "p99_ttft_ms=1000\n"
        "blis compare sweep.yaml --seeds 0..4 -o out\n"
        "blis compare scenarios/chat-70b-tp4.yaml --find max-rate --vary tp=4,8\n"
        "blis compare scenarios/chat-70b-tp4.yaml --find min-cost --vary replicas=1..8 --price H100=2.50\n"
        "blis compare sweep.yaml --shard 0/8 -o shards/0   # and so on, anywhere\n"
        "blis compare sweep.yaml --merge shards/* -o out",
        "@file",
        bits(common, format, output, compare, threads, model, hardware, permission, engine, serving, random,
             rows, arrivals, workload),
        compare_command},
    Command{
        "diff", "A B", 2, 2, "Compare two results request by request",
        "Pairs the requests of two results of the same traffic and prints what changed, with confidence "
        "intervals of the paired differences. Nothing is printed where nothing differs. A result is a folder "
        "that `-o` wrote, or what was measured: a file of `vllm bench serve`, SGLang, guidellm, AIPerf or "
        "inference-perf.",
        "blis diff before after\n"
        "blis diff measured.json predicted   # blis replay measured.json ... -o predicted\n"
        "blis diff before calibrated --measured bench.json\n"
        "blis diff before after --fail-on 'p99_ttft_ms>+5%' --fail-on 'output_throughput<-2%'",
        "@file", bits(common, format, beside, diff), diff_command},
    Command{"step", "", 0, 0, "Price one batch and say what binds it",
            "Prints the time of one engine step, every term of it and what it is bound by. A batch that the "
            "engine would never run is priced all the same, with a warning.",
            "blis step --model llama-3.1-8b-instruct --gpu H100 --decode 32@1024\n"
            "blis step --model llama-3.1-8b-instruct --gpu H100 -tp 2 --prefill 512@0 --decode 32@1024",
            "", bits(common, format, step, model, hardware, permission, engine), step_command},
    Command{"model", "MODEL", 1, 1, "Show what a model is made of, and what fits",
            "Prints the card of a model: layers by kind, parameters, weights, what a token and a sequence "
            "keep, how "
            "long a sequence may be, and what is not modelled. With a GPU, or memory for the KV cache, also "
            "blocks "
            "and how many sequences fit. MODEL is a Hugging Face id, a folder of model_configs/, or a path.",
            "blis model qwen3-30b-a3b\n"
            "blis model ./config.json --output-format json\n"
            "blis model llama-3.1-70b-instruct --gpu H100 -tp 4 --sequence-length 8k\n"
            "blis model gpt-oss-20b -tp 1 --kv-memory-gib 40",
            "@models", bits(common, format, card, hardware, permission, engine), model_command},
    Command{
        "trace inspect", "TRACE", 1, 1, "Say what a trace is like",
        "Prints rate and burstiness, lengths and how they go together, sessions, and how much of the "
        "prompts was sent before: what a prefix cache could save, if it were infinite or of a given size.",
        "blis trace inspect trace.csv\n"
        "blis trace inspect trace.jsonl.zst --cache-tokens 500000 --output-format json\n"
        "blis trace inspect trace.csv --start-s 3600 --end-s 7200",
        "@file", bits(common, format, inspect, rows), trace_inspect_command},
    Command{"trace convert", "TRACE", 1, 1, "Write a trace in another format",
            "Writes the requests that a replay of the trace would send. The format `timed` drives both this "
            "simulator and `vllm bench serve --dataset-name timed_trace`.",
            "blis trace convert trace.jsonl --to timed -o timed.jsonl\n"
            "zcat trace.csv.gz | blis trace convert - --to csv --time-scale 2 > twice-as-fast.csv\n"
            "blis trace convert sharegpt.json --to azure --request-rate 4 -o chat.csv.gz",
            "@file", bits(common, trace_output, output_file, random, rows, arrivals), trace_convert_command},
    Command{
        "trace synth", "SCENARIO.yaml", 1, 1, "Write the traffic of a scenario as a trace",
        "Writes the requests that a run of the scenario would send. Of the file only `workload` and `seed` "
        "are used; it needs no model and no hardware.",
        "blis trace synth scenarios/traces/synth/chat.yaml --to azure -o chat.csv\n"
        "blis trace synth scenario.yaml --to timed --num-prompts 500 --seed 7 -o timed.jsonl",
        "@file", bits(common, trace_output, output_file, random, arrivals), trace_synth_command},
    Command{
        "trace fit", "TRACE", 1, 1, "Make a synthetic workload that mimics a trace",
        "Writes a scenario's workload: an arrival process under the trace's changing rate, which sends the "
        "trace's own rows in their order, or with --parametric distributions of lengths and shared "
        "beginnings, which need no trace. A line for each part says how near it comes, the last ones with "
        "latencies of both on the deployment that flags describe (llama-3.1-8b-instruct on one H100 "
        "without).",
        "blis trace fit trace.csv -o like-trace.yaml\n"
        "blis trace fit trace.csv --model llama-3.1-70b-instruct --gpu H100 -tp 4 -o like-trace.yaml\n"
        "blis trace fit lengths.jsonl --request-rate 5 -o like-lengths.yaml   # a trace without arrival "
        "times\n"
        "blis trace fit trace.csv --parametric | blis trace synth - --to csv --num-prompts 100000",
        "@file",
        bits(common, output_file, fit, rows, arrivals, model, hardware, permission, engine, serving, random),
        trace_fit_command},
    Command{
        "explain", "DIR", 1, 1, "Say where the time of a result's requests went",
        "Splits the latency of requests in a result folder into its parts, and sets it against that of "
        "typical requests: by default those beyond p99 of the E2E latency. With --elasticities it runs the "
        "scenario again with a tenth more of each resource.",
        "blis explain out\n"
        "blis explain out --percentile p99_ttft\n"
        "blis explain out --slowest 10\n"
        "blis explain out --elasticities",
        "@folder", bits(common, format, explain), explain_command},
    Command{"validate", "FILE...", 1, 1000, "Check files without running them",
            "Checks scenarios, workloads, sweeps and calibrations (*.yaml), model configs, hardware "
            "catalogs and schedule vectors (*.json), profiles (*.csv) and traces (anything else), and "
            "reports every mistake with its place.",
            "blis validate scenarios/*.yaml hardware_config.json trace.csv", "@file",
            bits(common, permission), validate_command},
    Command{"list", "KIND", 1, 1,
            "Show the models, GPUs, formats, trace writers, policies, routers or latency models there are",
            "KIND is models, gpus, formats, trace-writers, policies, routers, latency-models, quantizations, "
            "release-changes, vllm-versions, limits (of --slo), figures (of --columns, --sort-by and "
            "--pareto), keys, "
            "or serve-arguments and bench-arguments: what becomes of each argument of `vllm serve` and `vllm "
            "bench serve`.",
            "blis list gpus",
            "models gpus formats trace-writers policies routers latency-models quantizations release-changes "
            "vllm-versions "
            "limits serve-arguments bench-arguments",
            bits(common, format), list_command},
    Command{
        "report", "FOLDER", 1, 1, "Draw a result as one HTML file",
        "Draws the result that `run -o FOLDER`, `replay -o FOLDER` or `compare -o FOLDER` left, as one HTML "
        "file that needs nothing else: no network, no server. It is written as report.html into the folder.",
        "blis run scenarios/chat.yaml -o out && blis report out\n"
        "blis report calibrated --before uncalibrated --measured bench.json\n"
        "blis report out -o chat.html\n"
        "blis report out -o - | gzip > chat.html.gz",
        "@folder", bits(common, html, beside), report_command},
    Command{"conform", "VECTORS.json...", 1, 1000, "Replay schedule vectors, step by step",
            "Replays schedules recorded from vLLM, or made by hand, through the scheduler that simulations "
            "use, and prints PASS or the first difference for each. Exit status 1 if any differs.",
            "blis conform tests/conform/golden.json", "@file", bits(common), conform_command},
    Command{
        "accuracy", "DIR...", 1, 100, "Simulate measured runs and score the predictions",
        "Turns each case of a folder of measured runs (cases.jsonl, per_request/) into a scenario, simulates "
        "it, and prints the error of every figure, summaries, other simulators on the same runs, and how "
        "often the order of two runs is right. A folder of benchmarks of clusters (a JSON file each) is "
        "scored "
        "stage by stage, with five draws of the load, or --draws.",
        "blis accuracy measured\n"
        "blis accuracy measured --families curves --json > curves.json\n"
        "blis accuracy measured --cases mixtral --by-stage --set latency.host.step_us=300",
        "@folder", bits(common, format, accuracy, threads), accuracy_command},
    Command{
        "calibrate", "SCENARIO.yaml [BENCHMARK...]", 1, 100,
        "Compare with your own server's log and benchmark, and fit constants",
        "Replays the requests of benchmark results (`vllm bench serve --save-result`, with --save-detailed "
        "or as "
        "a summary, AIPerf JSONL, inference-perf per-request JSON, requests.csv) on the scenario's engine, "
        "prints how far off the predictions are and what usually is the cause, then fits the few constants "
        "that these requests tell. Every second request, of a summary what is no mean, or the last of "
        "several "
        "files (a curve is several) is held out to judge the fit. --log compares memory and settings with "
        "the "
        "server's startup log, and calibrates with its KV cache.",
        "blis calibrate scenario.yaml --log server.log\n"
        "blis calibrate scenario.yaml bench.json\n"
        "blis calibrate scenario.yaml rate-1.json rate-4.json rate-2.json -o calibration.yaml\n"
        "blis run scenario.yaml --set latency.calibration=calibration.yaml",
        "@file",
        bits(common, format, OptionGroup::calibrate, model, hardware, permission, engine, serving, random),
        calibrate_command},
    Command{"man", "", 0, 0, "Print the manual page",
            "Prints the manual page, with every command and option, in the format of man.",
            "blis man | man -l -\n"
            "blis man > ~/.local/share/man/man1/blis.1",
            "", bits(common), man_command},
    Command{"completion", "SHELL", 1, 1, "Print a completion script for bash, zsh or fish",
            "SHELL is bash, zsh or fish.",
            "source <(blis completion bash)\n"
            "blis completion fish > ~/.config/fish/completions/blis.fish",
            "bash zsh fish", bits(common), completion_command},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

}  // namespace blis
