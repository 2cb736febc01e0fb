// `vllm bench serve`, and benchmarks/benchmark_serving.py that it was. Source: get_request and the data sets
// of vllm/benchmarks/serve.py and datasets, 2026-08.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/document.h"
#include "scenarios/scalar.h"
#include "tools/import/client_settings.h"
#include "tools/import/workload_values.h"

namespace blis {
namespace {

class VllmBench {
 public:
  explicit VllmBench(const PastedCommand& command)
      : command_(command), parsed_(parse_arguments(bench_arguments(), command.arguments, command.shown)) {}

  ClientSettings read() {
    for (const ShellWord& extra : parsed_.positionals) {
      into_.mistakes.push_back(
          {.place = extra.place,
           .message = fmt::format("`{}` is one word too many for `{}`", extra.text, command_.shown),
           .expected = "arguments that begin with --"});
    }
    for (const GivenArgument& given : parsed_.given) {
      if (is_settled(given, into_)) continue;
      used_.push_back(&given);
    }
    result_.model = parsed_.value_of("model");
    if (into_.mistakes.empty()) {
      data_set();
      sampling();
      goodput();
      figures();
      if (const GivenArgument* const seed = given("seed")) into_.set("seed", seed->value, *seed);
      if (const GivenArgument* const limit = given("max-concurrency"))
        into_.set("workload.max_concurrency", limit->value, *limit);
      if (!parsed_.find("ignore-eos") && !is_trace_) {
        into_.notes.emplace_back(
            "without --ignore-eos a model may stop sooner: here each answer has its full length");
      }
    }
    result_.translation = std::move(into_);
    return std::move(result_);
  }

 private:
  // Given, and to be translated.
  const GivenArgument* given(std::string_view name) const {
    const auto found =
        std::ranges::find_if(used_, [&](const GivenArgument* one) { return one->argument->name == name; });
    return found == used_.end() ? nullptr : *found;
  }
  double number(std::string_view name, double fallback) const {
    const GivenArgument* const one = given(name);
    return one ? strict_number(one->value).value.value_or(fallback) : fallback;
  }
  // What stands for the value in messages and comments.
  std::string shown(std::string_view name) const {
    const GivenArgument* const one = given(name);
    return one ? one->shown : fmt::format("default of {}", command_.shown);
  }
  bool is_old_script() const { return command_.shown == "benchmark_serving.py"; }

  void data_set() {
    const std::string name = parsed_.value_of("dataset-name", is_old_script() ? "sharegpt" : "random");
    if (!given("dataset-name"))
      into_.notes.push_back(fmt::format("`{}` names no data set: `{}` is its default", command_.shown, name));
    if (name == "random") {
      random();
    } else if (name == "prefix_repetition") {
      prefix_repetition();
    } else if (name == "sonnet") {
      sonnet();
    } else if (name == "sharegpt" || name == "custom" || name == "burstgpt" || name == "timed_trace") {
      trace(name);
    } else if (const GivenArgument* const asked = given("dataset-name")) {
      constexpr std::array<std::string_view, 8> kOthers{"hf",           "random-mm",    "random-rerank",
                                                        "custom_audio", "custom_image", "spec_bench",
                                                        "speed_bench",  "custom_mm"};
      if (std::ranges::find(kOthers, name) != kOthers.end()) {
        into_.mistake(*asked, fmt::format("the prompts of `{}` are not read here", name),
                      "lengths: --dataset-name random --random-input-len N --random-output-len N");
      } else {
        into_.mistake(*asked, fmt::format("`{}` is no data set of `{}`", name, command_.shown),
                      "random, prefix_repetition, sonnet, sharegpt, burstgpt, custom or timed_trace");
      }
    }
  }

  void lengths(std::string_view key, std::string value, std::string from) {
    into_.set(fmt::format("workload.{}", key), std::move(value), std::move(from));
  }

  // Requests and arrivals of generated traffic.
  void synthetic() {
    into_.set("workload.kind", "synthetic", shown("dataset-name"));
    into_.set("workload.num_requests", to_text(number("num-prompts", 1000)), shown("num-prompts"));
    arrival(/*scaled=*/true);
  }

  void arrival(bool scaled) {
    const GivenArgument* const rate = given("request-rate");
    const double burstiness = number("burstiness", 1);
    if (const GivenArgument* const strategy = given("ramp-up-strategy"))
      return ramp_up(*strategy, burstiness);
    if (!rate || rate->value == "inf") {
      return into_.set("workload.arrival", at_once_value(), shown("request-rate"));
    }
    const double per_second = number("request-rate", 0);
    if (per_second <= 0)
      return into_.mistake(*rate, "a request rate is above 0", "--request-rate 10, or inf");
    std::string from = rate->shown;
    if (const GivenArgument* const shape = given("burstiness")) from += " " + shape->shown;
    into_.set(
        "workload.arrival",
        scaled || burstiness != 1 ? vllm_arrival_value(per_second, burstiness) : poisson_value(per_second),
        std::move(from));
  }

