#include "workloads/prefix_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/workload.h"

namespace blis {
namespace {

struct Shares {
  double infinite = 0;
  std::array<double, kFittedCaches.size()> finite{};
};

Shares shares_of(const PrefixReuse& reuse) {
  Shares s{.infinite = reuse.infinite_cache()};
  for (std::size_t i = 0; i < s.finite.size(); ++i) s.finite[i] = reuse.finite_cache(i);
  return s;
}

double difference(const Shares& a, const Shares& b) {
  double sum = std::abs(a.infinite - b.infinite);
  for (std::size_t i = 0; i < a.finite.size(); ++i) sum += std::abs(a.finite[i] - b.finite[i]);
  return sum;
}

Shares generated(SyntheticSpec traffic, const PrefixSpec& prefix, std::int32_t block_tokens) {
  traffic.clients[0].prefix = prefix;
  const auto source = open_workload({.kind = traffic});
  PrefixReuse reuse(block_tokens, kFittedCaches);
  RequestSpec request;
  while (source->next(request)) reuse.add(request);
  return shares_of(reuse);
}

// The one length of `groups` beginnings that gives the reuse of an infinite cache.
double prefix_tokens(const std::vector<double>& input, std::int64_t groups, const PrefixReuse& observed) {
  double total = 0;
  for (const double tokens : input) total += tokens;
  const double repeats = std::max(0.0, 1 - static_cast<double>(groups) / static_cast<double>(input.size()));
  const double block = observed.block_tokens();
  const auto reused = [&](double tokens) {  // in whole blocks, by all but the first of each group
    double sum = 0;
    for (const double length : input) sum += std::floor(std::min(tokens, length - 1) / block) * block;
    return sum * repeats;
  };
  double low = 0;
  double high = *std::max_element(input.begin(), input.end());
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (reused(middle) < observed.infinite_cache() * total ? low : high) = middle;
  }
  return std::max(1.0, std::round(high));
}

// The observed number of beginnings first, then others of every magnitude.
std::vector<std::int64_t> numbers_of_groups(std::int64_t beginnings, std::size_t requests) {
  std::vector<std::int64_t> numbers{std::max<std::int64_t>(1, beginnings)};
  constexpr std::size_t kTooManyToTry = 200'000;
  if (requests > kTooManyToTry) return numbers;
  const auto most = static_cast<std::int64_t>(requests) * 2 / 3;
  for (std::int64_t groups = 1; groups <= most; groups *= 2) numbers.push_back(groups);
  return numbers;
}

}  // namespace

PrefixFit fit_prefix(const SyntheticSpec& traffic, const std::vector<double>& input,
                     const PrefixReuse& observed, std::int64_t beginnings) {
  const Shares wanted = shares_of(observed);
  PrefixSpec best;
  Shares given;
  double nearest = HUGE_VAL;
  constexpr double kClearlyNearer = 0.8;  // the observed number stands unless another is much better
  constexpr double kNearEnough = 0.05;
  for (const std::int64_t groups : numbers_of_groups(beginnings, input.size())) {
    if (nearest < kNearEnough) break;
    const PrefixSpec prefix{
        .groups = groups,
        .tokens = {.kind = Distribution::Kind::constant, .value = prefix_tokens(input, groups, observed)},
        .within_input = true};
    const Shares made = generated(traffic, prefix, observed.block_tokens());
    const double off = difference(made, wanted);
    if (off >= nearest * (nearest < HUGE_VAL ? kClearlyNearer : 1)) continue;
    best = prefix;
    given = made;
    nearest = off;
  }
  return {
      best,
      fmt::format("prefix reuse: {} shared beginnings of {:g} tokens; an infinite cache hits {:.1f} % of the "
                  "blocks (in the trace {:.1f} %), one of {} M tokens {:.1f} % ({:.1f} %), of {} M {:.1f} % "
                  "({:.1f} %)",
                  best.groups, best.tokens.value, 100 * given.infinite, 100 * wanted.infinite,
                  kFittedCaches[0] / 1'000'000, 100 * given.finite[0], 100 * wanted.finite[0],
                  kFittedCaches[1] / 1'000'000, 100 * given.finite[1], 100 * wanted.finite[1])};
}

}  // namespace blis
