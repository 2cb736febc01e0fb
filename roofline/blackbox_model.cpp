#include "roofline/blackbox_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "roofline/refuse.h"

namespace blis {
namespace {

constexpr int kTerms = 4;
using Terms = std::array<double, kTerms>;

constexpr std::array<const char*, 6> kNames{"step_us",          "prefill_token_us", "decode_token_us",
                                            "context_token_us", "request_us",       "request_token_us"};

Terms features(const StepObservation& o) {
  return {1, o.prefill_tokens, o.decodes, o.decode_context};
}

double dot(const Terms& a, const Terms& b) {
  double sum = 0;
  for (int i = 0; i < kTerms; ++i) sum += a[static_cast<std::size_t>(i)] * b[static_cast<std::size_t>(i)];
  return sum;
}

// min |A x - 1| with x >= 0, by coordinate descent on the normal equations: convex, so it converges.
Terms solve_non_negative(const std::vector<Terms>& a) {
  std::array<Terms, kTerms> normal{};
  Terms right{};
  for (const Terms& row : a) {
    for (std::size_t i = 0; i < kTerms; ++i) {
      right[i] += row[i];
      for (std::size_t j = 0; j < kTerms; ++j) normal[i][j] += row[i] * row[j];
    }
  }
  Terms x{};
  constexpr int kRounds = 20'000;
  for (int round = 0; round < kRounds; ++round) {
    double moved = 0;
    for (std::size_t i = 0; i < kTerms; ++i) {
      if (normal[i][i] <= 0) continue;
      const double next = std::max(0.0, x[i] + (right[i] - dot(normal[i], x)) / normal[i][i]);
      moved = std::max(moved, std::abs(next - x[i]) * std::sqrt(normal[i][i]));
      x[i] = next;
    }
    if (moved < 1e-12) break;
  }
  return x;
}

}  // namespace

BlackboxModel::BlackboxModel(const BlackboxCoefficients& c) : c_(c) {
  const std::array values{c.step_us,          c.prefill_token_us, c.decode_token_us,
                          c.context_token_us, c.request_us,       c.request_token_us};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && values[i] >= 0) continue;
    refuse(ErrorKind::usage, fmt::format("coefficient `{}` out of range", kNames[i]),
           "a finite number, 0 or above", fmt::format("{}", values[i]));
  }
  if (c.step_us + c.prefill_token_us + c.decode_token_us <= 0) {
    refuse(ErrorKind::usage, "no coefficient makes a step take time",
           "one of step_us, prefill_token_us, decode_token_us above 0");
  }
}

StepCost BlackboxModel::step(const StepShape& shape) const {
  constexpr double kMicros = 1e-6;
  StepCost cost;
  cost[CostPart::launch] = Seconds{c_.step_us * kMicros};
  cost[CostPart::compute] =
      Seconds{c_.prefill_token_us * static_cast<double>(shape.prefill_tokens) * kMicros};
  cost[CostPart::weights] = Seconds{c_.decode_token_us * static_cast<double>(shape.decode_tokens) * kMicros};
  cost[CostPart::kv] = Seconds{c_.context_token_us * static_cast<double>(shape.decode_context) * kMicros};
  cost.total =
      cost[CostPart::launch] + cost[CostPart::compute] + cost[CostPart::weights] + cost[CostPart::kv];
  return cost;
}

StepExplanation BlackboxModel::explain(const StepShape& shape) const {
  StepExplanation out;
  out.cost = step(shape);
  out.terms = {{"step_us", out.cost[CostPart::launch].count() * 1e6, "us"},
               {"prefill_us", out.cost[CostPart::compute].count() * 1e6, "us"},
               {"decode_us", out.cost[CostPart::weights].count() * 1e6, "us"},
               {"context_us", out.cost[CostPart::kv].count() * 1e6, "us"}};
  const auto largest = std::max_element(out.terms.begin(), out.terms.end(),
                                        [](auto& a, auto& b) { return a.value < b.value; });
  out.binds = fmt::format("{} is the largest part of the step", largest->name);
  return out;
}

BlackboxFit fit_blackbox(std::span<const StepObservation> observations) {
  if (observations.size() < 2) {
    refuse(ErrorKind::usage, "too few measured steps to fit", "at least two",
           fmt::format("{}", observations.size()));
  }
  std::vector<Terms> rows;
  for (const StepObservation& o : observations) {
    if (!std::isfinite(o.us) || o.us <= 0) {
      refuse(ErrorKind::usage, "a measured step without a time", "microseconds above 0",
             fmt::format("{}", o.us));
    }
    Terms row = features(o);
    for (double& value : row) value /= o.us;
    rows.push_back(row);
  }
  const Terms x = solve_non_negative(rows);
  std::vector<double> off;
  for (const Terms& row : rows) off.push_back(std::abs(dot(row, x) - 1) * 100);
  std::nth_element(off.begin(), off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2), off.end());
  return {.coefficients = {.step_us = x[0],
                           .prefill_token_us = x[1],
                           .decode_token_us = x[2],
                           .context_token_us = x[3]},
          .median_error_percent = off[off.size() / 2]};
}

}  // namespace blis
