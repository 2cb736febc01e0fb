#include "scenarios/traffic_flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "scenarios/human_integer.h"
#include "sim/letter_case.h"

namespace blis {
namespace {

constexpr std::string_view kRequests = "workload.num_requests";
constexpr std::string_view kRateKey = "workload.arrival.request_rate";
constexpr std::string_view kBurstiness = "workload.arrival.burstiness";
constexpr std::string_view kProcess = "workload.arrival.process";

constexpr std::string_view kDuration = "workload.duration_s";
constexpr std::string_view kInput = "workload.input_tokens";
constexpr std::string_view kOutput = "workload.output_tokens";
constexpr std::string_view kPrefix = "workload.prefix.tokens";
constexpr std::string_view kTurns = "workload.session.turns";

struct TrafficFlag {
  std::string_view name, key;
  int order;  // in which it is applied
};
constexpr std::array kTrafficFlags{
    TrafficFlag{"num-prompts", kRequests, 1},  TrafficFlag{"duration", kDuration, 1},
    TrafficFlag{"input-len", kInput, 1},       TrafficFlag{"output-len", kOutput, 1},
    TrafficFlag{"prefix-len", kPrefix, 1},     TrafficFlag{"turns", kTurns, 1},
    TrafficFlag{"burstiness", kBurstiness, 2}, TrafficFlag{"request-rate", kRateKey, 3}};

// As people and YAML write it.
bool is_infinite(std::string_view text) {
  const std::string word = lower_case(text);
  return word == "inf" || word == ".inf" || word == "infinity";
}

std::string_view text_under(const Node* node, std::string_view key) {
  const Node* const child = node ? node->find(key) : nullptr;
  return child ? std::string_view(child->text) : std::string_view{};
}

// The end of so many seconds after a start, which may be empty; what is no number is for the reader to
// refuse.
std::string after(std::string_view start, const std::string& seconds) {
  const auto from = strict_number(start).value, length = strict_number(seconds).value;
  return from && length ? to_text(*from + *length) : seconds;
}

// Whether the file itself, rather than a flag, has the key with a value.
bool in_file(const Node* workload, std::string_view key) {
  const Node* const node = workload ? workload->find(key) : nullptr;
  return node && node->kind != Node::Kind::null && node->source == 0 && node->line > 0;
}

// `1000`, `1000,300` or `500-1500` as a distribution.
std::string distribution(const Override& override) {
  const std::string& text = override.value;
  if (text.starts_with('{')) return text;  // as YAML has it
  const auto number = [](std::string_view digits) {
    const Parsed<std::int64_t> whole = human_readable_integer(digits);
    return whole.value ? std::optional(static_cast<double>(*whole.value)) : strict_number(digits).value;
  };
  if (const auto value = number(text))
    return fmt::format("{{distribution: constant, value: {}}}", to_text(*value));
  if (const std::size_t comma = text.find(','); comma != std::string::npos) {
    const auto mean = number(text.substr(0, comma)), stddev = number(text.substr(comma + 1));
    if (mean && stddev) {
      return fmt::format("{{distribution: normal, mean: {}, stddev: {}, min: 1}}", to_text(*mean),
                         to_text(*stddev));
    }
  }
  if (const std::size_t dash = text.find('-'); dash != std::string::npos) {
    const auto least = number(text.substr(0, dash)), most = number(text.substr(dash + 1));
    if (least && most) {
      return fmt::format("{{distribution: uniform, min: {}, max: {}}}", to_text(*least), to_text(*most));
    }
  }
  throw InputError(ErrorKind::usage, Problem{.place = {override.shown},
                                             .message = "this is no length",
                                             .expected = "a number (1000), mean,stddev (1000,300) or "
                                                         "least-most (500-1500)",
                                             .got = text});
}

// What a flag that shapes prompts and answers sets.
std::vector<Override> shaped(const Override& override, const Node* workload, bool of_trace) {
  const auto to = [&](std::string_view key, std::string value) {
    return Override{std::string(key), std::move(value), override.shown};
  };
  const auto refuse = [&](const char* message, const char* expected) {
    return InputError(ErrorKind::usage,
                      Problem{.place = {override.shown}, .message = message, .expected = expected});
  };
  if (of_trace) {
    if (override.key == kOutput) return {override};
    throw refuse("a trace has prompts of its own", "a synthetic workload, or no such flag");
  }
  if (workload && workload->find("clients")) {
    throw refuse("the workload has several clients, each with its own lengths",
                 "--set workload.clients.0...=..., for one of them");
  }
  std::vector<Override> settings{to(override.key, distribution(override))};
  const Node* const session = workload ? workload->find("session") : nullptr;
  if (override.key == kTurns && !(session && session->find("think_time_s"))) {
    settings.push_back(to("workload.session.think_time_s", "{distribution: constant, value: 0}"));
  }
  return settings;
}

}  // namespace

Override override_named(std::string name, std::string value, std::string shown) {
  const auto flag = std::ranges::find(kTrafficFlags, name, &TrafficFlag::name);
  if (flag == kTrafficFlags.end()) return {std::move(name), std::move(value), std::move(shown)};
  return {std::string(flag->key), std::move(value), std::move(shown), /*traffic_flag=*/true};
}

std::string name_of(const Override& override) {
  if (!override.traffic_flag) return override.key;
  return std::string(std::ranges::find(kTrafficFlags, override.key, &TrafficFlag::key)->name);
}

int order_of(const Override& override) {
  if (!override.traffic_flag) return 0;
  return std::ranges::find(kTrafficFlags, override.key, &TrafficFlag::key)->order;
}

std::optional<Override> stand_in(const Override& override, const Document& document) {
  const Node* const workload = document.root.find("workload");
  const bool lengths = override.traffic_flag && (override.key == kInput || override.key == kOutput);
  if (!lengths || text_under(workload, "kind") == "trace" || (workload && workload->find("clients")))
    return std::nullopt;
  return Override{override.key, "{distribution: constant, value: 1}", override.shown};
}

std::vector<Override> settled(const Override& override, const Document& document) {
  if (!override.traffic_flag) return {override};
  const auto to = [&](std::string_view key, std::string value) {
    return Override{std::string(key), std::move(value), override.shown};
  };
  const Node* const workload = document.root.find("workload");
  const bool of_trace = text_under(workload, "kind") == "trace";
  if (override.key == kRequests) {
    if (of_trace) return {to("workload.limit", override.value)};
    std::vector<Override> settings{to(kRequests, override.value)};
    if (in_file(workload, "duration_s")) settings.push_back(to(kDuration, "null"));
    return settings;
  }
  if (override.key == kDuration) {
    if (of_trace) return {to("workload.end_s", after(text_under(workload, "start_s"), override.value))};
    std::vector<Override> settings{to(kDuration, override.value)};
    if (in_file(workload, "num_requests")) settings.push_back(to(kRequests, "null"));
    return settings;
  }
  if (override.key == kBurstiness) return {to(kProcess, "gamma"), to(kBurstiness, override.value)};
  if (override.key != kRateKey) return shaped(override, workload, of_trace);
  if (is_infinite(override.value)) return {to("workload.arrival", "{process: at_once}")};
  const std::string_view process = text_under(workload ? workload->find("arrival") : nullptr, "process");
  const bool has_no_rate = process == "at_once" || (of_trace && process.empty());
  if (has_no_rate) return {to(kProcess, "poisson"), to(kRateKey, override.value)};
  return {to(kRateKey, override.value)};
}

}  // namespace blis
