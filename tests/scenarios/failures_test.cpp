// What a scenario says of replicas that die.
#include <gtest/gtest.h>

#include "tests/scenarios/problems.h"
#include "tests/scenarios/small_deployment.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

std::vector<ReplicaFailure> failures_in(const std::string& middle) {
  return build(small_deployment(middle), Catalog(BLIS_SOURCE_DIR)).config.failures;
}

TEST(ReplicaFailures, AreSortedByTime) {
  const auto failures = failures_in(
      "replicas: 3\nfailures:\n- { replica: 2, at_s: 40 }\n- { replica: 0, at_s: 1.5, restart_after_s: 30 }\n"
      "- { replica: 0, at_s: 32 }\n");
  ASSERT_EQ(failures.size(), 3u);
  EXPECT_EQ(failures[0].replica, 0);
  EXPECT_EQ(failures[0].at, Time{1500ms});
  EXPECT_EQ(failures[0].restart_after, 30s);
  EXPECT_EQ(failures[1].at, Time{32s});
  EXPECT_EQ(failures[2].replica, 2);
  EXPECT_FALSE(failures[2].restart_after);
}

TEST(ReplicaFailures, CountReplicasOverAllPools) {
  const auto failures =
      failures_in("pools: [{ name: a, replicas: 2 }, { name: b }]\nfailures: [{ replica: 2, at_s: 4 }]\n");
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].replica, 2);
}

TEST(ReplicaFailures, AreWrittenAndReadAgain) {
  const std::string text = "replicas: 2\nfailures: [{ replica: 1, at_s: 4, restart_after_s: 9 }]\n";
  const ScenarioSettings first = small_deployment(text);
  const ScenarioSettings again = parse_settings(to_yaml(first, ""), "t.yaml", "");
  ASSERT_EQ(again.failures.size(), 1u);
  EXPECT_EQ(again.failures[0].replica, 1);
  EXPECT_EQ(again.failures[0].restart_after_s, 9);
}

struct FailureMistake {
  const char* name;
  std::string middle;
  const char* head;
  ErrorKind kind = ErrorKind::usage;
};
class ReplicaFailureMistake : public testing::TestWithParam<FailureMistake> {};

TEST_P(ReplicaFailureMistake, IsSaidWithItsPlace) {
  const Said said = said_by([] { failures_in(GetParam().middle); });
  EXPECT_EQ(said.kind, GetParam().kind);
  ASSERT_EQ(said.heads.size(), 1u) << said.all;
  EXPECT_EQ(said.heads[0], GetParam().head);
}

const std::string kOne = "failures: [{ replica: 0, at_s: 4 }]\n";

INSTANTIATE_TEST_SUITE_P(
    All, ReplicaFailureMistake,
    testing::Values(
        FailureMistake{"nobody", "replicas: 2\nfailures: [{ replica: 2, at_s: 4 }]\n",
                       "s.yaml:5:23: there is no such replica to die"},
        FailureMistake{"no_time", "failures: [{ replica: 0 }]\n",
                       "s.yaml:4:12: missing key `failures.0.at_s`"},
        FailureMistake{"dead", "failures: [{ replica: 0, at_s: 4 }, { replica: 0, at_s: 9 }]\n",
                       "s.yaml:4:57: the replica 0 is dead then"},
        FailureMistake{"starting",
                       "failures: [{ replica: 0, at_s: 9 }, { replica: 0, at_s: 4, restart_after_s: 5 }]\n",
                       "s.yaml:4:32: the replica 0 is dead then"},
        FailureMistake{
            "starting_to_the_nanosecond",
            "failures: [{ replica: 0, at_s: 1.4, restart_after_s: 1.2 }, { replica: 0, at_s: 2.6 }]\n",
            "s.yaml:4:81: the replica 0 is dead then"},
        FailureMistake{"ranks_of_one_vllm", "replicas: 4\nrouter: { policy: vllm_balance }\n" + kOne,
                       "s.yaml:5:19: the engines of one vLLM do not die one by one"},
        FailureMistake{
            "stages", "engine: { pipeline_parallel_size: 2 }\n" + kOne,
            "s.yaml:5:1: the death of a server with data-parallel ranks or pipeline stages is not modelled",
            ErrorKind::not_modelled},
        FailureMistake{
            "store", "engine: { kv_offloading_size: 100 }\n" + kOne,
            "s.yaml:5:1: a store of KV blocks, or resets of the prefix cache, beside replicas that die "
            "are not modelled",
            ErrorKind::not_modelled},
        FailureMistake{"scaled",
                       "autoscaling: { max_replicas: 4, startup_s: 60, metrics: [{ name: running_requests, "
                       "average_value: 40 }] }\n" +
                           kOne,
                       "s.yaml:5:1: autoscaling beside replicas that die is not modelled",
                       ErrorKind::not_modelled},
        FailureMistake{"apart", "pools: [{ name: a, role: prefill }, { name: b, role: decode }]\n" + kOne,
                       "s.yaml:5:1: the death of a replica of prefill and decode pools is not modelled",
                       ErrorKind::not_modelled}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace blis
