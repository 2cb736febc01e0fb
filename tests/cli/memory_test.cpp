#include "tools/simulate/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

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

// Peak memory of `blis trace inspect FILE` in bytes.
double peak_of_inspecting(const std::string& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::freopen("/dev/null", "w", stdout);
    ::execl(BLIS_BINARY, BLIS_BINARY, "trace", "inspect", file.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  EXPECT_EQ(status, 0) << file;
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

TEST(Memory, OfABenchmarkGrowsWithItsRequestsAndNotWithItsGaps) {
  const TempFolder folder;
  constexpr int kRequests = 200;
  // Written piece by piece: the peak of a child begins at what its parent holds.
  const auto benchmark = [&](const std::string& name, int gaps) {
    std::ofstream file(folder.path(name));
    const auto list = [&](const char* key, const auto& item) {
      file << ", \"" << key << "\": [";
      for (int i = 0; i < kRequests; ++i) {
        if (i > 0) file << ",";
        item(i);
      }
      file << "]";
    };
    file << R"({"num_prompts": 200, "total_input_tokens": 20000, "request_throughput": 1)";
    list("input_lens", [&](int) { file << 100; });
    list("output_lens", [&](int) { file << 100; });
    list("itls", [&](int) {
      file << "[0.0123456789012345";
      for (int gap = 1; gap < gaps; ++gap) file << ",0.0123456789012345";
      file << "]";
    });
    list("start_times", [&](int i) { file << i; });
    file << "}";
    return folder.path(name);
  };
  const double few = peak_of_inspecting(benchmark("few.json", 1));
  const double many = peak_of_inspecting(benchmark("many.json", 6000));  // 23 MB
  EXPECT_LT(many - few, 8e6);
}

}  // namespace
}  // namespace blis
