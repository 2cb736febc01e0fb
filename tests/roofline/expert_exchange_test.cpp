// What DeepEP publishes of its kernels: README.md and docs/legacy.md of github.com/deepseek-ai/DeepEP.
#include "roofline/expert_exchange.h"

#include <gtest/gtest.h>

#include <cmath>

namespace blis {
namespace {

constexpr double kHidden = 7168, kExperts = 8;
constexpr double kCast = 1 + 4.0 / 128;  // bytes of an element, its scale included

Machine node(double link_gbs) {
  Machine machine;
  machine.link = link_gbs * 1e3;
  machine.inter_node = 50e3;
  machine.gpus_per_node = 8;
  machine.nvlink = true;
  return machine;
}

double there_and_back(const Machine& machine, ExpertExchange kernels, int ranks, double tokens) {
  return exchange_time(machine, kernels, ranks, kExperts, tokens, kHidden, kCast).total();
}

TEST(ExpertExchange, LowLatencyKernelsTakeWhatWasPublishedOfThem) {
  struct Published {
    int ranks;
    double dispatch_us, combine_us;  // of 128 tokens on H800
  };
  for (const Published& p : {Published{8, 77, 114}, Published{16, 118, 195}, Published{32, 155, 273},
                             Published{64, 173, 314}, Published{128, 192, 369}, Published{256, 194, 360}}) {
    const double measured = p.dispatch_us + p.combine_us;
    EXPECT_NEAR(there_and_back(node(200), ExpertExchange::low_latency, p.ranks, 128), measured,
                0.07 * measured)
        << p.ranks << " GPUs";
  }
}

// 8,192 tokens; the published rates count what stays in the node: 90 and 81 GB/s over two nodes, 61 and 61
// over four, of which DeepSeek's groups reach 3.14.
TEST(ExpertExchange, HighThroughputKernelsCrossToANodeOnce) {
  struct Published {
    int ranks;
    double nodes, dispatch_gbs, combine_gbs;
  };
  for (const Published& p : {Published{16, 1.97, 90, 81}, Published{32, 3.14, 61, 61}}) {
    const double copies = 8192 * p.nodes * kHidden / 1e3;
    const double measured = copies * kCast / p.dispatch_gbs + copies * 2 / p.combine_gbs;
    EXPECT_NEAR(there_and_back(node(450), ExpertExchange::high_throughput, p.ranks, 8192), measured,
                0.18 * measured)
        << p.ranks << " GPUs";
  }
}

TEST(ExpertExchange, CopiesStayInTheNodeWhereThereIsOneAndReachEachPlaceOnce) {
  const TokenCopies one = copies_of_token(ExpertExchange::low_latency, 8, 8, 8);
  EXPECT_EQ(one.fabric, 0);
  EXPECT_EQ(one.link, 7) << "of eight, one is its own";
  EXPECT_EQ(copies_of_token(ExpertExchange::high_throughput, 8, 8, 8).fabric, 0);
  const TokenCopies many = copies_of_token(ExpertExchange::low_latency, 16, 8, 8);
  EXPECT_EQ(many.fabric, 4);
  EXPECT_EQ(many.link, 3.5);
  const TokenCopies forwarded = copies_of_token(ExpertExchange::high_throughput, 16, 8, 8);
  EXPECT_NEAR(forwarded.fabric, 1 - std::pow(0.5, 8), 1e-12) << "one other node, almost surely";
  EXPECT_LT(forwarded.link, 8);
  const TokenCopies uneven = copies_of_token(ExpertExchange::low_latency, 12, 8, 8);
  EXPECT_EQ(uneven.fabric, 4) << "two nodes of six";
  EXPECT_EQ(copies_of_token(ExpertExchange::high_throughput, 4, 1, 8).link, 0) << "nodes of one GPU";
}

}  // namespace
}  // namespace blis
