#include "workloads/parse_number.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

using namespace std::chrono_literals;

TEST(ParseNumber, WholeNumbersAreReadWhole) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("007"), 7);
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("12.00"), 12);
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
}

TEST(ParseNumber, AnythingElseIsNoWholeNumber) {
  for (const char* text :
       {"", " 1", "1 ", "+1", "1.5", "1.", "0x10", "1e3", "12ms", "1,2", "nan", "9223372036854775808"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseNumber, RealNumbersMustBeFinite) {
  EXPECT_EQ(parse_real("-1.5e3"), -1500);
  for (const char* text : {"nan", "inf", "-inf", "1e999", "", "1s"})
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
}

TEST(ParseNumber, DurationsAreExactToTheNanosecond) {
  EXPECT_EQ(parse_duration("0", 1s), 0ns);
  EXPECT_EQ(parse_duration("3536.999", 1s), 3536999ms);
  EXPECT_EQ(parse_duration("0.000000001", 1s), 1ns);
  EXPECT_EQ(parse_duration("1234567.123456789", 1s), 1234567123456789ns);
  EXPECT_EQ(parse_duration("1.5", 1ms), 1500us);
  EXPECT_EQ(parse_duration("46926808", 1ns), 46926808ns);
  EXPECT_EQ(parse_duration("-2.25", 1s), -2250ms);
}

TEST(ParseNumber, DigitsPastTheNanosecondAreRounded) {
  EXPECT_EQ(parse_duration("0.0000000014999", 1s), 1ns);
  EXPECT_EQ(parse_duration("0.0000000015", 1s), 2ns);
  EXPECT_EQ(parse_duration("0.9999999999", 1s), 1s);
  EXPECT_EQ(parse_duration("7.9", 1ns), 8ns);
}

TEST(ParseNumber, DurationsMayHaveAnExponent) {
  EXPECT_EQ(parse_duration("1.5e3", 1ms), 1500ms);
  EXPECT_EQ(parse_duration("2e-3", 1s), 2ms);
}

TEST(ParseNumber, WhatIsNoDurationIsRefused) {
  for (const char* text :
       {"", ".", ".5", "5.", "1s", "1 ", "-", "--1", "nan", "inf", "1e99", "99999999999999999999", "1e"}) {
    EXPECT_EQ(parse_duration(text, 1s), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace blis
