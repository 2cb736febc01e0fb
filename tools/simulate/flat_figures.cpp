#include "tools/simulate/flat_figures.h"

#include <limits>
#include <string_view>

namespace blis {
namespace {

void append(std::vector<Figure>& figures, std::string_view metric, const Stats& s) {
  const std::pair<std::string_view, double> statistics[] = {
      {"mean_", s.mean}, {"median_", s.median}, {"std_", s.std}, {"min_", s.min},
      {"max_", s.max},   {"p90_", s.p90},       {"p95_", s.p95}, {"p99_", s.p99},
  };
  for (const auto& [name, value] : statistics) figures.push_back({std::string(name).append(metric), value});
}

}  // namespace

std::vector<Figure> flat_figures(const Metrics& m) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<Figure> figures = {
      {"completed", m.completed},
      {"failed", m.failed},
      {"duration", m.duration_s},
      {"total_input_tokens", m.total_input_tokens},
      {"total_output_tokens", m.total_output_tokens},
      {"request_throughput", m.request_throughput},
      {"request_goodput", m.request_goodput.value_or(kNone)},
      {"output_throughput", m.output_throughput},
      {"total_token_throughput", m.total_token_throughput},
      {"max_concurrent_requests", m.max_concurrent_requests},
  };
  append(figures, "ttft_ms", m.ttft);
  append(figures, "tpot_ms", m.tpot);
  append(figures, "itl_ms", m.itl);
  append(figures, "e2el_ms", m.e2el);
  append(figures, "queue_ms", m.queue);
  return figures;
}

void write_figures(JsonWriter& json, const std::vector<Figure>& figures) {
  for (const Figure& figure : figures) {
    json.key(figure.key);
    std::visit([&](auto value) { json.value(value); }, figure.value);
  }
}

}  // namespace blis
