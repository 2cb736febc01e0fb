#include "tools/study/explain/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "blis/error.hpp"

namespace blis {
namespace {

struct Metric {
  std::string_view key, name;
  Duration (*of)(const ResultRequest& r);
};
constexpr std::array kMetrics{
    Metric{"ttft", "TTFT", [](const ResultRequest& r) { return r.ttft; }},
    Metric{"tpot", "TPOT", [](const ResultRequest& r) { return r.tpot(); }},
    Metric{"e2el", "E2E latency", [](const ResultRequest& r) { return r.e2el; }},
};
constexpr const Metric& kE2e = kMetrics[2];

// Without those of the warm-up.
std::vector<ResultRequest> ordered_by(const Metric& metric, std::span<const ResultRequest> all) {
  std::vector<ResultRequest> ordered;
  std::ranges::remove_copy_if(all, std::back_inserter(ordered), &ResultRequest::warmup);
  std::ranges::stable_sort(ordered, {}, metric.of);
  return ordered;
}

// What is left is compared with the middle of the same metric.
void add_typical(const Metric& metric, std::span<const ResultRequest> ordered, Selection& selection) {
  const std::size_t low = ordered.size() * 2 / 5, high = std::max(low + 1, ordered.size() * 3 / 5);
  selection.typical.assign(ordered.begin() + static_cast<std::ptrdiff_t>(low),
                           ordered.begin() + static_cast<std::ptrdiff_t>(std::min(high, ordered.size())));
  selection.typical_title =
      fmt::format("{} requests between p40 and p60 of {}", selection.typical.size(), metric.name);
}

[[noreturn]] void refuse_key(const std::string& key) {
  throw InputError(ErrorKind::usage, Problem{.place = {"--percentile " + key},
                                             .message = "this is no percentile of a metric",
                                             .expected = "p<1 to 99.9>_<ttft, tpot or e2el>, as in p99_ttft",
                                             .got = key});
}

}  // namespace

std::array<double, kParts> mean_parts_ms(std::span<const ResultRequest> requests) {
  std::array<double, kParts> mean{};
  for (const ResultRequest& r : requests) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += to_ms(r.parts.parts[i]);
  }
  for (double& ms : mean) ms /= static_cast<double>(std::max<std::size_t>(requests.size(), 1));
  return mean;
}

Selection select_request(std::span<const ResultRequest> all, std::int64_t id) {
  const auto found = std::ranges::find(all, id, &ResultRequest::id);
  if (found == all.end()) {
    throw InputError(ErrorKind::usage,
                     Problem{.place = {fmt::format("--request {}", id)},
                             .message = "there is no answered request of this id",
                             .expected = "a request_id of requests.csv whose outcome is completed",
                             .got = fmt::format("{}", id)});
  }
  Selection selection{.title = fmt::format("request {}{}", id, found->warmup ? " of the warm-up" : ""),
                      .chosen = {*found},
                      .typical_title = {},
                      .typical = {}};
  add_typical(kE2e, ordered_by(kE2e, all), selection);
  return selection;
}

Selection select_slowest(std::span<const ResultRequest> all, std::size_t count) {
  const std::vector<ResultRequest> ordered = ordered_by(kE2e, all);
  count = std::min(count, ordered.size());
  Selection selection{.title = fmt::format("the {} slowest requests", count),
                      .chosen = {},
                      .typical_title = {},
                      .typical = {}};
  selection.chosen.assign(ordered.end() - static_cast<std::ptrdiff_t>(count), ordered.end());
  std::ranges::stable_sort(selection.chosen, std::ranges::greater{}, kE2e.of);
  add_typical(kE2e, ordered, selection);
  return selection;
}

Selection select_beyond(std::span<const ResultRequest> all, const std::string& key) {
  std::string_view rest = key;
  double percent = 0;
  if (!rest.starts_with('p')) refuse_key(key);
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), percent);
  if (error != std::errc{} || percent < 1 || percent > 99.9) refuse_key(key);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (!rest.starts_with('_')) refuse_key(key);
  rest.remove_prefix(1);
  if (rest.ends_with("_ms")) rest.remove_suffix(3);
  const auto metric = std::ranges::find(kMetrics, rest, &Metric::key);
  if (metric == kMetrics.end()) refuse_key(key);

  const std::vector<ResultRequest> ordered = ordered_by(*metric, all);
  const auto below = static_cast<std::size_t>(static_cast<double>(ordered.size()) * percent / 100);
  Selection selection;
  selection.chosen.assign(ordered.begin() + static_cast<std::ptrdiff_t>(std::min(below, ordered.size())),
                          ordered.end());
  std::ranges::reverse(selection.chosen);
  selection.title =
      fmt::format("the {} requests beyond p{:g} of {}", selection.chosen.size(), percent, metric->name);
  add_typical(*metric, ordered, selection);
  return selection;
}

}  // namespace blis