  void ramp_up(const GivenArgument& strategy, double burstiness) {
    const double from = number("ramp-up-start-rps", 0), to = number("ramp-up-end-rps", 0);
    if (strategy.value != "linear" && strategy.value != "exponential") {
      return into_.mistake(strategy, "there is no such ramp-up", "linear or exponential");
    }
    if (!(from > 0) || !(to > 0)) {
      return into_.mistake(strategy, "a ramp-up goes from one rate above 0 to another",
                           "--ramp-up-start-rps and --ramp-up-end-rps");
    }
    if (from == to) {
      return into_.set("workload.arrival", vllm_arrival_value(from, burstiness), strategy);
    }
    into_.set("workload.arrival",
              ramp_up_value(strategy.value == "linear", from, to, number("num-prompts", 1000), burstiness),
              fmt::format("{} {} {}", strategy.shown, shown("ramp-up-start-rps"), shown("ramp-up-end-rps")));
  }

  // Lengths of one side: of its own argument, of the general one, or the default.
  struct Length {
    double tokens;
    std::string shown;
  };
  Length length(std::string_view own, std::string_view general, double fallback) const {
    const std::string_view name = given(general) ? general : own;
    return {number(name, fallback), shown(name)};
  }

  struct Ratios {
    double input = 0, output = 0;
    bool of_share = false;  // the old script's: from ratio x length up to the length
  };
  Ratios range_ratios() {
    const GivenArgument* const ratio = given("random-range-ratio");
    if (!ratio) return {};
    Ratios result;
    if (const auto one = strict_number(ratio->value).value) {
      result.input = result.output = *one;
    } else {
      try {
        const Node both = parse_json(ratio->value, ratio->shown).root;
        const auto side = [&](const char* key) {
          const Node* const node = both.find(key);
          return node ? strict_number(node->text).value.value_or(-1) : -1;
        };
        result.input = side("input");
        result.output = side("output");
      } catch (const InputError&) {
        result.input = -1;
      }
    }
    if (result.input == 1 && result.output == 1) {
      into_.notes.emplace_back("--random-range-ratio 1: fixed lengths, as releases before 2025-04 meant it");
      return {};
    }
    if (result.input < 0 || result.output < 0 || result.input >= 1 || result.output >= 1) {
      into_.mistake(*ratio, "lengths spread by a share of themselves",
                    "a number from 0 up to, but not, 1; or {\"input\": 0.2, \"output\": 0}");
      return {};
    }
    if (result.input > 0 && is_old_script()) {
      into_.notes.push_back(fmt::format(
          "{}: lengths from (1 - ratio) to (1 + ratio) times the given one; releases before 2025-04 "
          "meant from ratio to 1",
          ratio->shown));
    }
    return result;
  }

  static std::string around(double tokens, double ratio) {
    return uniform_value(std::max(1.0, std::floor(tokens * (1 - ratio))), std::ceil(tokens * (1 + ratio)));
  }

  void random() {
    const Ratios ratios = range_ratios();
    synthetic();
    const Length input = length("random-input-len", "input-len", 1024);
    const Length output = length("random-output-len", "output-len", 128);
    const std::string with = given("random-range-ratio") ? " " + shown("random-range-ratio") : "";
    lengths("input_tokens", around(input.tokens, ratios.input), input.shown + with);
    lengths("output_tokens", around(output.tokens, ratios.output), output.shown + with);
    if (const double prefix = number("random-prefix-len", 0); prefix > 0) {
      into_.set("workload.prefix.tokens", constant_value(prefix), shown("random-prefix-len"));
    }
  }

  void prefix_repetition() {
    synthetic();
    const Length prefix = length("prefix-repetition-prefix-len", "", 256);
    const Length suffix = length("prefix-repetition-suffix-len", "input-len", 256);
    const Length output = length("prefix-repetition-output-len", "output-len", 128);
    const double groups = number("prefix-repetition-num-prefixes", 10);
    into_.set("workload.prefix.groups", to_text(groups), shown("prefix-repetition-num-prefixes"));
    into_.set("workload.prefix.tokens", constant_value(prefix.tokens), prefix.shown);
    lengths("input_tokens", constant_value(suffix.tokens), suffix.shown);
    lengths("output_tokens", constant_value(output.tokens), output.shown);
  }

  // Lines of poems behind one common beginning, which is a part of the input.
  void sonnet() {
    synthetic();
    const Length input = length("sonnet-input-len", "input-len", 550);
    const Length output = length("sonnet-output-len", "output-len", 150);
    lengths("input_tokens", constant_value(input.tokens), input.shown);
    lengths("output_tokens", constant_value(output.tokens), output.shown);
    if (const double prefix = number("sonnet-prefix-len", 200); prefix > 0) {
      into_.set("workload.prefix.tokens", constant_value(prefix), shown("sonnet-prefix-len"));
      into_.set("workload.prefix.within_input", "true", shown("dataset-name"));
    }
  }

