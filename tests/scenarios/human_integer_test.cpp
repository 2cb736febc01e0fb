// Numbers as vLLM's flags take them.
#include "scenarios/human_integer.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

struct IntegerRow {
  const char* text;
  std::optional<std::int64_t> value;
};
class HumanIntegers : public testing::TestWithParam<IntegerRow> {};

TEST_P(HumanIntegers, AreReadAsVllmReadsThem) {
  EXPECT_EQ(human_readable_integer(GetParam().text).value, GetParam().value) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(Table, HumanIntegers,
                         testing::Values(IntegerRow{"32768", 32768}, IntegerRow{"32k", 32000},
                                         IntegerRow{"32K", 32768}, IntegerRow{"25.6k", 25600},
                                         IntegerRow{"1m", 1'000'000}, IntegerRow{"1M", 1 << 20},
                                         IntegerRow{"2g", 2'000'000'000},
                                         IntegerRow{"1T", std::int64_t{1} << 40}, IntegerRow{"0k", 0},
                                         IntegerRow{"25.6K", std::nullopt}, IntegerRow{"", std::nullopt},
                                         IntegerRow{"k", std::nullopt}, IntegerRow{"-1k", std::nullopt},
                                         IntegerRow{"1kk", std::nullopt}, IntegerRow{"1.k", std::nullopt},
                                         IntegerRow{"32 k", std::nullopt}, IntegerRow{"1e3", std::nullopt},
                                         IntegerRow{"99999999999T", std::nullopt}));

}  // namespace
}  // namespace blis
