// `guidellm benchmark`, and `guidellm run` since 0.7. Sources: GuideLLM's documentation, 0.3 to 0.7:
// profiles, synthetic data, the guide from 0.6 to 0.7.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "scenarios/document.h"
#include "scenarios/scalar.h"
#include "tools/import/client_settings.h"
#include "tools/import/workload_values.h"

namespace blis {
namespace {

using enum Reads;

constexpr std::array kGuidellmArguments{
    takes("rate-type", "", text, "workload.arrival.process", ""),
    takes("profile", "", text, "workload.arrival.process", ""),
    takes("rate", "", list, "workload.arrival.request_rate", ""),
    takes("max-seconds", "", number, "workload.duration_s", ""),
    takes("max-requests", "", integer, "workload.num_requests", ""),
    takes("constraint", "", again, "workload.num_requests", ""),
    takes("data", "", again, "workload.input_tokens", ""),
    takes("random-seed", "", integer, "seed", ""),
    takes("seed", "", text, "seed", ""),
    takes("data-samples", "", integer, "workload.prompts", ""),
    idle("target", "", text, "address"),
    idle("model", "", text, "the server's model is meant"),
    idle("processor", "", text, "on the client"),
    idle("processor-args", "", json, "on the client"),
    idle("tokenizer", "", text, "on the client"),
    idle("data-args", "", json, "on the client"),
    idle("data-column-mapper", "", text, "on the client"),
    idle("data-preprocessor", "", again, "on the client"),
    idle("data-preprocessors", "", text, "on the client"),
    idle("data-preprocessors-kwargs", "", text, "on the client"),
    idle("data-finalizer", "", text, "on the client"),
    idle("data-loader", "", text, "on the client"),
    idle("data-num-workers", "", integer, "on the client"),
    idle("dataloader-kwargs", "", text, "on the client"),
    idle("data-sampler", "", text, "order of alike requests"),
    idle("backend", "", text, "address"),
    idle("backend-type", "", text, "address"),
    idle("backend-args", "", json, "address"),
    idle("backend-kwargs", "", json, "address"),
    idle("api-key", "", text, "address"),
    idle("request-type", "", text, "address"),
    idle("request-format", "", text, "address"),
    idle("request-formatter-kwargs", "", json, "address"),
    idle("output", "", again, "output"),
    idle("output-path", "", text, "output"),
    idle("output-dir", "", text, "output"),
    idle("output-extras", "", json, "output"),
    idle("output-sampling", "", text, "output"),
    idle("outputs", "", list, "output"),
    idle("metrics", "", text, "output"),
    idle("label", "l", again, "output"),
    idle("display-scheduler-stats", "", flag, "output"),
    idle("disable-progress", "", flag, "output"),
    idle("disable-console", "", flag, "output"),
    idle("disable-console-outputs", "", flag, "output"),
    idle("disable-console-interactive", "", flag, "output"),
    idle("sample-requests", "", integer, "output"),
    lacks("warmup", "", text, "0|0.0", "figures without the first requests: see --warmup-requests"),
    lacks("warmup-percent", "", text, "0|0.0", "figures without the first requests: see --warmup-requests"),
    lacks("cooldown", "", text, "0|0.0", "figures without the last requests"),
    lacks("cooldown-percent", "", text, "0|0.0", "figures without the last requests"),
    lacks("rampup", "", number, "0|0.0", "users that join slowly"),
    lacks("override", "", list, "", "several benchmarks: see `blis compare --vary`"),
    lacks("over-saturation", "", maybe, "", "an end when the server falls behind"),
    lacks("detect-saturation", "", flag, "", "an end when the server falls behind"),
    lacks("default-over-saturation", "", flag, "", "an end when the server falls behind"),
    lacks("scenario", "", text, "", "a file of settings"),
    lacks("config", "c", text, "", "a file of settings"),
    idle("max-errors", "", integer, "errors"),
    idle("max-error-rate", "", number, "errors"),
    idle("max-global-error-rate", "", number, "errors"),
};

using Members = std::map<std::string, std::string, std::less<>>;

// `kind=constant,rate=10`, or the same as JSON.
Members members_of(const std::string& text, const std::string& shown) {
  Members members;
  if (text.starts_with('{')) {
    for (const Node& child : parse_json(text, shown).root.children)
      members[child.key] = child.kind == Node::Kind::scalar ? child.text : "{}";
    return members;
  }
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals != std::string_view::npos)
      members[std::string(item.substr(0, equals))] = std::string(item.substr(equals + 1));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return members;
}

std::optional<double> number_of(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::nullopt : strict_number(found->second).value;
}

class Guidellm {
 public:
  explicit Guidellm(const PastedCommand& command)
      : command_(command), parsed_(parse_arguments(kGuidellmArguments, command.arguments, command.shown)) {}

