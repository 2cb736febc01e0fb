// `aiperf profile` and `genai-perf profile`. Sources: the references of command line options of AIPerf 0.13
// and of GenAI-Perf 0.0.16.
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

// Each under all of its names: the first that is given counts.
constexpr std::array kInput{"isl", "synthetic-input-tokens-mean", "prompt-input-tokens-mean"};
constexpr std::array kInputSpread{"isl-stddev", "synthetic-input-tokens-stddev",
                                  "prompt-input-tokens-stddev"};
constexpr std::array kOutput{"osl", "output-tokens-mean", "prompt-output-tokens-mean"};
constexpr std::array kOutputSpread{"osl-stddev", "output-tokens-stddev", "prompt-output-tokens-stddev"};
constexpr std::array kCount{"request-count", "num-requests"};
constexpr std::array kPattern{"arrival-pattern", "request-rate-mode"};
constexpr std::array kSmoothness{"arrival-smoothness", "vllm-burstiness"};
constexpr std::array kPool{"num-dataset-entries", "num-prompts"};
constexpr std::array kSessions{"num-sessions", "num-conversations", "conversation-num"};
constexpr std::array kTurns{"session-turns-mean", "conversation-turn-mean"};
constexpr std::array kTurnsSpread{"session-turns-stddev", "conversation-turn-stddev"};
constexpr std::array kDelay{"session-turn-delay-mean", "conversation-turn-delay-mean"};
constexpr std::array kDelaySpread{"session-turn-delay-stddev", "conversation-turn-delay-stddev"};
constexpr std::array kDelayRatio{"session-delay-ratio", "conversation-turn-delay-ratio"};
constexpr std::array kPrefix{"prefix-prompt-length", "prompt-prefix-length"};
constexpr std::array kPrefixes{"num-prefix-prompts", "prefix-prompt-pool-size", "prompt-prefix-pool-size"};
constexpr std::array kFile{"input-file", "public-dataset", "hf-weka-dataset"};

class Aiperf {
 public:
  explicit Aiperf(const PastedCommand& command)
      : command_(command), parsed_(parse_arguments(aiperf_arguments(), command.arguments, command.shown)) {}

  ClientSettings read() {
    for (const GivenArgument& given : parsed_.given) is_settled(given, into_);
    result_.model = parsed_.value_of("model", parsed_.value_of("model-names"));
    if (const GivenArgument* const file = first_of(kFile)) {
      into_.mistake(*file, "requests from a file are replayed, not benchmarked", "--isl N --osl N",
                    "`blis replay FILE` reads traces, AIPerf's and Mooncake's among them");
    } else if (into_.mistakes.empty()) {
      into_.set("workload.kind", "synthetic", command_.shown);
      lengths();
      conversations();
      load();
      end();
      prompts();
      goodput();
      if (const GivenArgument* const seed = parsed_.find("random-seed"))
        into_.set("seed", seed->value, *seed);
    }
    result_.translation = std::move(into_);
    return std::move(result_);
  }

 private:
  template <std::size_t n>
  const GivenArgument* first_of(const std::array<const char*, n>& names) const {
    for (const char* const name : names) {
      if (const GivenArgument* const one = parsed_.find(name)) return one;
    }
    return nullptr;
  }
  // A list of values is a sweep, and its first value no benchmark.
  double number(const GivenArgument* given, double fallback) {
    if (!given) return fallback;
    const auto value = strict_number(given->value).value;
    if (!value) {
      into_.mistake(*given, fmt::format("`{}` are several benchmarks", given->shown), "one number",
                    "write one scenario (--save-scenario FILE) and vary it with `blis compare FILE --vary`");
    }
    return value.value_or(fallback);
  }
  std::string shown(const GivenArgument* given) const {
    return given ? given->shown : fmt::format("default of {}", command_.shown);
  }
  bool is_genai_perf() const { return command_.shown.starts_with("genai-perf"); }

  // The default was GenAI-Perf's first.
  void lengths() {
    const GivenArgument* const input = first_of(kInput);
    const GivenArgument* const output = first_of(kOutput);
    input_ = number(input, 550);
    into_.set("workload.input_tokens", normal_value(input_, number(first_of(kInputSpread), 0)), shown(input));
    if (!output) {
      into_.mistakes.push_back({.place = command_.place,
                                .message = "how long answers are is the model's to decide",
                                .expected = "--osl N, or --output-tokens-mean N"});
      return;
    }
    into_.set("workload.output_tokens", normal_value(number(output, 1), number(first_of(kOutputSpread), 0)),
              shown(output));
  }

  void conversations() {
    const GivenArgument* const turns = first_of(kTurns);
    turns_ = std::max(1.0, number(turns, 1));
    if (turns_ == 1) return;
    into_.set("workload.session.turns", normal_value(turns_, number(first_of(kTurnsSpread), 0)),
              shown(turns));
    const GivenArgument* const delay = first_of(kDelay);
    const double to_seconds = number(first_of(kDelayRatio), 1) / 1e3;
    const double mean = number(delay, 0) * to_seconds,
                 spread = number(first_of(kDelaySpread), 0) * to_seconds;
    into_.set("workload.session.think_time_s",
              spread == 0 ? constant_value(mean)
                          : fmt::format("{{distribution: normal, mean: {}, stddev: {}, min: 0}}",
                                        to_text(mean), to_text(spread)),
              shown(delay));
  }