  void trace(const std::string& name) {
    is_trace_ = true;
    const GivenArgument* const path = given("dataset-path");
    if (!path) {
      into_.mistakes.push_back({.place = command_.place,
                                .message = fmt::format("the data set `{}` is a file", name),
                                .expected = "--dataset-path FILE",
                                .hint = "or give lengths: --dataset-name random --random-input-len 1024"});
      return;
    }
    into_.set("workload.kind", "trace", shown("dataset-name"));
    into_.set("workload.path", path->value, *path);
    const bool mooncake = number("timed-trace-chunk-hash-size", 16) == 512;
    into_.set("workload.format",
              name == "timed_trace" ? (mooncake ? "mooncake" : "timed")
              : name == "custom"    ? "prompts"
                                    : name,
              shown("dataset-name"));
    into_.set("workload.limit", to_text(number("num-prompts", 1000)), shown("num-prompts"));
    const std::string own = name + "-output-len";
    const GivenArgument* const length = given("output-len") ? given("output-len") : given(own);
    if (length && length->value != "-1") {
      into_.set("workload.output_tokens", length->value, *length);
    } else if (name == "custom" && !length) {
      into_.set("workload.output_tokens", "256", shown(own));
    }
    const bool has_times = name == "timed_trace" && !given("request-rate");
    if (!has_times) arrival(/*scaled=*/false);
    const double multiplier = number("timed-trace-sec-multiplier", 1);
    if (name == "timed_trace" && multiplier != (mooncake ? 0.001 : 1)) {
      into_.mistake(*given("timed-trace-sec-multiplier"), "this unit of time stamps is not read",
                    "seconds with blocks of 16 tokens, or milliseconds (0.001) with blocks of 512");
    }
  }

  // The script before `vllm bench serve` asked for temperature 0. Source: backend_request_func.py.
  void sampling() {
    const GivenArgument* const temperature = given("temperature");
    if (temperature ? number("temperature", 1) == 0 : is_old_script()) {
      into_.set("workload.sampling.top_p", "1",
                temperature ? temperature->shown : "temperature 0 of " + command_.shown);
      return;
    }
    for (const char* const name : {"top-p", "top-k"}) {
      const GivenArgument* const one = given(name);
      if (!one || (name[4] == 'k' && number(name, 0) <= 0)) continue;
      into_.set(name[4] == 'k' ? "workload.sampling.top_k" : "workload.sampling.top_p", one->value, *one);
    }
  }

  void goodput() {
    const GivenArgument* const limits = given("goodput");
    if (!limits) return;
    for (const std::string& term : split_words(limits->value)) {
      const std::size_t colon = term.find(':');
      const std::string metric = term.substr(0, colon);
      const bool known = metric == "ttft" || metric == "tpot" || metric == "e2el";
      if (colon == std::string::npos || !known) {
        into_.mistake(*limits, fmt::format("`{}` is no limit of a request", term),
                      "ttft:MS, tpot:MS or e2el:MS");
        continue;
      }
      into_.set(fmt::format("slo.goodput.{}_ms", metric), term.substr(colon + 1), "--goodput " + term);
    }
  }

  static std::vector<std::string> listed(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
      const std::size_t comma = text.find(',');
      if (comma != 0) items.emplace_back(text.substr(0, comma));
      text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return items;
  }

  // What is printed; the two have no effect on anything else.
  void figures() {
    constexpr std::array<std::string_view, 4> kMetrics{"ttft", "tpot", "itl", "e2el"};
    if (const GivenArgument* const asked = parsed_.find("percentile-metrics")) {
      result_.metrics = listed(asked->value);
      for (const std::string& metric : result_.metrics) {
        if (std::ranges::find(kMetrics, metric) == kMetrics.end())
          into_.mistake(*asked, fmt::format("`{}` is no figure of a request", metric),
                        "ttft, tpot, itl or e2el");
      }
    }
    if (const GivenArgument* const asked = parsed_.find("metric-percentiles")) {
      result_.percentiles.clear();
      for (const std::string& text : listed(asked->value)) {
        const auto percentile = strict_number(text).value;
        if (percentile && *percentile >= 0 && *percentile <= 100) {
          result_.percentiles.push_back(*percentile);
        } else {
          into_.mistake(*asked, fmt::format("`{}` is no percentile", text),
                        "numbers from 0 to 100, as in 50,90,99");
        }
      }
    }
  }

  const PastedCommand& command_;
  ParsedArguments parsed_;
  std::vector<const GivenArgument*> used_;
  Translation into_;
  ClientSettings result_;
  bool is_trace_ = false;
};

}  // namespace

ClientSettings vllm_bench_settings(const PastedCommand& command) {
  return VllmBench(command).read();
}

}  // namespace blis