  ClientSettings read() {
    for (const GivenArgument& given : parsed_.given) is_settled(given, into_);
    result_.model = parsed_.value_of("model");
    into_.set("workload.kind", "synthetic", command_.shown);
    data();
    limits();
    load();
    end();
    seed();
    result_.translation = std::move(into_);
    return std::move(result_);
  }

 private:
  void refuse(std::string message, std::string expected, std::string hint = {}) {
    const GivenArgument* const kind = profile_argument();
    into_.mistakes.push_back({.place = kind ? kind->place : command_.place,
                              .message = std::move(message),
                              .expected = std::move(expected),
                              .hint = std::move(hint)});
  }
  const GivenArgument* profile_argument() const {
    return parsed_.find("profile") ? parsed_.find("profile") : parsed_.find("rate-type");
  }

  void data() {
    const GivenArgument* const given = parsed_.find("data");
    if (!given) return refuse("there is no data", "--data prompt_tokens=N,output_tokens=N");
    const Members members = members_of(given->value, given->shown);
    const auto kind = members.find("kind");
    const bool is_synthetic = kind == members.end() || kind->second == "synthetic_text";
    if (given->values.size() > 1 || !is_synthetic || !number_of(members, "prompt_tokens") ||
        !number_of(members, "output_tokens")) {
      return into_.mistake(*given, "only synthetic data is read", "prompt_tokens=N,output_tokens=N");
    }
    for (const std::string side : {"prompt", "output"}) {
      const std::string name = side + "_tokens";
      into_.set(side == "prompt" ? "workload.input_tokens" : "workload.output_tokens",
                normal_value(*number_of(members, name), number_of(members, name + "_stdev").value_or(0),
                             number_of(members, name + "_min"), number_of(members, name + "_max")),
                *given);
    }
    if (const auto prefix = number_of(members, "prefix_tokens"); prefix && *prefix > 0) {
      into_.set("workload.prefix.tokens", constant_value(*prefix), *given);
      if (const auto groups = number_of(members, "prefix_count"))
        into_.set("workload.prefix.groups", to_text(*groups), *given);
    }
    turns_ = std::max(1.0, number_of(members, "turns").value_or(1));
    if (turns_ > 1) {
      into_.set("workload.session.turns", constant_value(turns_), *given);
      into_.set("workload.session.think_time_s", constant_value(number_of(members, "delay").value_or(0)),
                *given);
    }
    constexpr std::array<std::string_view, 15> kRead{"kind",
                                                     "prompt_tokens",
                                                     "prompt_tokens_stdev",
                                                     "prompt_tokens_min",
                                                     "output_tokens",
                                                     "output_tokens_stdev",
                                                     "output_tokens_min",
                                                     "output_tokens_max",
                                                     "prefix_tokens",
                                                     "prefix_count",
                                                     "prompt_tokens_max",
                                                     "turns",
                                                     "delay",
                                                     "source",
                                                     "samples"};
    for (const auto& [name, value] : members) {
      if (std::ranges::find(kRead, name) == kRead.end())
        into_.lack(*given, fmt::format("`{}` of synthetic data", name));
    }
    samples_ = parsed_.find("data-samples");
  }

  // When it ends: `--max-requests 100`, `--constraint kind=max_requests,count=100`.
  void limits() {
    if (const GivenArgument* const given = parsed_.find("max-seconds"))
      seconds_ = Limit{strict_number(given->value).value.value_or(0), given->shown};
    if (const GivenArgument* const given = parsed_.find("max-requests"))
      requests_ = Limit{strict_number(given->value).value.value_or(0), given->shown};
    const GivenArgument* const constraints = parsed_.find("constraint");
    if (!constraints) return;
    for (const std::string& text : constraints->values) {
      const Members members = members_of(text, constraints->shown);
      const std::string kind = members.contains("kind") ? members.at("kind") : "";
      const std::string shown = "--constraint " + text;
      if (kind == "max_requests" || kind == "max_number") {
        requests_ = Limit{number_of(members, "count").value_or(0), shown};
      } else if (kind == "max_duration") {
        seconds_ = Limit{number_of(members, "seconds").value_or(0), shown};
      } else if (!kind.starts_with("max_") || kind.find("error") == std::string::npos) {
        into_.lack(*constraints, fmt::format("the constraint `{}`", kind));
      }
    }
  }

