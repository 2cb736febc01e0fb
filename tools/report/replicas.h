// What each replica of a run did, and how unequal they were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/output/json_writer.h"
#include "tools/simulate/report.h"

namespace blis {

// Of requests past the warm-up; what engines did is of the whole run, as it is in `engine` of the result.
struct ReplicaFigures {
  std::string pool;                      // empty: there is but one
  std::int64_t requests = 0;             // that were sent there; by prefill pools: prompts
  std::int64_t completed = 0;            // of them, those with a full answer
  std::int64_t total_input_tokens = 0;   // of those
  std::int64_t total_output_tokens = 0;  // likewise
  std::int64_t steps = 0, preemptions = 0;
  double prefix_hit_rate = 0;  // of its own look-ups
  // Over the time from the first arrival to the last answer: sequences computed at once, in the mean, and the
  // share of it with a step running.
  double load = 0, busy = 0;
  double batch_mean = 0, kv_usage_mean = 0, kv_usage_peak = 0;
};

// The parts of a list that are of one pool each, which follow each other.
template <class OfReplica>
std::vector<std::span<const OfReplica>> by_pool(std::span<const OfReplica> all) {
  std::vector<std::span<const OfReplica>> pools;
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].pool == all[begin].pool) ++end;
    pools.push_back(all.subspan(begin, end - begin));
  }
  return pools;
}

// By replica; empty where there is but one.
std::vector<ReplicaFigures> replica_figures(const RunReport& report);

// The most over the mean, among the replicas of a pool: 1 is equal. Each pool once, in their order.
struct Imbalance {
  std::string pool;
  double load = 1, requests = 1, total_output_tokens = 1;
};
std::vector<Imbalance> imbalances(const std::vector<ReplicaFigures>& replicas);

// Members `replicas` and `imbalance`; nothing where there is but one replica.
void write_replicas(JsonWriter& json, const RunReport& report);

// A table: a row a replica, or of more than kReplicasShown of a pool the least, the mean and the most.
constexpr std::size_t kReplicasShown = 8;
std::string replicas_text(const std::vector<ReplicaFigures>& replicas);

}  // namespace blis
