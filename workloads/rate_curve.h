// The moment by which a given number of arrivals is expected, at a rate that changes with time.
#pragma once

#include <cstddef>
#include <optional>

#include "workloads/random.h"
#include "workloads/workload_spec.h"

namespace blis {

// What comes in one period of a curve, on average, and of how many straight pieces it is made.
struct CurvePeriod {
  double requests = 0, seconds = 0, pieces = 0;
};
// `request_rate` is the arrival's own. Nothing for a curve that does not repeat itself.
std::optional<CurvePeriod> period_of(const RateCurve& curve, double request_rate);

// Requests per second, on average, of an arrival whose values are in range; 0 where answers or stages say
// when requests come.
double mean_rate(const ArrivalSpec& arrival);

// What `seconds` of the open-loop arrivals of a checked workload bring on average; of sessions, their starts.
double requests_in(const SyntheticSpec& spec, double seconds);

// Walks along a curve made of straight pieces. Mapping the arrivals of a process with rate 1 through
// it gives the process its time-varying rate and leaves its character (gaps of a renewal process are
// stretched where the rate is low).
class RateCursor {
 public:
  // Of a checked curve; `request_rate` is the arrival's own. `random` decides how long the phases
  // of random curves last.
  RateCursor(const RateCurve& curve, double request_rate, RandomStream random);

  // When the curve's integral from time 0 reaches `expected`, in seconds; infinite if it never does.
  // `expected` must not be less than in the call before.
  double time_of(double expected);

 private:
  // The rate goes in a straight line from `from` to `to` (requests/s) in `length` seconds.
  struct Piece {
    double length, from, to;
  };
  Piece next_piece();
  Piece next_point();

  RateCurve curve_;
  double request_rate_;
  RandomStream random_;
  std::size_t index_ = 0;       // of the phase, state or point to come next
  double piece_start_ = 0;      // seconds
  double expected_before_ = 0;  // integral up to there
  Piece piece_;
};

}  // namespace blis
