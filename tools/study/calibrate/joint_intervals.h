// What the scatter of requests leaves open about several fitted constants at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace blis {

// A latency of one request, as logarithms.
struct FitSample {
  double measured = 0, predicted = 0;
  std::vector<double> effect;  // of the prediction, by constant: how it moves with it
};

struct Interval {
  double low = 0, high = 0;
};

// How far each constant would have to move for the predictions to fit by least squares, were they linear in
// it; empty where the samples do not tell the constants apart.
std::vector<double> linear_fit(std::span<const std::vector<FitSample>> metrics);

// Of each constant the interval, relative to the fit, in which the truth lies with probability `level`,
// whatever the others are: constants that act alike have wide ones, since what one explains the other might.
// By a bootstrap: blocks of successive requests are drawn anew, and the fit by least squares is repeated on
// them. `metrics`: the samples of each in the order of the requests, of a request at the same place. Empty
// where the samples do not tell the constants apart. The same seed, the same intervals.
std::vector<Interval> joint_intervals(std::span<const std::vector<FitSample>> metrics, double level,
                                      std::uint64_t seed = 0);

}  // namespace blis
