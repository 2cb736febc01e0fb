#include <gtest/gtest.h>

#include "blis/error.hpp"

namespace blis {
namespace {

TEST(InputError, APlaceSaysAsMuchAsIsKnown) {
  EXPECT_EQ(to_string(Place{"chat.yaml", 4, 3}), "chat.yaml:4:3");
  EXPECT_EQ(to_string(Place{"chat.yaml", 4, 0}), "chat.yaml:4");
  EXPECT_EQ(to_string(Place{"--set a=b", 0, 0}), "--set a=b");
  EXPECT_EQ(to_string(Place{}), "");
}

TEST(InputError, AProblemIsLaidOutInLabelledLines) {
  const Problem problem{.place = {"chat.yaml", 4, 3},
                        .message = "unknown key `blok_size`",
                        .expected = "one of block_size",
                        .got = "blok_size",
                        .hint = "did you mean `block_size`?"};
  EXPECT_EQ(to_string(problem),
            "chat.yaml:4:3: unknown key `blok_size`\n"
            "  expected: one of block_size\n"
            "  got:      blok_size\n"
            "  hint:     did you mean `block_size`?");
}

TEST(InputError, EmptyPartsTakeNoLineAndLongOnesAreIndented) {
  const Problem problem{
      .place = {}, .message = "it does not fit", .expected = "", .got = "", .hint = "this\nor that"};
  EXPECT_EQ(to_string(problem),
            "it does not fit\n"
            "  hint:     this\n"
            "            or that");
}

TEST(InputError, HoldsAllProblemsInOrder) {
  const InputError error(ErrorKind::usage, {Problem{.place = {"a", 1, 1}, .message = "first"},
                                            Problem{.place = {"a", 2, 1}, .message = "second"}});
  EXPECT_EQ(error.kind(), ErrorKind::usage);
  EXPECT_EQ(error.problems().size(), 2u);
  EXPECT_STREQ(error.what(), "a:1:1: first\na:2:1: second");
}

}  // namespace
}  // namespace blis
