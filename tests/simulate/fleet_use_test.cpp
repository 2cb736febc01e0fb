// What a deployment held of its GPUs, worked out by hand.
#include "tools/simulate/fleet_use.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

using std::chrono::seconds;

Time second(int s) {
  return Time{seconds{s}};
}

// One replica, two of which start at 10 s and are ready at 30 s; one drains from 50 s to 55 s.
PoolScaling one_to_three() {
  return {.places = 4,
          .counts = {{second(0), 0, 1, 0},
                     {second(10), 2, 1, 0},
                     {second(30), 0, 3, 0},
                     {second(50), 0, 2, 1},
                     {second(55), 0, 2, 0}}};
}

TEST(FleetUse, CountsReplicasFromTheirStartToTheirEnd) {
  const PoolScaling pool = one_to_three();
  EXPECT_DOUBLE_EQ(mean_replicas(pool, second(0), second(10)), 1);
  EXPECT_DOUBLE_EQ(mean_replicas(pool, second(0), second(20)), 2);
  EXPECT_DOUBLE_EQ(mean_replicas(pool, second(0), second(60)), (10 * 1 + 45 * 3 + 5 * 2) / 60.0);
  EXPECT_DOUBLE_EQ(mean_replicas(pool, second(54), second(56)), 2.5);
  EXPECT_DOUBLE_EQ(mean_replicas(pool, second(100), second(200)), 2) << "it stays as it was left";
  EXPECT_DOUBLE_EQ(mean_replicas(pool, second(20), second(20)), 3) << "an instant";
}

// Two GPUs a replica beside two of a pool that stays, at their prices, while it was measured: from 10 s on
// for 50 s.
TEST(FleetUse, IsWhatWasHeldWhileItWasMeasured) {
  const BuiltSimulation built = build(
      parse_settings(
          "version: 1\nmodel: llama-3.1-8b-instruct\npools:\n"
          "- { name: fixed, replicas: 2, hardware: { gpu: A100, price_usd_per_gpu_hour: 1 } }\n"
          "- { name: scaled, hardware: { gpu: H100, price_usd_per_gpu_hour: 3 }, engine: { "
          "tensor_parallel_size: 2 }, autoscaling: { max_replicas: 4, startup_s: 20, metrics: [{ name: "
          "running_requests, value: 9 }] } }\n"
          "workload: { kind: synthetic, num_requests: 1, arrival: { process: at_once }, input_tokens: { "
          "distribution: constant, value: 10 }, output_tokens: { distribution: constant, value: 2 } }\n",
          "s.yaml", ""),
      Catalog(BLIS_SOURCE_DIR));
  RunResult run;
  run.requests.emplace_back().arrival = second(10);
  run.scaling = {one_to_three()};
  run.scaling[0].pool = 1;
  run.scaling[0].ups = 1;
  Metrics metrics;
  metrics.duration_s = 50;
  const FleetUse use = fleet_use(built, run, metrics, {});
  constexpr double kMean = (45 * 3 + 5 * 2) / 50.0;
  EXPECT_DOUBLE_EQ(use.gpus, 2 + 2 * kMean);
  EXPECT_DOUBLE_EQ(use.usd_per_hour.value(), 2 * 1 + 2 * kMean * 3);
  EXPECT_DOUBLE_EQ(use.gpu_hours, (2 + 2 * kMean) * 50 / 3600);
  ASSERT_EQ(use.scaled.size(), 1u);
  EXPECT_EQ(use.scaled[0].name, "scaled");
  EXPECT_DOUBLE_EQ(use.scaled[0].mean, kMean);
  EXPECT_EQ(use.scaled[0].least, 2);
  EXPECT_EQ(use.scaled[0].most, 3);
  EXPECT_EQ(use.scaled[0].ups, 1);
}

TEST(FleetUse, OfPoolsThatStayIsAllOfThem) {
  const BuiltSimulation built =
      build(read_settings(BLIS_SOURCE_DIR "/scenarios/two-kinds-of-gpu.yaml"), Catalog(BLIS_SOURCE_DIR));
  const FleetUse use = fleet_use(built, RunResult{}, Metrics{}, {});
  EXPECT_EQ(use.gpus, built.resolved.gpus());
  EXPECT_EQ(use.usd_per_hour, built.resolved.usd_per_hour());
  EXPECT_TRUE(use.scaled.empty());
}

}  // namespace
}  // namespace blis
