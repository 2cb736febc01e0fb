// `aiperf profile` and `genai-perf profile`. Source: AIPerf's reference of command line options, 0.12.
#include <fmt/core.h>

#include <array>

#include "scenarios/scalar.h"
#include "tools/import/client_settings.h"
#include "tools/import/workload_values.h"

namespace blis {
namespace {

using enum Reads;

constexpr std::array kAiperfArguments{
    takes("isl", "", number, "workload.input_tokens", ""),
    takes("synthetic-input-tokens-mean", "", number, "workload.input_tokens", ""),
    takes("prompt-input-tokens-mean", "", number, "workload.input_tokens", ""),
    takes("isl-stddev", "", number, "workload.input_tokens", ""),
    takes("synthetic-input-tokens-stddev", "", number, "workload.input_tokens", ""),
    takes("osl", "", number, "workload.output_tokens", ""),
    takes("output-tokens-mean", "", number, "workload.output_tokens", ""),
    takes("osl-stddev", "", number, "workload.output_tokens", ""),
    takes("output-tokens-stddev", "", number, "workload.output_tokens", ""),
    takes("concurrency", "", integer, "workload.max_concurrency", ""),
    takes("request-rate", "", number, "workload.arrival.request_rate", ""),
    takes("request-rate-mode", "", text, "workload.arrival.process", ""),
    takes("arrival-pattern", "", text, "workload.arrival.process", ""),
    takes("arrival-smoothness", "", number, "workload.arrival.burstiness", ""),
    takes("request-count", "", integer, "workload.num_requests", ""),
    takes("num-requests", "", integer, "workload.num_requests", ""),
    takes("benchmark-duration", "", number, "workload.duration_s", ""),
    takes("prefix-prompt-length", "", integer, "workload.prefix.tokens", ""),
    takes("prompt-prefix-length", "", integer, "workload.prefix.tokens", ""),
    takes("num-prefix-prompts", "", integer, "workload.prefix.groups", ""),
    takes("prefix-prompt-pool-size", "", integer, "workload.prefix.groups", ""),
    takes("session-turns-mean", "", number, "workload.session.turns", ""),
    takes("session-turn-delay-mean", "", number, "workload.session.think_time_s", ""),
    takes("random-seed", "", integer, "seed", ""),
    takes("goodput", "", list, "slo.goodput", ""),
    idle("model", "m", text, "the server's model is meant"),
    idle("model-names", "", text, "the server's model is meant"),
    idle("url", "u", text, "address"),
    idle("endpoint", "", text, "address"),
    idle("custom-endpoint", "", text, "address"),
    idle("endpoint-type", "", text, "address"),
    idle("service-kind", "", text, "address"),
    idle("api-key", "", text, "address"),
    idle("header", "H", text, "address"),
    idle("streaming", "", flag, "how answers come"),
    idle("tokenizer", "", text, "on the client"),
    idle("tokenizer-trust-remote-code", "", flag, "on the client"),
    idle("tokenizer-revision", "", text, "on the client"),
    idle("extra-inputs", "", list, "answers have the given length"),
    idle("use-server-token-count", "", flag, "on the client"),
    idle("num-dataset-entries", "", integer, "prompts differ anyway"),
    idle("num-prompts", "", integer, "prompts differ anyway"),
    idle("warmup-request-count", "", integer, "before the start"),
    idle("num-warmup-requests", "", integer, "before the start"),
    idle("artifact-dir", "", text, "output"),
    idle("output-artifact-dir", "", text, "output"),
    idle("profile-export-file", "", text, "output"),
    idle("profile-export-prefix", "", text, "output"),
    idle("export-level", "", text, "output"),
    idle("generate-plots", "", flag, "output"),
    idle("verbose", "v", flag, "output"),
    idle("ui", "", text, "output"),
    idle("ui-type", "", text, "output"),
    idle("log-level", "", text, "output"),
    idle("no-server-metrics", "", flag, "output"),
    idle("no-gpu-telemetry", "", flag, "output"),
    idle("server-metrics", "", list, "output"),
    idle("gpu-telemetry", "", list, "output"),
    idle("workers-max", "", integer, "on the client"),
    idle("request-timeout-seconds", "", number, "on the client"),
    idle("connection-reuse-strategy", "", text, "on the client"),
    idle("measurement-interval", "", integer, "on the client"),
    idle("stability-percentage", "", number, "on the client"),
    idle("benchmark-grace-period", "", number, "the end"),
    takes("input-file", "", text, "workload.path", ""),
    idle("custom-dataset-type", "", text, "what the file is"),
    takes("public-dataset", "", text, "workload.path", ""),
    lacks("fixed-schedule", "", flag, "", "times of a file"),
    lacks("user-centric-rate", "", number, "", "rates of single users"),
    lacks("num-users", "", integer, "", "rates of single users"),
    lacks("session-turns-stddev", "", number, "0|0.0", "turns of varying number"),
    lacks("session-turn-delay-stddev", "", number, "0|0.0", "waits of varying length"),
    lacks("conversation-num", "", integer, "", "a number of conversations: give one of requests"),
    lacks("num-conversations", "", integer, "", "a number of conversations: give one of requests"),
    lacks("num-sessions", "", integer, "", "a number of conversations: give one of requests"),
    lacks("image-width-mean", "", number, "0|0.0", "images"),
    lacks("image-height-mean", "", number, "0|0.0", "images"),
    lacks("batch-size", "b", integer, "1", "several prompts a request"),
    lacks("prefill-concurrency", "", integer, "", "another limit of the client"),
};

}  // namespace

ClientSettings aiperf_settings(const PastedCommand& command) {
  const ParsedArguments parsed = parse_arguments(kAiperfArguments, command.arguments, command.shown);
  ClientSettings result;
  Translation& into = result.translation;
  for (const GivenArgument& given : parsed.given) is_settled(given, into);
  result.model = parsed.value_of("model", parsed.value_of("model-names"));
  const auto first_of = [&](std::initializer_list<std::string_view> names) -> const GivenArgument* {
    for (const std::string_view name : names) {
      if (const GivenArgument* const one = parsed.find(name)) return one;
    }
    return nullptr;
  };
  const auto number = [](const GivenArgument* given, double fallback) {
    return given ? strict_number(given->value).value.value_or(fallback) : fallback;
  };
  const auto shown = [&](const GivenArgument* given) {
    return given ? given->shown : fmt::format("default of {}", command.shown);
  };
  if (const GivenArgument* const file = first_of({"input-file", "public-dataset"})) {
    into.mistake(*file, "requests from a file are replayed, not benchmarked", "--isl N --osl N",
                 "`blis replay FILE` reads traces, AIPerf's and Mooncake's among them");
    return result;
  }
  into.set("workload.kind", "synthetic", command.shown);
  // Source of the default: 550 tokens, as GenAI-Perf had it.
  const GivenArgument* const input =
      first_of({"isl", "synthetic-input-tokens-mean", "prompt-input-tokens-mean"});
  const GivenArgument* const output = first_of({"osl", "output-tokens-mean"});
  into.set(
      "workload.input_tokens",
      normal_value(number(input, 550), number(first_of({"isl-stddev", "synthetic-input-tokens-stddev"}), 0)),
      shown(input));
  if (output) {
    into.set("workload.output_tokens",
             normal_value(number(output, 1), number(first_of({"osl-stddev", "output-tokens-stddev"}), 0)),
             shown(output));
  } else {
    into.mistakes.push_back({.place = command.place,
                             .message = "how long answers are is the model's to decide",
                             .expected = "--osl N, or --output-tokens-mean N"});
  }
  const GivenArgument* const rate = parsed.find("request-rate");
  const GivenArgument* const users = parsed.find("concurrency");
  const GivenArgument* const count = first_of({"request-count", "num-requests"});
  const GivenArgument* const seconds = parsed.find("benchmark-duration");
  const GivenArgument* const pattern = first_of({"arrival-pattern", "request-rate-mode"});
  if (rate) {
    const std::string name = pattern ? pattern->value : "poisson";
    const double per_second = number(rate, 1);
    if (name == "constant") {
      into.set("workload.arrival", even_value(per_second), *rate);
    } else if (name == "gamma" && parsed.find("arrival-smoothness")) {
      into.set("workload.arrival",
               fmt::format("{{process: gamma, request_rate: {}, burstiness: {}}}", to_text(per_second),
                           parsed.value_of("arrival-smoothness")),
               *rate);
    } else if (name == "poisson" || name == "gamma") {
      into.set("workload.arrival", poisson_value(per_second), *rate);
    } else {
      into.lack(*pattern, "arrivals of this kind");
    }
    if (users) into.set("workload.max_concurrency", users->value, *users);
  } else if (seconds && !count) {
    into.set("workload.arrival", closed_loop_value(static_cast<std::int64_t>(number(users, 1))),
             shown(users));
  } else {
    into.set("workload.arrival", at_once_value(), shown(users));
    into.set("workload.max_concurrency", to_text(number(users, 1)), shown(users));
  }
  if (count) {
    into.set("workload.num_requests", count->value, *count);
    if (seconds) into.notes.push_back(fmt::format("{}: the number of requests ends it", seconds->shown));
  } else if (seconds) {
    into.set("workload.duration_s", seconds->value, *seconds);
  } else {
    into.mistakes.push_back({.place = command.place,
                             .message = "this benchmark has no end",
                             .expected = "--request-count N or --benchmark-duration S"});
  }
  if (const GivenArgument* const prefix = first_of({"prefix-prompt-length", "prompt-prefix-length"});
      prefix && number(prefix, 0) > 0) {
    into.set("workload.prefix.tokens", constant_value(number(prefix, 0)), *prefix);
    if (const GivenArgument* const pool = first_of({"num-prefix-prompts", "prefix-prompt-pool-size"}))
      into.set("workload.prefix.groups", pool->value, *pool);
  }
  if (const GivenArgument* const turns = parsed.find("session-turns-mean"); turns && number(turns, 1) > 1) {
    into.set("workload.session.turns", constant_value(number(turns, 1)), *turns);
    const GivenArgument* const delay = parsed.find("session-turn-delay-mean");  // milliseconds
    into.set("workload.session.think_time_s", constant_value(number(delay, 0) / 1e3), shown(delay));
  }
  if (const GivenArgument* const limits = parsed.find("goodput")) {
    for (const std::string& term : split_words(limits->value)) {
      const std::size_t colon = term.find(':');
      const std::string metric = term.substr(0, colon);
      const char* const key = metric == "time_to_first_token"   ? "ttft_ms"
                              : metric == "inter_token_latency" ? "tpot_ms"  // AIPerf's is a request's mean
                              : metric == "request_latency"     ? "e2el_ms"
                                                                : nullptr;
      if (!key || colon == std::string::npos) {
        into.mistake(*limits, fmt::format("`{}` is no limit that is known here", term),
                     "time_to_first_token:MS, inter_token_latency:MS or request_latency:MS");
      } else {
        into.set(std::string("slo.goodput.") + key, term.substr(colon + 1), "--goodput " + term);
      }
    }
  }
  if (const GivenArgument* const seed = parsed.find("random-seed")) into.set("seed", seed->value, *seed);
  return result;
}

}  // namespace blis
