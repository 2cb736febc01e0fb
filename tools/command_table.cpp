#include <array>

#include "tools/commands.h"

namespace blis {
namespace {

template <class... Groups>
constexpr std::uint32_t bits(Groups... groups) {
  return ((1U << static_cast<int>(groups)) | ...);
}

using enum OptionGroup;

constexpr std::array kCommands{
    Command{"run", "SCENARIO.yaml", 1, 1, "Simulate a scenario",
            "Simulates one scenario and prints what vLLM's own benchmark would: latency percentiles, "
            "throughput and "
            "the state of the engine. Flags override the file's keys.",
            "blis run scenarios/chat.yaml\n"
            "blis run scenarios/chat.yaml -tp 2 --set engine.max_num_seqs=64 -o out\n"
            "blis run scenarios/chat.yaml --output-format json > result.json",
            "@file", bits(common, format, output, model, engine, serving, workload), run_command},
    Command{"replay", "TRACE", 1, 1, "Replay a request trace",
            "The same without a scenario file: the trace's format is detected from its content, the rest is "
            "said by "
            "flags, which are vLLM's.",
            "blis replay trace.csv --model llama-3.1-8b-instruct --gpu H100 -tp 1\n"
            "blis replay trace.jsonl --model llama-3.1-70b-instruct --gpu H100 -tp 4 --replicas 4 "
            "--dither-ms 3000\n"
            "zcat trace.csv.gz | blis replay - --model qwen3-32b --gpu A100 -tp 2 --time-scale 2",
            "@file", bits(common, format, output, model, engine, serving, workload), replay_command},
    Command{"step", "", 0, 0, "Price one batch and say what binds it",
            "Prints the time of one engine step, every term of it and what it is bound by.",
            "blis step --model llama-3.1-8b-instruct --gpu H100 --decode 32@1024\n"
            "blis step --model llama-3.1-8b-instruct --gpu H100 -tp 2 --prefill 512@0 --decode 32@1024",
            "", bits(common, format, step, model, engine), step_command},
    Command{"validate", "FILE...", 1, 1000, "Check files without running them",
            "Checks scenarios (*.yaml), model configs and hardware catalogs (*.json) and traces (anything "
            "else), and "
            "reports every mistake with its place.",
            "blis validate scenarios/*.yaml hardware_config.json trace.csv", "@file", bits(common),
            validate_command},
    Command{"list", "KIND", 1, 1,
            "Show the models, GPUs, formats, policies, routers or latency models there are",
            "KIND is models, gpus, formats, policies, routers or latency-models.", "blis list gpus",
            "models gpus formats policies routers latency-models", bits(common, format), list_command},
    Command{"conform", "VECTORS.json...", 1, 1000, "Replay schedule vectors, step by step",
            "Replays schedules recorded from vLLM, or made by hand, through the scheduler that simulations "
            "use, and prints PASS or the first difference for each. Exit status 1 if any differs.",
            "blis conform tests/conform/golden.json", "@file", bits(common), conform_command},
    Command{
        "accuracy", "DIR", 1, 1, "Simulate measured runs and score the predictions",
        "Turns each case of a folder of measured runs (cases.jsonl, per_request/) into a scenario, simulates "
        "it, and prints the error of every figure, summaries, other simulators on the same runs, and how "
        "often the order of two runs is right.",
        "blis accuracy measured\n"
        "blis accuracy measured --families curves --json > curves.json\n"
        "blis accuracy measured --cases mixtral --by-stage --set latency.host.step_us=300",
        "@folder", bits(common, format, accuracy), accuracy_command},
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
