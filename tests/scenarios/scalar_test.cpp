#include "scenarios/scalar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace blis {
namespace {

struct Refused {
  const char* text;
  const char* hint;
};

TEST(StrictInteger, TakesDecimalDigitsWithAnOptionalMinus) {
  EXPECT_EQ(strict_integer("0").value, 0);
  EXPECT_EQ(strict_integer("-12").value, -12);
  EXPECT_EQ(strict_integer("9223372036854775807").value, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(strict_integer("-9223372036854775808").value, std::numeric_limits<std::int64_t>::min());
}

TEST(StrictInteger, RefusesWhatReadersDisagreeAbout) {
  for (const Refused& c : {Refused{"010", "a leading zero means octal to some readers: write it without"},
                           Refused{"-010", "a leading zero means octal to some readers: write it without"},
                           Refused{"0x10", "write it in decimal"},
                           Refused{"0o17", "write it in decimal"},
                           Refused{"0b11", "write it in decimal"},
                           Refused{"+5", "write it without the `+`"},
                           Refused{"1e3", "write `1000`"},
                           Refused{"1.0", "write `1`"},
                           Refused{"1.5", "it must be a whole number"},
                           Refused{"1_000", "write `1000`"},
                           Refused{"1,000", "write `1000`"},
                           Refused{"5ms", "write the number alone: the key says its unit"},
                           Refused{"80 GiB", "write the number alone: the key says its unit"},
                           Refused{"90%", "write the number alone: the key says its unit"},
                           Refused{"9223372036854775808", "it does not fit 64 bits"},
                           Refused{".inf", "only finite numbers are meaningful here"},
                           Refused{"-inf", "only finite numbers are meaningful here"},
                           Refused{"NaN", "only finite numbers are meaningful here"},
                           Refused{"", ""},
                           Refused{"-", ""},
                           Refused{"two", ""},
                           Refused{"--1", ""}}) {
    const Parsed<std::int64_t> parsed = strict_integer(c.text);
    EXPECT_FALSE(parsed.value) << c.text;
    EXPECT_EQ(parsed.hint, c.hint) << c.text;
  }
}

TEST(StrictNumber, TakesDecimalsWithAnExponent) {
  EXPECT_EQ(strict_number("0.9").value, 0.9);
  EXPECT_EQ(strict_number("-1.5e-3").value, -1.5e-3);
  EXPECT_EQ(strict_number("1E+6").value, 1e6);
}

TEST(StrictNumber, RefusesWhatIsNoPlainFiniteNumber) {
  for (const Refused& c : {Refused{".5", "write `0.5`"}, Refused{"5.", ""},
                           Refused{"1e", "write the number alone: the key says its unit"},
                           Refused{"1e400", "it is beyond the range of a double"},
                           Refused{"inf", "only finite numbers are meaningful here"},
                           Refused{".nan", "only finite numbers are meaningful here"},
                           Refused{"00.5", "a leading zero means octal to some readers: write it without"}}) {
    const Parsed<double> parsed = strict_number(c.text);
    EXPECT_FALSE(parsed.value) << c.text;
    EXPECT_EQ(parsed.hint, c.hint) << c.text;
  }
}

TEST(StrictBoolean, KnowsTwoWords) {
  EXPECT_EQ(strict_boolean("true").value, true);
  EXPECT_EQ(strict_boolean("false").value, false);
  for (const char* const word : {"yes", "on", "True", "1"})
    EXPECT_EQ(strict_boolean(word).hint, "write `true`") << word;
  for (const char* const word : {"no", "off", "FALSE", "0"})
    EXPECT_EQ(strict_boolean(word).hint, "write `false`") << word;
  EXPECT_FALSE(strict_boolean("maybe").value);
}

TEST(ToText, IsShortAndPlain) {
  EXPECT_EQ(to_text(8192), "8192");
  EXPECT_EQ(to_text(0.9), "0.9");
  EXPECT_EQ(to_text(-2.5), "-2.5");
  EXPECT_EQ(to_text(1e-7), "1e-07");
}

RC_GTEST_PROP(ToText, ReadsBackAsTheSameNumber, (double value)) {
  RC_PRE(std::isfinite(value));
  RC_ASSERT(strict_number(to_text(value)).value == value);
}

RC_GTEST_PROP(StrictInteger, ReadsBackEveryInteger, (std::int64_t value)) {
  RC_ASSERT(strict_integer(std::to_string(value)).value == value);
}

}  // namespace
}  // namespace blis
