#include "tools/study/compare/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "blis/error.hpp"
#include "sim/nearest_name.h"
#include "tools/simulate/flat_figures.h"

namespace blis {
namespace {

double usd_per_hour(const Measured& m) {
  return m.usd_per_hour.value_or(kNoFigure);
}

// US dollars for a million tokens at this many tokens a second.
double usd_per_million(const Measured& m, double tokens_per_s) {
  return tokens_per_s > 0 ? usd_per_hour(m) / 3600 / tokens_per_s * 1e6 : kNoFigure;
}

template <CostPart kPart>
double bound_share(const Measured& m) {
  return m.metrics.bound_by[kPart];
}

struct AddedFigure {
  std::string_view key;
  Better better;
  bool latency;
  double (*of)(const Measured&);
};
constexpr AddedFigure kAdded[] = {
    {"goodput_attainment", Better::more, true,
     [](const Measured& m) { return m.metrics.attainment.value_or(kNoFigure); }},
    {"failed_share", Better::less, false,
     [](const Measured& m) {
       return static_cast<double>(m.metrics.failed) / static_cast<double>(m.metrics.measured);
     }},
    {"gave_up_share", Better::less, false, [](const Measured& m) { return m.gave_up_share; }},
    {"offered_request_rate", Better::more, false,
     [](const Measured& m) { return m.saturation.offered_requests; }},
    {"gpus", Better::less, false, [](const Measured& m) { return m.gpus; }},
    {"usd_per_hour", Better::less, false, usd_per_hour},
    {"usd_per_million_output_tokens", Better::less, false,
     [](const Measured& m) { return usd_per_million(m, m.metrics.output_throughput); }},
    {"usd_per_million_tokens", Better::less, false,
     [](const Measured& m) { return usd_per_million(m, m.metrics.total_token_throughput); }},
    {"output_throughput_per_gpu", Better::more, false,
     [](const Measured& m) { return m.metrics.output_throughput / m.gpus; }},
    {"serving_load", Better::neither, false, [](const Measured& m) { return m.load; }},
    {"kv_usage_mean", Better::less, false, [](const Measured& m) { return m.metrics.kv_usage_mean; }},
    {"kv_usage_peak", Better::less, false, [](const Measured& m) { return m.metrics.kv_usage_peak; }},
    {"kv_blocks", Better::neither, false,
     [](const Measured& m) { return static_cast<double>(m.metrics.kv_blocks); }},
    {"prefix_hit_rate", Better::more, false, [](const Measured& m) { return m.metrics.prefix_hit_rate; }},
    {"external_prefix_hit_rate", Better::more, false,
     [](const Measured& m) { return m.metrics.external_prefix_hit_rate.value_or(kNoFigure); }},
    {"preemptions", Better::less, false,
     [](const Measured& m) { return static_cast<double>(m.metrics.preemptions); }},
    {"batch_mean", Better::neither, false, [](const Measured& m) { return m.metrics.batch_mean; }},
    {"batch_peak", Better::neither, false,
     [](const Measured& m) { return static_cast<double>(m.metrics.batch_peak); }},
    {"steps", Better::neither, false, [](const Measured& m) { return static_cast<double>(m.metrics.steps); }},
};

constexpr std::string_view kMetrics[] = {"ttft_ms", "tpot_ms", "itl_ms", "e2el_ms", "queue_ms"};

bool is_latency(std::string_view key) {
  return std::ranges::any_of(kMetrics, [&](std::string_view metric) { return key.ends_with(metric); });
}

Better better_of(std::string_view flat_key) {
  if (is_latency(flat_key)) return Better::less;
  if (flat_key.ends_with("throughput") || flat_key == "request_goodput") return Better::more;
  return flat_key == "failed" ? Better::less : Better::neither;
}

std::vector<FigureKind> all_kinds() {
  std::vector<FigureKind> kinds;
  for (const Figure& figure : flat_figures(Metrics{})) {
    kinds.push_back({figure.key, better_of(figure.key), is_latency(figure.key), nullptr});
  }
  for (const AddedFigure& added : kAdded) {
    kinds.push_back({std::string(added.key), added.better, added.latency, added.of});
  }
  for_each_cost_part([&]<CostPart kPart>() {
    kinds.push_back(
        {fmt::format("bound_by_{}", to_string(kPart)), Better::neither, false, bound_share<kPart>});
  });
  return kinds;
}

}  // namespace

std::span<const FigureKind> figure_kinds() {
  static const std::vector<FigureKind> kinds = all_kinds();
  return kinds;
}

std::vector<double> figures_of(const Measured& measured) {
  std::vector<double> values;
  values.reserve(figure_kinds().size());
  for (const Figure& figure : flat_figures(measured.metrics)) {
    values.push_back(std::visit([](auto value) { return static_cast<double>(value); }, figure.value));
  }
  for (std::size_t i = values.size(); i < figure_kinds().size(); ++i) {
    values.push_back(figure_kinds()[i].of(measured));
  }
  return values;
}

std::size_t figure_index(std::string_view key, const std::string& place) {
  const auto found = std::ranges::find(figure_kinds(), key, &FigureKind::key);
  if (found != figure_kinds().end()) return static_cast<std::size_t>(found - figure_kinds().begin());
  std::vector<std::string> names;
  for (const FigureKind& kind : figure_kinds()) names.push_back(kind.key);
  throw InputError(ErrorKind::usage,
                   {.place = {place},
                    .message = fmt::format("there is no figure `{}`", key),
                    .expected = "p99_ttft_ms, output_throughput, gpus, usd_per_million_output_tokens, ...; "
                                "docs/compare.md has the list",
                    .got = std::string(key),
                    .hint = did_you_mean(key, names)});
}

std::size_t figure_index(std::string_view key) {
  const auto found = std::ranges::find(figure_kinds(), key, &FigureKind::key);
  assert(found != figure_kinds().end() && "a key of the program's own");
  return static_cast<std::size_t>(found - figure_kinds().begin());
}

}  // namespace blis
