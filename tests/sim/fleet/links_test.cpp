#include "sim/fleet/links.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/sim/toys.h"

namespace blis {
namespace {

using namespace std::chrono_literals;

// A kilobyte a millisecond for each GPU.
LinkConfig kilobyte_a_ms(LinkSharing sharing = LinkSharing::fair, Duration latency = Duration{0}) {
  return {.bytes_per_second = 1e6, .latency = latency, .sharing = sharing};
}

Transfer from_to(RequestIndex request, EngineIndex source, EngineIndex sink, double kilobytes,
                 int source_gpus = 1, int sink_gpus = 1) {
  return {request, {source, source_gpus}, {sink, sink_gpus}, kilobytes * 1000};
}

// Who arrives when, in ms, until nobody is on the way: "0 at 10, 1 at 12".
std::string arrivals(Links& links) {
  std::string said;
  while (links.next() != kNever) {
    const Time at = links.next();
    RequestIndex request = 0;
    if (!links.arrived(at, request)) return said + "nobody at the time that was said";
    said +=
        (said.empty() ? "" : ", ") + std::to_string(request) + " at " + std::to_string(since_start(at) / 1ms);
  }
  return said;
}

TEST(Links, OneTransferHasTheLinkToItself) {
  Links links(kilobyte_a_ms(LinkSharing::fair, 3ms));
  links.begin(from_to(0, 1, 2, 10), at_ms(5));
  EXPECT_EQ(arrivals(links), "0 at 18") << "10 ms for its bytes, and 3";
}

TEST(Links, LaterTransfersSlowEarlierOnes) {
  Links links(kilobyte_a_ms());
  links.begin(from_to(0, 1, 2, 10), at_ms(0));
  links.begin(from_to(1, 1, 3, 2), at_ms(4));  // from 4 to 8 both have half
  EXPECT_EQ(arrivals(links), "1 at 8, 0 at 12");
}

TEST(Links, OneAfterTheOtherWhereTheyAreCopied) {
  Links links(kilobyte_a_ms(LinkSharing::fifo, 1ms));
  links.begin(from_to(0, 1, 2, 10), at_ms(0));
  links.begin(from_to(1, 1, 3, 2), at_ms(4));
  links.begin(from_to(2, 4, 3, 2), at_ms(4));  // another source
  EXPECT_EQ(arrivals(links), "2 at 7, 0 at 11, 1 at 13");
}

TEST(Links, TheNarrowerEndCounts) {
  Links links(kilobyte_a_ms());
  links.begin(from_to(0, 1, 9, 8, 1, 4), at_ms(0));  // one GPU sends to four
  links.begin(from_to(1, 2, 9, 8, 1, 4), at_ms(0));
  links.begin(from_to(2, 3, 8, 8, 4, 2), at_ms(0));
  EXPECT_EQ(arrivals(links), "2 at 4, 0 at 8, 1 at 8");
}

TEST(Links, WithoutARateOnlyTheLatencyCounts) {
  Links links({.latency = 2ms});
  links.begin(from_to(0, 1, 2, 1e9), at_ms(1));
  links.begin(from_to(1, 1, 2, 0), at_ms(1));
  EXPECT_EQ(arrivals(links), "0 at 3, 1 at 3");
}

// What is promised as the next arrival is never early, and everything arrives: as if each moment were shared
// out anew.
TEST(LinksProperty, SharesAddUpToTheLink) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    Links links(kilobyte_a_ms());
    double bytes = 0;
    Time begun{};
    int pending = 0;
    Time last{};
    for (RequestIndex i = 0; i < 30; ++i) {  // all from one source, so that its link is never idle
      const double kilobytes = static_cast<double>(1 + rng() % 20);
      if (pending == 0) bytes = 0, begun = last = std::max(last, at_ms(static_cast<int>(i)));
      links.begin(from_to(i, 1, static_cast<EngineIndex>(2 + rng() % 3), kilobytes), last);
      bytes += kilobytes;
      ++pending;
      if (rng() % 2 == 0) continue;
      const Time next = links.next();
      ASSERT_GE(next, last);
      RequestIndex who = 0;
      ASSERT_TRUE(links.arrived(next, who));
      --pending, last = next;
    }
    for (RequestIndex who = 0; pending > 0; --pending) {
      last = links.next();
      ASSERT_TRUE(links.arrived(last, who));
    }
    EXPECT_NEAR(Seconds(last - begun).count() * 1e3, bytes, 1e-3);
    EXPECT_EQ(links.next(), kNever);
  }
}

}  // namespace
}  // namespace blis