  // Users that each wait for their answer; requests without turns are what max_concurrency lets through.
  void users(double count, const std::string& shown) {
    if (seconds_ || turns_ > 1) {
      into_.set("workload.arrival", closed_loop_value(static_cast<std::int64_t>(count)), shown);
    } else {
      into_.set("workload.arrival", at_once_value(), shown);
      into_.set("workload.max_concurrency", to_text(count), shown);
    }
  }

  // The profile's figures are its own, or --rate's.
  void load() {
    const GivenArgument* const kind = profile_argument();
    const GivenArgument* const given_rate = parsed_.find("rate");
    Members members;
    std::string profile = kind ? kind->value : "sweep";
    if (profile.find('=') != std::string::npos || profile.starts_with('{')) {
      members = members_of(profile, kind->shown);
      profile = members.contains("kind") ? members.at("kind") : "";
    }
    const std::string shown =
        (kind ? kind->shown : "default of guidellm") + (given_rate ? " " + given_rate->shown : std::string());
    std::string listed = given_rate ? given_rate->value : "";
    for (const char* const name : {"rate", "streams"}) {
      if (members.contains(name)) listed = members.at(name);
    }
    const std::optional<double> rate = strict_number(listed).value;
    if (!listed.empty() && !rate) {
      refuse(fmt::format("`{}` are several benchmarks", given_rate ? given_rate->shown : shown), "one rate",
             "write one scenario (--save-scenario FILE) and give the rates to `blis compare FILE --vary "
             "request-rate=...`");
    }
    for (const auto& [name, value] : members) {
      if (kind && (name == "warmup" || name == "cooldown" || name == "rampup" || name == "rampup_duration"))
        into_.lack(*kind, fmt::format("`{}` of a profile", name));
    }
    const auto limit = number_of(members, "max_concurrency");
    if (profile == "sweep") {
      refuse("a sweep is many benchmarks, at rates that the first ones find",
             "--rate-type poisson --rate N, constant, concurrent, synchronous or throughput",
             "`blis compare FILE --find max-rate` searches likewise");
    } else if (profile == "synchronous") {
      users(1, shown);
    } else if (profile == "throughput") {
      throughput(limit ? limit : rate, shown);
    } else if (listed.empty()) {
      refuse(fmt::format("`{}` needs a rate", profile), "--rate N");
    } else if (profile == "concurrent") {
      users(rate.value_or(1), shown);
    } else if (profile == "poisson" || profile == "constant" || profile == "async") {
      into_.set("workload.arrival",
                profile == "poisson" ? poisson_value(rate.value_or(1)) : even_value(rate.value_or(1)), shown);
      if (limit) into_.set("workload.max_concurrency", to_text(*limit), shown);
    } else {
      refuse(fmt::format("there is no such profile as `{}`", profile),
             "synchronous, concurrent, throughput, constant or poisson");
    }
  }
  void throughput(std::optional<double> limit, const std::string& shown) {
    if (limit) {
      users(*limit, shown);
    } else if (requests_) {
      into_.set("workload.arrival", at_once_value(), shown);
    } else {
      refuse("a throughput benchmark that only time ends", "--max-requests N");
    }
  }

  void end() {
    if (requests_) {
      into_.set("workload.num_requests", to_text(requests_->value), requests_->shown);
      if (seconds_) {
        into_.notes.push_back(fmt::format("{}: the number of requests ends it", seconds_->shown));
      }
    } else if (seconds_) {
      into_.set("workload.duration_s", to_text(seconds_->value), seconds_->shown);
    } else {
      refuse("this benchmark has no end", "--max-seconds S or --max-requests N");
    }
    const double pool = samples_ ? strict_number(samples_->value).value.value_or(-1) : -1;
    if (pool > 0 && turns_ == 1 && (!requests_ || requests_->value > pool))
      into_.set("workload.prompts", fmt::format("{{pool: {}, order: cycle}}", to_text(pool)), *samples_);
  }

  void seed() {
    if (const GivenArgument* const seed = parsed_.find("random-seed")) into_.set("seed", seed->value, *seed);
    if (const GivenArgument* const seed = parsed_.find("seed")) {
      const Members members = members_of(seed->value, seed->shown);
      if (members.contains("value")) into_.set("seed", members.at("value"), *seed);
    }
  }

  struct Limit {
    double value;
    std::string shown;
  };
  const PastedCommand& command_;
  ParsedArguments parsed_;
  Translation into_;
  ClientSettings result_;
  std::optional<Limit> seconds_, requests_;
  const GivenArgument* samples_ = nullptr;
  double turns_ = 1;
};

}  // namespace

ClientSettings guidellm_settings(const PastedCommand& command) {
  return Guidellm(command).read();
}

}  // namespace blis
