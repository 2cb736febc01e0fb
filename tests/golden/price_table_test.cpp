// The default latency model's figures against the recorded ones, to the last bit.
#include "tests/golden/price_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace blis {
namespace {

const std::string kRecorded = BLIS_SOURCE_DIR "/tests/golden/prices.txt";
constexpr const char* kAccept = "BLIS_ACCEPT_PRICES";  // set by tools/accept_golden

// The first lines that differ, under the heading of their deployment.
std::string first_differences(const std::string& expected, const std::string& actual) {
  std::istringstream a(expected), b(actual);
  std::string heading, differences;
  int different = 0;
  for (;;) {
    std::string line_a, line_b;
    const bool more_a = static_cast<bool>(std::getline(a, line_a)),
               more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a && !more_b) break;
    if (!line_b.starts_with(' ')) heading = line_b;
    if (line_a == line_b && more_a == more_b) continue;
    if (++different <= 3)
      differences += heading + "\n  expected: " + line_a + "\n  got:      " + line_b + "\n";
  }
  return different == 0 ? "" : differences + std::to_string(different) + " lines differ";
}

TEST(PriceTable, IsTheRecordedOneToTheBit) {
  const std::string actual = price_table(Catalog(BLIS_SOURCE_DIR));
  if (std::getenv(kAccept) != nullptr) {
    std::ofstream(kRecorded, std::ios::binary) << actual;
    GTEST_SKIP() << "prices.txt is written anew";
  }
  std::ostringstream expected;
  expected << std::ifstream(kRecorded, std::ios::binary).rdbuf();
  EXPECT_EQ(first_differences(expected.str(), actual), "")
      << "if the change is meant: tools/accept_golden, and look at what git diff shows";
}

}  // namespace
}  // namespace blis
