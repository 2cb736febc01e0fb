// `python -m sglang.bench_serving`, which many use against vLLM. Source: sglang's bench_serving.py: lengths
// of `random` are uniform from ratio x length up to the length, and exponential gaps are not scaled; the
// defaults of `generated-shared-prefix`.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/scalar.h"
#include "tools/import/client_settings.h"
#include "tools/import/workload_values.h"

namespace blis {
namespace {

using enum Reads;

constexpr std::array kSglangArguments{
    takes("backend", "", text, "workload.kind", ""),
    takes("dataset-name", "", text, "workload.kind", "random, random-ids, sharegpt, generated-shared-prefix"),
    takes("dataset-path", "", text, "workload.path", ""),
    takes("num-prompts", "", integer, "workload.num_requests", ""),
    takes("random-input-len", "", integer, "workload.input_tokens", ""),
    takes("random-input", "", integer, "workload.input_tokens", ""),
    takes("random-output-len", "", integer, "workload.output_tokens", ""),
    takes("random-output", "", integer, "workload.output_tokens", ""),
    takes("random-range-ratio", "", number, "workload.input_tokens", ""),
    takes("sharegpt-output-len", "", integer, "workload.output_tokens", ""),
    takes("gsp-num-groups", "", integer, "workload.prefix.groups", ""),
    takes("gsp-prompts-per-group", "", integer, "workload.num_requests", ""),
    takes("gsp-system-prompt-len", "", integer, "workload.prefix.tokens", ""),
    takes("gsp-question-len", "", integer, "workload.input_tokens", ""),
    takes("gsp-output-len", "", integer, "workload.output_tokens", ""),
    takes("request-rate", "", number, "workload.arrival.request_rate", ""),
    takes("max-concurrency", "", integer, "workload.max_concurrency", ""),
    takes("seed", "", integer, "seed", ""),
    idle("model", "", text, "the server's model is meant"),
    idle("served-model-name", "", text, "names"),
    idle("tokenizer", "", text, "on the client"),
    idle("base-url", "", text, "address"),
    idle("host", "", text, "address"),
    idle("port", "", integer, "address"),
    idle("output-file", "", text, "output"),
    idle("output-details", "", flag, "output"),
    idle("disable-tqdm", "", flag, "output"),
    idle("flush-cache", "", flag, "before the start"),
    idle("warmup-requests", "", integer, "before the start"),
    idle("ready-check-timeout-sec", "", integer, "before the start"),
    idle("apply-chat-template", "", flag, "on the client"),
    idle("tokenize-prompt", "", flag, "on the client"),
    idle("profile", "", flag, "profiling"),
    idle("seed-everything", "", flag, "seeds"),
    lacks("disable-ignore-eos", "", flag, "", "answers that end sooner"),
    lacks("disable-stream", "", flag, "", "no first token is seen"),
    lacks("extra-request-body", "", json, "", "any field of a request"),
    lacks("lora-name", "", list, "", "adapters"),
    lacks("return-logprob", "", flag, "", "work for each token"),
};

}  // namespace

ClientSettings sglang_bench_settings(const PastedCommand& command) {
  const ParsedArguments parsed = parse_arguments(kSglangArguments, command.arguments, command.shown);
  ClientSettings result;
  Translation& into = result.translation;
  for (const GivenArgument& given : parsed.given) is_settled(given, into);
  result.model = parsed.value_of("model");
  const auto shown = [&](std::string_view name) {
    const GivenArgument* const one = parsed.find(name);
    return one ? one->shown : fmt::format("default of {}", command.shown);
  };
  const auto number = [&](std::string_view name, double fallback) {
    return strict_number(parsed.value_of(name)).value.value_or(fallback);
  };
  if (const GivenArgument* const backend = parsed.find("backend")) {
    constexpr std::array<std::string_view, 5> kBackends{"vllm", "vllm-chat", "sglang", "sglang-oai",
                                                        "sglang-oai-chat"};
    if (std::ranges::find(kBackends, backend->value) == kBackends.end())
      into.lack(*backend, "another server than vLLM");
  }
  const std::string name = parsed.value_of("dataset-name", "sharegpt");
  const bool is_random = name == "random" || name == "random-ids";
  if (is_random) {
    const double ratio = number("random-range-ratio", 0);
    const auto side = [&](const char* key, const char* longer, const char* shorter) {
      const char* const argument = parsed.find(longer) ? longer : shorter;
      const double tokens = number(argument, 1024);
      into.set(fmt::format("workload.{}", key),
               uniform_value(std::max(1.0, std::floor(tokens * ratio)), tokens),
               fmt::format("{} {}", shown(argument), shown("random-range-ratio")));
    };
    into.set("workload.kind", "synthetic", shown("dataset-name"));
    into.set("workload.num_requests", to_text(number("num-prompts", 1000)), shown("num-prompts"));
    side("input_tokens", "random-input-len", "random-input");
    side("output_tokens", "random-output-len", "random-output");
    if (!parsed.find("random-range-ratio"))
      into.notes.emplace_back(
          "sglang.bench_serving without --random-range-ratio: lengths are uniform from 1 to the given ones");
  } else if (name == "generated-shared-prefix") {
    const double groups = number("gsp-num-groups", 64);
    into.set("workload.kind", "synthetic", shown("dataset-name"));
    into.set("workload.num_requests", to_text(groups * number("gsp-prompts-per-group", 16)),
             shown("gsp-prompts-per-group"));
    into.set("workload.prefix.groups", to_text(groups), shown("gsp-num-groups"));
    into.set("workload.prefix.tokens", constant_value(number("gsp-system-prompt-len", 2048)),
             shown("gsp-system-prompt-len"));
    into.set("workload.input_tokens", constant_value(number("gsp-question-len", 128)),
             shown("gsp-question-len"));
    into.set("workload.output_tokens", constant_value(number("gsp-output-len", 256)),
             shown("gsp-output-len"));
  } else if (name == "sharegpt" && parsed.find("dataset-path")) {
    into.set("workload.kind", "trace", shown("dataset-name"));
    into.set("workload.path", parsed.value_of("dataset-path"), shown("dataset-path"));
    into.set("workload.format", "sharegpt", shown("dataset-name"));
    into.set("workload.limit", to_text(number("num-prompts", 1000)), shown("num-prompts"));
    if (const GivenArgument* const length = parsed.find("sharegpt-output-len"))
      into.set("workload.output_tokens", length->value, *length);
  } else {
    into.mistakes.push_back({.place = command.place,
                             .message = name == "sharegpt"
                                            ? "the data set `sharegpt` is a file"
                                            : fmt::format("the data set `{}` is not read", name),
                             .expected = name == "sharegpt" ? "--dataset-path FILE"
                                                            : "random, sharegpt or generated-shared-prefix"});
  }
  const std::string rate = parsed.value_of("request-rate", "inf");
  into.set("workload.arrival", rate == "inf" ? at_once_value() : poisson_value(number("request-rate", 1)),
           shown("request-rate"));
  if (const GivenArgument* const limit = parsed.find("max-concurrency"))
    into.set("workload.max_concurrency", limit->value, *limit);
  if (const GivenArgument* const seed = parsed.find("seed")) into.set("seed", seed->value, *seed);
  return result;
}

}  // namespace blis
