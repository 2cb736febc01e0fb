// What a server was sent, in the few figures that tell whether two results are of the same load.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sim/metrics.h"

namespace blis {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

struct TrafficFacts {
  double requests = kNotKnown;       // sent, answered or not
  double prompt_tokens = kNotKnown;  // of a request, in the mean
  double output_tokens = kNotKnown;  // of an answer, in the mean
  double request_rate = kNotKnown;   // requests a second between the first and the last arrival
  bool rate_was_asked = false;       // request_rate is what was asked for, which a limit may have slowed down
  double max_concurrency = kNotKnown;  // of the load generator; infinite: no limit
  double concurrency =
      kNotKnown;  // answers on their way, in the mean from the first arrival to the last token
};

// The facts of requests that come one by one.
class TrafficCounter {
 public:
  void add(const RequestRecord& request);
  TrafficFacts facts() const;

 private:
  std::int64_t requests_ = 0, answered_ = 0;
  double prompt_tokens_ = 0, output_tokens_ = 0, in_flight_s_ = 0;
  Time first_ = kNever, last_arrival_{}, last_token_{};
};

// One fact of two results.
struct TrafficRow {
  std::string_view key;   // as in JSON
  std::string_view name;  // for people
  double a = 0, b = 0;    // kNotKnown of one that does not tell
  bool differs = false;   // by more than may be overlooked; not where one is not known
};
// A row for each fact that one of them has. How much was in flight follows from the latencies, and is never
// what differs; nor is a limit on it where requests were sent as often all the same.
std::vector<TrafficRow> compare_traffic(const TrafficFacts& a, const TrafficFacts& b);

// "requests (1000 and 400), mean prompt tokens (1024 and 998)": those that differ; empty if none does.
std::string traffic_difference(const std::vector<TrafficRow>& rows);

}  // namespace blis