  void load() {
    const GivenArgument* const rate = parsed_.find("request-rate");
    const GivenArgument* const limit =
        parsed_.find("concurrency") ? parsed_.find("concurrency") : parsed_.find("session-concurrency");
    users_ = number(limit, 1);
    if (rate) {
      arrivals(*rate);
      if (limit && turns_ == 1) into_.set("workload.max_concurrency", to_text(users_), *limit);
      if (limit && turns_ > 1) into_.lack(*limit, "a limit of conversations beside their rate");
    } else if (turns_ > 1 || ends_by_time()) {
      into_.set("workload.arrival", closed_loop_value(static_cast<std::int64_t>(users_)), shown(limit));
    } else {
      into_.set("workload.arrival", at_once_value(), shown(limit));
      into_.set("workload.max_concurrency", to_text(users_), shown(limit));
    }
  }
  void arrivals(const GivenArgument& rate) {
    const GivenArgument* const pattern = first_of(kPattern);
    const GivenArgument* const smoothness = first_of(kSmoothness);
    const std::string name = pattern ? pattern->value : is_genai_perf() ? "constant" : "poisson";
    const double per_second = number(&rate, 1);
    if (!pattern) into_.notes.push_back(fmt::format("`{}` sends at {} times", command_.shown, name));
    if (name == "constant") {
      into_.set("workload.arrival", even_value(per_second), rate);
    } else if (name == "gamma" && smoothness) {
      into_.set("workload.arrival",
                fmt::format("{{process: gamma, request_rate: {}, burstiness: {}}}", to_text(per_second),
                            smoothness->value),
                rate);
    } else if (name == "poisson" || name == "gamma") {
      into_.set("workload.arrival", poisson_value(per_second), rate);
    } else {
      into_.lack(*pattern, "arrivals of this kind");
    }
  }

  // GenAI-Perf measures three windows of time where it is given their length.
  const GivenArgument* duration() const {
    return is_genai_perf() ? parsed_.find("measurement-interval") : parsed_.find("benchmark-duration");
  }
  bool ends_by_time() const { return duration() && !first_of(kCount); }
  double seconds() { return is_genai_perf() ? 3 * number(duration(), 0) / 1e3 : number(duration(), 0); }

  void end() {
    const GivenArgument* const count = first_of(kCount);
    const GivenArgument* const sessions = first_of(kSessions);
    if (count) {
      requests_ = number(count, 1);
      into_.set("workload.num_requests", to_text(requests_), *count);
      if (duration())
        into_.notes.push_back(fmt::format("{}: the number of requests ends it", duration()->shown));
    } else if (duration()) {
      into_.set("workload.duration_s", to_text(seconds()), *duration());
      if (is_genai_perf())
        into_.notes.push_back(fmt::format("{}: three such windows are measured", duration()->shown));
    } else if (sessions) {
      requests_ = std::round(number(sessions, 1) * turns_);
      into_.set("workload.num_requests", to_text(requests_), *sessions);
    } else {
      requests_ = is_genai_perf() ? 10 : std::max(10.0, 2 * users_);
      into_.set("workload.num_requests", to_text(requests_), shown(nullptr));
      into_.notes.push_back(fmt::format("`{}` without --request-count: {} requests, its default",
                                        command_.shown, to_text(requests_)));
    }
  }

  // A pool of prompts, which are sent again when all were: from then on they are in the prefix cache.
  void prompts() {
    const GivenArgument* const pool = first_of(kPool) ? first_of(kPool) : first_of(kSessions);
    const double size = number(pool, 100);
    const bool repeats = turns_ == 1 && (requests_ == 0 || requests_ > size);
    if (repeats) {
      into_.set("workload.prompts", fmt::format("{{pool: {}, order: cycle}}", to_text(size)), shown(pool));
      into_.notes.push_back(
          fmt::format("`{}` has {} prompts and sends them again and again: hits of the prefix cache",
                      command_.shown, to_text(size)));
    }
    const GivenArgument* const groups = first_of(kPrefixes);
    const GivenArgument* const length = first_of(kPrefix);
    const double tokens = number(length, is_genai_perf() ? 100 : 0);
    if (groups && number(groups, 0) > 0 && tokens > 0) {
      into_.set("workload.prefix.tokens", constant_value(tokens), shown(length));
      into_.set("workload.prefix.groups", to_text(number(groups, 1)), *groups);
    } else if (length) {
      into_.notes.push_back(fmt::format("{}: no effect without --num-prefix-prompts", length->shown));
    }
    if (const GivenArgument* const shared = parsed_.find("shared-system-prompt-length"))
      into_.set("workload.prefix.tokens", constant_value(number(shared, 1)), *shared);
  }

  void goodput() {
    const GivenArgument* const limits = parsed_.find("goodput");
    if (!limits) return;
    for (const std::string& term : split_words(limits->value)) {
      const std::size_t colon = term.find(':');
      const std::string metric = term.substr(0, colon);
      const char* const key = metric == "time_to_first_token"   ? "ttft_ms"
                              : metric == "inter_token_latency" ? "tpot_ms"  // AIPerf's is a request's mean
                              : metric == "request_latency"     ? "e2el_ms"
                                                                : nullptr;
      if (!key || colon == std::string::npos) {
        into_.mistake(*limits, fmt::format("`{}` is no limit that is known here", term),
                      "time_to_first_token:MS, inter_token_latency:MS or request_latency:MS");
      } else {
        into_.set(std::string("slo.goodput.") + key, term.substr(colon + 1), "--goodput " + term);
      }
    }
  }

  const PastedCommand& command_;
  ParsedArguments parsed_;
  Translation into_;
  ClientSettings result_;
  double input_ = 0, turns_ = 1, users_ = 1, requests_ = 0;  // requests: 0 where time ends it
};

}  // namespace

ClientSettings aiperf_settings(const PastedCommand& command) {
  return Aiperf(command).read();
}

}  // namespace blis
