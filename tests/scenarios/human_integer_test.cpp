// Numbers as vLLM's flags take them.
#include "scenarios/human_integer.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

struct Row {
  const char* text;
  std::optional<std::int64_t> value;
};
class HumanIntegers : public testing::TestWithParam<Row> {};

TEST_P(HumanIntegers, AreReadAsVllmReadsThem) {
  EXPECT_EQ(human_readable_integer(GetParam().text).value, GetParam().value) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(Table, HumanIntegers,
                         testing::Values(Row{"32768", 32768}, Row{"32k", 32000}, Row{"32K", 32768},
                                         Row{"25.6k", 25600}, Row{"1m", 1'000'000}, Row{"1M", 1 << 20},
                                         Row{"2g", 2'000'000'000}, Row{"1T", std::int64_t{1} << 40},
                                         Row{"0k", 0}, Row{"25.6K", std::nullopt}, Row{"", std::nullopt},
                                         Row{"k", std::nullopt}, Row{"-1k", std::nullopt},
                                         Row{"1kk", std::nullopt}, Row{"1.k", std::nullopt},
                                         Row{"32 k", std::nullopt}, Row{"1e3", std::nullopt},
                                         Row{"99999999999T", std::nullopt}));

}  // namespace
}  // namespace blis
