// A toy server for workloads: it answers each request after a fixed time for each output token.
#pragma once

#include <gtest/gtest.h>

#include <queue>
#include <set>
#include <string>
#include <vector>

#include "workloads/workload.h"

namespace blis {

struct Served {
  RequestSpec spec;
  std::vector<ContentRun> prompt;
  Time end{};
  int in_flight = 0;  // when it was sent, itself included
};

struct ServedWorkload {
  std::vector<Served> requests;
  std::vector<std::string> warnings;
};

// Keeps the contract of RequestSource: `next` at the time of the next arrival, every end reported.
inline ServedWorkload serve(const WorkloadSpec& workload, Duration token_time = std::chrono::milliseconds{10},
                            std::set<RequestIndex> failing = {}) {
  ServedWorkload served;
  const auto source = open_workload(workload);
  using End = std::pair<Time, RequestIndex>;
  std::priority_queue<End, std::vector<End>, std::greater<>> running;
  Time now{};
  for (;;) {
    const Time arrival = source->next_arrival();
    if (!running.empty() && running.top().first <= arrival) {
      const auto [at, index] = running.top();
      running.pop();
      now = at;
      const bool fails = failing.contains(index);
      source->on_ended(index, at, fails ? Outcome::aborted : Outcome::completed,
                       fails ? 0 : served.requests[index].spec.output_tokens);
      continue;
    }
    if (arrival == kNever) break;
    EXPECT_GE(arrival, now) << "sent in the past";
    now = arrival;
    Served request;
    if (!source->next(request.spec)) {
      ADD_FAILURE() << "nothing to send at the announced time";
      break;
    }
    EXPECT_EQ(request.spec.arrival, arrival);
    request.prompt.assign(request.spec.prompt.begin(), request.spec.prompt.end());
    request.end = now + token_time * request.spec.output_tokens;
    request.in_flight = static_cast<int>(running.size()) + 1;
    running.emplace(request.end, static_cast<RequestIndex>(served.requests.size()));
    served.requests.push_back(request);
  }
  served.warnings = source->warnings();
  return served;
}

}  // namespace blis
