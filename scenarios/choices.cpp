#include "scenarios/choices.h"

#include <vector>

#include "sim/fleet/autoscaler.h"
#include "sim/fleet/router.h"
#include "sim/vllm/chunk_eviction.h"
#include "sim/vllm/scheduling_policy.h"
#include "workloads/trace_formats.h"

namespace blis {
namespace {

// The names of a table's rows.
template <class Row, std::size_t n>
constexpr std::array<std::string_view, n> names_of(const std::array<Row, n>& rows) {
  std::array<std::string_view, n> names;
  for (std::size_t i = 0; i < n; ++i) names[i] = rows[i].name;
  return names;
}

constexpr auto kSchedulingPolicyNames = names_of(kSchedulingPolicies);
constexpr auto kRouterNames = names_of(kRouters);
constexpr auto kAutoscalerNames = names_of(kAutoscalers);
constexpr auto kChunkEvictionNames = names_of(kChunkEvictions);

}  // namespace

std::span<const std::string_view> scheduling_policy_names() {
  return kSchedulingPolicyNames;
}
std::span<const std::string_view> router_names() {
  return kRouterNames;
}
std::span<const std::string_view> autoscaler_names() {
  return kAutoscalerNames;
}
std::span<const std::string_view> chunk_eviction_names() {
  return kChunkEvictionNames;
}

std::span<const std::string_view> trace_format_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all{"auto"};
    for (const TraceFormat& format : trace_formats()) all.push_back(format.name);
    return all;
  }();
  return names;
}

}  // namespace blis
