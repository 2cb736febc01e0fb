// `guidellm benchmark`. Source: GuideLLM's documentation, 0.3 to 0.5: profiles, synthetic data.
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
    takes("data", "", text, "workload.input_tokens", ""),
    takes("random-seed", "", integer, "seed", ""),
    idle("target", "", text, "address"),
    idle("model", "", text, "the server's model is meant"),
    idle("processor", "", text, "on the client"),
    idle("processor-args", "", json, "on the client"),
    idle("data-args", "", json, "on the client"),
    idle("data-sampler", "", text, "order of alike requests"),
    idle("backend", "", text, "address"),
    idle("backend-type", "", text, "address"),
    idle("backend-args", "", json, "address"),
    idle("backend-kwargs", "", json, "address"),
    idle("request-type", "", text, "address"),
    idle("request-formatter-kwargs", "", json, "address"),
    idle("output-path", "", text, "output"),
    idle("output-dir", "", text, "output"),
    idle("output-extras", "", json, "output"),
    idle("output-sampling", "", text, "output"),
    idle("outputs", "", list, "output"),
    idle("display-scheduler-stats", "", flag, "output"),
    idle("disable-progress", "", flag, "output"),
    idle("disable-console", "", flag, "output"),
    idle("disable-console-outputs", "", flag, "output"),
    idle("disable-console-interactive", "", flag, "output"),
    idle("sample-requests", "", integer, "output"),
    lacks("warmup", "", number, "0|0.0", "figures without the first requests: see --warmup-requests"),
    lacks("warmup-percent", "", number, "0|0.0", "figures without the first requests: see --warmup-requests"),
    lacks("cooldown", "", number, "0|0.0", "figures without the last requests"),
    lacks("cooldown-percent", "", number, "0|0.0", "figures without the last requests"),
    lacks("rampup", "", number, "0|0.0", "users that join slowly"),
    lacks("scenario", "", text, "", "a file of settings"),
    idle("max-errors", "", integer, "errors"),
    idle("max-error-rate", "", number, "errors"),
};

// `prompt_tokens=1000,output_tokens=200`, or the same as JSON.
std::map<std::string, std::string, std::less<>> data_members(const std::string& text,
                                                             const std::string& shown) {
  std::map<std::string, std::string, std::less<>> members;
  if (text.starts_with('{')) {
    for (const Node& child : parse_json(text, shown).root.children) members[child.key] = child.text;
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

void data(const GivenArgument& given, Translation& into) {
  const auto members = data_members(given.value, given.shown);
  const auto number = [&](const std::string& name) -> std::optional<double> {
    const auto found = members.find(name);
    return found == members.end() ? std::nullopt : strict_number(found->second).value;
  };
  if (!number("prompt_tokens") || !number("output_tokens")) {
    return into.mistake(given, "only synthetic data is read", "prompt_tokens=N,output_tokens=N");
  }
  for (const std::string side : {"prompt", "output"}) {
    const std::string name = side + "_tokens";
    into.set(side == "prompt" ? "workload.input_tokens" : "workload.output_tokens",
             normal_value(*number(name), number(name + "_stdev").value_or(0), number(name + "_min"),
                          number(name + "_max")),
             given);
  }
  if (const auto prefix = number("prefix_tokens"); prefix && *prefix > 0) {
    into.set("workload.prefix.tokens", constant_value(*prefix), given);
    if (const auto groups = number("prefix_count"))
      into.set("workload.prefix.groups", to_text(*groups), given);
  }
  if (const auto turns = number("turns"); turns && *turns > 1) {
    into.set("workload.session.turns", constant_value(*turns), given);
    into.set("workload.session.think_time_s", "{distribution: constant, value: 0}", given);
  }
}

}  // namespace

ClientSettings guidellm_settings(const PastedCommand& command) {
  const ParsedArguments parsed = parse_arguments(kGuidellmArguments, command.arguments, command.shown);
  ClientSettings result;
  Translation& into = result.translation;
  for (const GivenArgument& given : parsed.given) is_settled(given, into);
  result.model = parsed.value_of("model");
  const GivenArgument* const kind =
      parsed.find("profile") ? parsed.find("profile") : parsed.find("rate-type");
  const GivenArgument* const given_rate = parsed.find("rate");
  const GivenArgument* const seconds = parsed.find("max-seconds");
  const GivenArgument* const requests = parsed.find("max-requests");
  const auto refuse = [&](std::string message, std::string expected, std::string hint = {}) {
    into.mistakes.push_back({.place = kind ? kind->place : command.place,
                             .message = std::move(message),
                             .expected = std::move(expected),
                             .hint = std::move(hint)});
  };
  const std::string profile = kind ? kind->value : "sweep";
  const std::string shown =
      (kind ? kind->shown : "default of guidellm") + (given_rate ? " " + given_rate->shown : std::string());
  const std::string listed = given_rate ? given_rate->value : "";
  const std::optional<double> rate = strict_number(listed).value;
  into.set("workload.kind", "synthetic", command.shown);
  if (const GivenArgument* const one = parsed.find("data")) {
    data(*one, into);
  } else {
    refuse("there is no data", "--data prompt_tokens=N,output_tokens=N");
  }
  if (given_rate && !rate) {
    refuse(fmt::format("`{}` are several benchmarks", given_rate->shown), "one rate",
           "write one scenario (--save-scenario FILE) and give the rates to `blis compare FILE --vary "
           "request-rate=...`");
  }
  // Users that each wait for their answer; without an end they are what max_concurrency lets through.
  const auto users = [&](double count) {
    if (seconds) {
      into.set("workload.arrival", closed_loop_value(static_cast<std::int64_t>(count)), shown);
    } else {
      into.set("workload.arrival", at_once_value(), shown);
      into.set("workload.max_concurrency", to_text(count), shown);
    }
  };
  if (profile == "sweep") {
    refuse("a sweep is many benchmarks, at rates that the first ones find",
           "--rate-type poisson --rate N, constant, concurrent, synchronous or throughput",
           "`blis compare FILE --find max-rate` searches likewise");
  } else if (profile == "synchronous") {
    users(1);
  } else if (profile == "throughput") {
    if (requests) into.set("workload.arrival", at_once_value(), shown);
    if (!requests) refuse("a throughput benchmark that only time ends", "--max-requests N");
  } else if (!rate && listed.empty()) {
    refuse(fmt::format("`{}` needs a rate", profile), "--rate N");
  } else if (profile == "concurrent") {
    users(rate.value_or(1));
  } else if (profile == "poisson") {
    into.set("workload.arrival", poisson_value(rate.value_or(1)), shown);
  } else if (profile == "constant" || profile == "async") {
    into.set("workload.arrival", even_value(rate.value_or(1)), shown);
  } else {
    refuse(fmt::format("there is no such profile as `{}`", profile),
           "synchronous, concurrent, throughput, constant or poisson");
  }
  if (requests) {
    into.set("workload.num_requests", requests->value, *requests);
    if (seconds) {
      into.notes.push_back(fmt::format("{}: the number of requests ends it", seconds->shown));
    }
  } else if (seconds) {
    into.set("workload.duration_s", seconds->value, *seconds);
  } else {
    refuse("this benchmark has no end", "--max-seconds S or --max-requests N");
  }
  if (const GivenArgument* const seed = parsed.find("random-seed")) into.set("seed", seed->value, *seed);
  return result;
}

}  // namespace blis
