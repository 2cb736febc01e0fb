// The oracle against ref_sched.py, the project's proven model of the real scheduler, where that is
// at hand: random scenarios of all its profiles, block ids and eviction order included.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/oracle/subject.h"
#include "tools/conform/replay.h"
#include "tools/conform/vectors.h"

namespace blis::conform {
namespace {

// The folder of material that is not part of the repository.
std::filesystem::path shared_folder() {
  const char* given = std::getenv("BLIS_SHARED");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(BLIS_SOURCE_DIR) / "../shared";
}

int count_from_environment(const char* name, int otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::atoi(given) : otherwise;
}

struct PipeCloser {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

bool read_line(FILE* pipe, std::string& line) {
  line.clear();
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c == '\n') return true;
    line.push_back(static_cast<char>(c));
  }
  return !line.empty();
}

TEST(Reference, OracleDecidesAsTheReferenceDoesStepByStep) {
  const std::filesystem::path reference = shared_folder() / "scheduler/ref_sched.py";
  if (!std::filesystem::exists(reference)) GTEST_SKIP() << "no " << reference << " (set BLIS_SHARED)";
  if (std::system("python3 --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no python3";
  const int first_seed = count_from_environment("BLIS_REFERENCE_FIRST_SEED", 0);
  const int seeds = count_from_environment("BLIS_REFERENCE_SEEDS", 20);  // eleven scenarios each
  std::printf("reference seeds %d..%d\n", first_seed, first_seed + seeds - 1);

  const std::string command = "python3 '" BLIS_SOURCE_DIR "/tests/conform/reference_traces.py' '" +
                              reference.string() + "' " + std::to_string(first_seed) + " " +
                              std::to_string(seeds);
  const std::unique_ptr<FILE, PipeCloser> pipe(popen(command.c_str(), "r"));
  ASSERT_TRUE(pipe);
  int replayed = 0;
  for (std::string line; read_line(pipe.get(), line); ++replayed) {
    for (const Vector& vector : parse_vectors("{\"vectors\": [" + line + "]}", "reference")) {
      const ReplayVerdict verdict = replay(vector, oracle::subject());
      EXPECT_TRUE(verdict.passed()) << to_string(verdict);
    }
  }
  EXPECT_GE(replayed, 10 * seeds) << "too few scenarios came from the reference";
}

}  // namespace
}  // namespace blis::conform
