#include "roofline/cuda_graphs.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

TEST(CudaGraphs, CapturesThePublishedSizes) {
  EXPECT_EQ(graph_capture_sizes(1, 2048), (std::vector<int>{1, 2}));
  EXPECT_EQ(graph_capture_sizes(8, 2048), (std::vector<int>{1, 2, 4, 8, 16}));
  const std::vector<int> full = graph_capture_sizes(1024, 8192);
  EXPECT_EQ(full.size(), 51u);
  EXPECT_EQ(full.back(), 512);
  EXPECT_EQ(full, graph_capture_sizes(256, 2048));
  EXPECT_EQ(graph_capture_sizes(1024, 100).back(), 96) << "the token budget bounds the sizes too";
}

TEST(CudaGraphs, RoundsSizesToWholeSequencesWithDrafts) {
  const std::vector<int> sizes = graph_capture_sizes(4, 2048, 3);
  EXPECT_EQ(sizes, (std::vector<int>{4, 8, 16, 24, 32}));
  for (int size : graph_capture_sizes(256, 8192, 2)) {
    EXPECT_EQ(size % 3, 0);
    EXPECT_LE(size, 512);
  }
}

struct Padding {
  std::int64_t tokens, padded;
};
class CudaGraphPadding : public ::testing::TestWithParam<Padding> {};

TEST_P(CudaGraphPadding, TakesTheNextListedSize) {
  const std::vector<int> sizes = graph_capture_sizes(256, 2048);
  EXPECT_EQ(graph_padded(GetParam().tokens, sizes), GetParam().padded);
}
INSTANTIATE_TEST_SUITE_P(Sizes, CudaGraphPadding,
                         ::testing::Values(Padding{1, 1}, Padding{2, 2}, Padding{3, 4}, Padding{5, 8},
                                           Padding{8, 8}, Padding{9, 16}, Padding{249, 256},
                                           Padding{257, 272}, Padding{512, 512}, Padding{513, 0}));

TEST(CudaGraphs, WithoutSizesNoStepHasAGraph) {
  EXPECT_EQ(graph_padded(1, {}), 0);
}

}  // namespace
}  // namespace blis
