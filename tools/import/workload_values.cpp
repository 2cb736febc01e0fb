#include "tools/import/workload_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "scenarios/scalar.h"

namespace blis {

std::string constant_value(double value) {
  return fmt::format("{{distribution: constant, value: {}}}", to_text(value));
}

std::string uniform_value(double least, double most) {
  if (least >= most) return constant_value(most);
  return fmt::format("{{distribution: uniform, min: {}, max: {}}}", to_text(least), to_text(most));
}

std::string normal_value(double mean, double stddev, std::optional<double> least,
                         std::optional<double> most) {
  if (stddev == 0) return constant_value(mean);
  std::string text = fmt::format("{{distribution: normal, mean: {}, stddev: {}, min: {}", to_text(mean),
                                 to_text(stddev), to_text(std::max(1.0, least.value_or(1))));
  if (most) text += fmt::format(", max: {}", to_text(*most));
  return text + "}";
}

std::string at_once_value() {
  return "{process: at_once}";
}

std::string vllm_arrival_value(double rate, double burstiness) {
  if (burstiness == 1)
    return fmt::format("{{process: normalized_exponential, request_rate: {}}}", to_text(rate));
  return fmt::format("{{process: gamma, request_rate: {}, burstiness: {}}}", to_text(rate),
                     to_text(burstiness));
}

std::string poisson_value(double rate) {
  return fmt::format("{{process: poisson, request_rate: {}}}", to_text(rate));
}

std::string even_value(double rate) {
  return fmt::format("{{process: constant, request_rate: {}}}", to_text(rate));
}

std::string closed_loop_value(std::int64_t users) {
  return fmt::format("{{process: closed_loop, users: {}}}", users);
}

// Request i of n comes at the rate r(i/n), and takes 1/r of time. Linear r gives r = from exp(k t), with
// k = (to - from)/n; exponential r gives 1/r = 1/from - t ln(to/from)/n.
std::string ramp_up_value(bool linear, double from, double to, double requests, double burstiness) {
  constexpr int kPieces = 24;
  const double growth = std::log(to / from);
  const double k = (to - from) / requests;
  const double end = linear ? growth / k : requests / growth * (1 / from - 1 / to);
  std::string points;
  for (int i = 0; i <= kPieces; ++i) {
    const double t = end * i / kPieces;
    const double rate = linear ? from * std::exp(k * t) : 1 / (1 / from - t * growth / requests);
    points += fmt::format("{}{{at_s: {}, request_rate: {}}}", i == 0 ? "" : ", ",
                          to_text(std::round(t * 1e6) / 1e6), to_text(std::round(rate * 1e6) / 1e6));
  }
  const std::string process = burstiness == 1
                                  ? "process: poisson"
                                  : fmt::format("process: gamma, burstiness: {}", to_text(burstiness));
  return fmt::format("{{{}, curve: {{kind: piecewise, points: [{}]}}}}", process, points);
}

}  // namespace blis
