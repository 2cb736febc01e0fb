#include <gtest/gtest.h>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "workloads/trace_formats.h"

namespace blis {
namespace {

constexpr const char* kHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

std::string error_in_row(const std::string& row) {
  const TempFile file(kHeader + row + "\n");
  return trace_error({.path = file.path()}).substr(file.path().size());
}

TEST(AzureTrace, TheFixtureOf2023HasSevenDigitsCrlfAndNoFinalNewline) {
  const ReadWorkload read = read_trace({.path = fixture("azure2023.csv")});
  ASSERT_EQ(read.requests.size(), 6U);
  EXPECT_EQ(read.requests[0].spec.prompt_tokens, 374);
  EXPECT_EQ(read.requests[0].spec.output_tokens, 44);
  EXPECT_EQ(read.requests[1].spec.arrival, Time{Duration{314'579'000}});
  EXPECT_EQ(read.requests[5].spec.arrival, Time{Duration{3'600'000'000'100}});
  EXPECT_TRUE(read.requests[0].prompt.empty());
}

TEST(AzureTrace, TheFixtureOf2024HasOffsetsAndOptionalFractions) {
  const ReadWorkload read = read_trace({.path = fixture("azure2024.csv")});
  ASSERT_EQ(read.requests.size(), 5U);
  EXPECT_EQ(arrival_ms(read.requests[1]), 990.07);
  EXPECT_EQ(arrival_ms(read.requests[3]), 1990.07) << "an offset of +02:00 is two hours earlier in UTC";
}

TEST(AzureTrace, ItIsRecognisedByItsColumnsInAnyOrder) {
  const TempFile file("GeneratedTokens,TIMESTAMP,ContextTokens\n7,2023-11-16 18:15:46.0,5\n");
  const ReadWorkload read = read_trace({.path = file.path()});
  ASSERT_EQ(read.requests.size(), 1U);
  EXPECT_EQ(read.requests[0].spec.prompt_tokens, 5);
  EXPECT_EQ(read.requests[0].spec.output_tokens, 7);
}

TEST(AzureTrace, BrokenTimeStampsAreRefusedWithTheirPlace) {
  for (const char* stamp :
       {"2023-13-16 18:15:46.0", "2023-02-30 18:15:46.0", "2023-11-16 24:15:46.0", "12.5", "",
        "2023-11-16 18:15:46.", "2023-11-16 18:15:46.0 PM", "2023-11-16 18:15", "1900-01-01 00:00:00",
        "2023-11-16 18:15:46.12345678901", "2023-11-16 18:15:46+", "2023-11-16 18:15:46+1x:00"}) {
    EXPECT_EQ(error_in_row(std::string(stamp) + ",5,7").find(":2:1: bad `TIMESTAMP`"), 0U) << stamp;
  }
}

TEST(AzureTrace, ImpossibleLengthsAreRefusedWithTheirPlace) {
  EXPECT_EQ(error_in_row("2023-11-16 18:15:46.0,0,7"),
            ":2:23: bad `ContextTokens`\n  expected: a whole number from 1 to 100000000\n  got:      `0`");
  EXPECT_EQ(error_in_row("2023-11-16 18:15:46.0,5,-7").find(":2:25: bad `GeneratedTokens`"), 0U);
  EXPECT_EQ(error_in_row("2023-11-16 18:15:46.0,1000000000,7").find(":2:23: bad `ContextTokens`"), 0U);
  EXPECT_EQ(error_in_row("2023-11-16 18:15:46.0,5 tokens,7").find(":2:23: bad `ContextTokens`"), 0U);
}

TEST(AzureTrace, TheRealTracesHaveTheirKnownStatistics) {
  struct Known {
    const char* file;
    std::size_t rows;
    double span_s, input_mean, output_mean;
  };
  for (const Known& known : {Known{"azure2023_conv.csv", 19'366, 3501.7, 1155, 211},
                             Known{"azure2023_code.csv", 8'819, 3435.9, 2048, 28}}) {
    const std::string path = shared_trace(known.file);
    if (path.empty()) GTEST_SKIP() << "no shared traces";
    const ReadWorkload read = read_trace({.path = path});
    ASSERT_EQ(read.requests.size(), known.rows);
    double input = 0;
    double output = 0;
    for (const ReadRequest& request : read.requests) {
      input += request.spec.prompt_tokens;
      output += request.spec.output_tokens;
    }
    const auto n = static_cast<double>(known.rows);
    EXPECT_NEAR(input / n, known.input_mean, 0.5);
    EXPECT_NEAR(output / n, known.output_mean, 0.5);
    EXPECT_NEAR(arrival_ms(read.requests.back()) / 1e3, known.span_s, 0.06);
    EXPECT_TRUE(read.warnings.empty());
  }
}

}  // namespace
}  // namespace blis
