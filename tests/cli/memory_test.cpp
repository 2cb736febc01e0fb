#include "tools/simulate/memory.h"

#include <gtest/gtest.h>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"

namespace blis {
namespace {

std::string refusal(const SyntheticSpec& spec, int runs, std::optional<double> available) {
  try {
    require_memory({.kind = spec}, runs, available);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Memory, IsForeseenWithTheArithmetic) {
  const SyntheticSpec counted{.num_requests = 10'000'000};
  EXPECT_EQ(refusal(counted, 1, 2e9), "");
  EXPECT_EQ(refusal(counted, 1, std::nullopt), "") << "nobody knows";
  EXPECT_NE(refusal(counted, 1, 1.9e9).find("2.0 GB = 1e+07 requests * 200 bytes\n"), std::string::npos)
      << refusal(counted, 1, 1.9e9);
  EXPECT_NE(refusal(counted, 4, 2e9).find("8.0 GB = 1e+07 requests * 200 bytes * 4 runs at a time"),
            std::string::npos);
  SyntheticSpec timed{.duration_s = 20, .arrival = ArrivalSpec{.request_rate = 1e6}, .clients = {{}}};
  EXPECT_NE(refusal(timed, 1, 3.9e9).find("4.0 GB = 2e+07 requests"), std::string::npos);
  timed.arrival->curve = {.kind = RateCurve::Kind::on_off, .on_s = 1, .off_s = 3};
  EXPECT_EQ(refusal(timed, 1, 1.1e9), "") << "a quarter of them";
  EXPECT_NE(refusal(timed, 1, 0.9e9), "");
  timed.arrival->process = ArrivalSpec::Process::closed_loop;
  EXPECT_EQ(refusal(timed, 1, 0), "") << "as many as there are answers";
}

TEST(Memory, ThatNoMachineHasIsRefusedByRunsAndComparisons) {
  if (available_memory().value_or(1e12) > 199e9) GTEST_SKIP() << "this machine has it, or does not say";
  const TempFolder folder;
  const std::string scenario = folder.write("s.yaml", small_scenario(5));
  const std::string a_billion = "workload.num_requests=1000000000";
  for (const Finished& finished :
       {run_blis({"run", scenario, "--set", a_billion, "--data-dir", BLIS_SOURCE_DIR}),
        run_blis({"compare", scenario, "--set", a_billion, "--vary", "engine.max_num_seqs=1,2", "-j", "2",
                  "--data-dir", BLIS_SOURCE_DIR})}) {
    EXPECT_EQ(finished.status, 2);
    EXPECT_NE(finished.err.find("this does not fit the memory"), std::string::npos) << finished.err;
  }
}

}  // namespace
}  // namespace blis
