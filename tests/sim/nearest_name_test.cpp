#include "sim/nearest_name.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

TEST(EditDistance, CountsSingleEditsAndSwaps) {
  struct Case {
    const char *a, *b;
    int distance;
  };
  for (const Case& c : {Case{"", "", 0}, Case{"abc", "", 3}, Case{"", "abc", 3}, Case{"block", "block", 0},
                        Case{"block", "blok", 1}, Case{"block", "blcok", 1}, Case{"kitten", "sitting", 3},
                        Case{"H100", "h100", 0}, Case{"block-size", "block_size", 0}}) {
    EXPECT_EQ(edit_distance(c.a, c.b), c.distance) << c.a << " / " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a), c.distance) << c.b << " / " << c.a;
  }
}

TEST(NearestNames, PutsTheClosestFirstAndLeavesOutTheFar) {
  const std::vector<std::string> names{"max_num_seqs", "block_size", "max_model_len"};
  EXPECT_EQ(nearest_names("max_num_seq", names, 3), (std::vector<std::string>{"max_num_seqs"}));
  EXPECT_TRUE(nearest_names("temperature", names).empty());
  EXPECT_TRUE(nearest_names("", names).empty());
}

TEST(NearestNames, OffersNamesThatTheWordIsPartOf) {
  const std::vector<std::string> names{"H100-PCIe", "H100-SXM", "A100-SXM"};
  EXPECT_EQ(nearest_names("h100", names, 3), (std::vector<std::string>{"H100-SXM", "H100-PCIe"}));
  EXPECT_EQ(nearest_names("pci", names), (std::vector<std::string>{"H100-PCIe"}));
  EXPECT_TRUE(nearest_names("xm", names).empty()) << "two letters are in too many names";
}

TEST(NearestNames, AWordTooLongForAnyNameCostsNothing) {
  const std::vector<std::string> names{"block_size"};
  EXPECT_TRUE(nearest_names(std::string(1 << 20, 'x'), names).empty());
}

TEST(DidYouMean, ReadsAsASentence) {
  const std::vector<std::string> names{"gamma", "game"};
  EXPECT_EQ(did_you_mean("gama", names), "did you mean `gamma`?");
  EXPECT_EQ(did_you_mean("gama", names, 2), "did you mean `gamma` or `game`?");
  EXPECT_EQ(did_you_mean("poisson", names), "");
}

}  // namespace
}  // namespace blis
