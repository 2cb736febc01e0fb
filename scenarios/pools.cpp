#include "scenarios/pools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace blis {
namespace {

constexpr std::array<std::string_view, 3> kParts{"hardware", "engine", "latency"};

bool is_part(std::string_view key) {
  for (const std::string_view part : kParts) {
    if (key == part || (key.starts_with(part) && key[part.size()] == '.')) return true;
  }
  return false;
}

std::string prefix_of(std::size_t pool) {
  return fmt::format("pools.{}.", pool);
}

// What `from` has and `into` has not, in all depths.
void fill(Node& into, const Node& from) {
  if (into.kind != Node::Kind::map || from.kind != Node::Kind::map) return;
  for (const Node& child : from.children) {
    const auto own = std::ranges::find(into.children, child.key, &Node::key);
    if (own == into.children.end()) {
      into.children.push_back(child);
    } else {
      fill(*own, child);
    }
  }
}

}  // namespace

void fill_pools(Node& root) {
  const auto pools = std::ranges::find(root.children, "pools", &Node::key);
  if (pools == root.children.end() || pools->kind != Node::Kind::list) return;
  Node common{.kind = Node::Kind::map};
  for (const std::string_view part : kParts) {
    if (const Node* const section = root.find(part)) common.children.push_back(*section);
  }
  for (Node& pool : pools->children) fill(pool, common);
}

ScenarioSettings pool_scenario(const ScenarioSettings& scenario, std::size_t index) {
  ScenarioSettings alone = scenario;
  const PoolSettings& pool = scenario.pools[index];
  alone.pools.clear();
  alone.replicas = pool.replicas;
  alone.autoscaling = pool.autoscaling;
  alone.hardware = pool.hardware;
  alone.engine = pool.engine;
  alone.latency = pool.latency;
  std::erase_if(alone.origins, [](const auto& origin) { return is_part(origin.first); });
  const std::string prefix = prefix_of(index);
  for (const auto& [key, origin] : scenario.origins) {
    if (!key.starts_with(prefix)) continue;
    const std::string own = key.substr(prefix.size());
    const bool is_number = own == "replicas" || own.starts_with("autoscaling");
    if (is_part(own) || is_number) alone.origins.insert_or_assign(own, origin);
  }
  return alone;
}

void take_back(ScenarioSettings& scenario, std::size_t index, const ScenarioSettings& resolved) {
  PoolSettings& pool = scenario.pools[index];
  pool.replicas = resolved.replicas;
  pool.autoscaling = resolved.autoscaling;
  pool.hardware = resolved.hardware;
  pool.engine = resolved.engine;
  pool.latency = resolved.latency;
  for (const auto& [key, origin] : resolved.origins) {
    if (is_part(key) || key == "replicas") scenario.origins.insert_or_assign(prefix_of(index) + key, origin);
  }
}

}  // namespace blis
