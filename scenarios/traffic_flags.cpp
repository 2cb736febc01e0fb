#include "scenarios/traffic_flags.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace blis {
namespace {

constexpr std::string_view kRequests = "workload.num_requests";
constexpr std::string_view kRateKey = "workload.arrival.request_rate";
constexpr std::string_view kBurstiness = "workload.arrival.burstiness";
constexpr std::string_view kProcess = "workload.arrival.process";

struct TrafficFlag {
  std::string_view name, key;
};
constexpr std::array kTrafficFlags{TrafficFlag{"num-prompts", kRequests},
                                   TrafficFlag{"request-rate", kRateKey},
                                   TrafficFlag{"burstiness", kBurstiness}};

// As people and YAML write it.
bool is_infinite(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text == "inf" || text == ".inf" || text == "infinity";
}

std::string_view text_under(const Node* node, std::string_view key) {
  const Node* const child = node ? node->find(key) : nullptr;
  return child ? std::string_view(child->text) : std::string_view{};
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
  return override.key == kRequests ? 1 : override.key == kBurstiness ? 2 : 3;
}

std::vector<Override> settled(const Override& override, const Document& document) {
  if (!override.traffic_flag) return {override};
  const auto to = [&](std::string_view key, std::string value) {
    return Override{std::string(key), std::move(value), override.shown};
  };
  const Node* const workload = document.root.find("workload");
  const bool of_trace = text_under(workload, "kind") == "trace";
  if (override.key == kRequests) return {to(of_trace ? "workload.limit" : kRequests, override.value)};
  if (override.key == kBurstiness) return {to(kProcess, "gamma"), to(kBurstiness, override.value)};
  if (is_infinite(override.value)) return {to("workload.arrival", "{process: at_once}")};
  const std::string_view process = text_under(workload ? workload->find("arrival") : nullptr, "process");
  const bool has_no_rate = process == "at_once" || (of_trace && process.empty());
  if (has_no_rate) return {to(kProcess, "poisson"), to(kRateKey, override.value)};
  return {to(kRateKey, override.value)};
}

}  // namespace blis
