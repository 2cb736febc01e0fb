// Two runs that must give each request the same.
#pragma once

#include <gtest/gtest.h>

#include "sim/fleet/simulation.h"

namespace blis {

inline void expect_same_requests(const RunResult& x, const RunResult& y) {
  ASSERT_EQ(x.requests.size(), y.requests.size());
  for (std::size_t i = 0; i < x.requests.size(); ++i) {
    const RequestRecord &a = x.requests[i], &b = y.requests[i];
    ASSERT_EQ(a.outcome, b.outcome) << i;
    ASSERT_EQ(since_start(a.scheduled), since_start(b.scheduled)) << i;
    ASSERT_EQ(since_start(a.first_token), since_start(b.first_token)) << i;
    ASSERT_EQ(since_start(a.last_token), since_start(b.last_token)) << i;
    ASSERT_EQ(a.output_tokens, b.output_tokens) << i;
    ASSERT_EQ(a.hit_tokens, b.hit_tokens) << i;
    ASSERT_EQ(a.preemptions, b.preemptions) << i;
    ASSERT_EQ(a.tokens.first, b.tokens.first) << i;
    ASSERT_EQ(a.tokens.last, b.tokens.last) << i;
  }
}

}  // namespace blis
