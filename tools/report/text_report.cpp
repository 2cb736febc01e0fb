// What `blis run` prints: the answer, the block that `vllm bench serve` prints, so that what reads the one
// reads the other, and why.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "sim/attribution.h"
#include "sim/utf8.h"
#include "tools/output/text_chart.h"
#include "tools/report/client_figures.h"
#include "tools/report/documents.h"
#include "tools/report/endpoints.h"
#include "tools/report/headline.h"
#include "tools/report/replicas.h"
#include "tools/report/scaling.h"
#include "tools/report/series.h"
#include "tools/report/vllm_block.h"

namespace blis {
namespace {

class Block {
 public:
  void rule(std::string_view title) {
    fmt::format_to(std::back_inserter(text_), "{:=^{}}\n", title, kBlockWidth);
  }
  void heading(std::string_view title) {
    fmt::format_to(std::back_inserter(text_), "{:-^{}}\n", title, kBlockWidth);
  }
  void line(std::string_view label, std::string_view value) {
    fmt::format_to(std::back_inserter(text_), "{:<40} {:<10}\n", label, value);
  }
  void line(std::string_view label, std::int64_t value) {
    fmt::format_to(std::back_inserter(text_), "{:<40} {:<10}\n", label, value);
  }
  // What has no value, as the time between the tokens of answers of one token, is not available.
  void line(std::string_view label, double value) {
    if (std::isnan(value)) return line(label, std::string_view("n/a"));
    fmt::format_to(std::back_inserter(text_), "{:<40} {:<10.2f}\n", label, value);
  }
  void raw(std::string_view text) { text_.append(text).append("\n"); }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

void statistics(Block& block, std::string_view title, std::string_view name, const Stats& s) {
  block.heading(title);
  block.line(fmt::format("Mean {} (ms):", name), s.mean);
  block.line(fmt::format("Median {} (ms):", name), s.median);
  block.line(fmt::format("P90 {} (ms):", name), s.p90);
  block.line(fmt::format("P95 {} (ms):", name), s.p95);
  block.line(fmt::format("P99 {} (ms):", name), s.p99);
}

void attribution(Block& block, const RunReport& report) {
  const AttributionSummary summary =
      summarize_attribution(report.run, report.options(), report.metrics.e2el.p99);
  if (summary.all.requests == 0) return;
  block.heading("Where the Time Goes (ms)");
  block.line("", "mean       tail");
  for (const Part part : kAllParts) {
    const auto i = static_cast<std::size_t>(part);
    if (summary.all.ms[i] == 0) continue;
    std::string name(to_string(part));
    std::ranges::replace(name, '_', ' ');
    block.line("  " + name + ":", fmt::format("{:<10.2f} {:.2f}", summary.all.ms[i], summary.tail.ms[i]));
  }
}

// A line each: what the run looked like from its first to its last instant.
void charts(Block& block, const RunReport& report, std::size_t width) {
  const TimeSeries series = time_series(report.run, report.folded);
  if (series.bins.empty()) return;
  struct Chart {
    const char* name;
    double TimeSeries::Bin::*field;
    double scale;
    const char* unit;
  };
  constexpr Chart kCharts[] = {{"running", &TimeSeries::Bin::running, 1, ""},
                               {"waiting", &TimeSeries::Bin::waiting, 1, ""},
                               {"KV cache", &TimeSeries::Bin::kv_usage, 100, " %"},
                               {"prefill tokens", &TimeSeries::Bin::prefill_tokens, 0, "/s"},
                               {"decode tokens", &TimeSeries::Bin::decode_tokens, 0, "/s"}};
  block.heading("Over Time (0 to peak)");
  const double seconds = Seconds(series.width).count();
  for (const Chart& chart : kCharts) {
    std::vector<double> columns(std::min(width, series.bins.size()), 0.0), bins(columns.size(), 0.0);
    for (std::size_t i = 0; i < series.bins.size(); ++i) {
      const std::size_t column = i * columns.size() / series.bins.size();
      columns[column] += series.bins[i].*chart.field;
      ++bins[column];
    }
    double peak = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i] *= (chart.scale > 0 ? chart.scale : 1 / seconds) / bins[i];
      peak = std::max(peak, columns[i]);
    }
    block.raw(fmt::format("{:<15} {} {}{}", chart.name, sparkline(columns, Glyphs::unicode), rounded(peak),
                          chart.unit));
  }
}

std::string largest_shares(const ByPart<double>& shares) {
  auto rows = kCostParts;
  std::ranges::stable_sort(rows, std::greater{}, [&](const CostPartRow& row) { return shares[row.part]; });
  std::string text;
  for (const auto& [part, name, within] : rows) {
    if (shares[part] < 0.005) break;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {:.0f}%", name, 100 * shares[part]);
  }
  return text;
}

void client(Block& block, std::string_view title, const Metrics& m) {
  block.heading(title);
  block.line("Successful requests:", m.completed);
  if (m.failed > 0) block.line("Failed requests:", m.failed);
  block.line("Median TTFT (ms):", m.ttft.median);
  block.line("P99 TTFT (ms):", m.ttft.p99);
  block.line("P99 TPOT (ms):", m.tpot.p99);
  block.line("P99 E2EL (ms):", m.e2el.p99);
  if (m.attainment) block.line("Within the goodput limits (%):", 100 * *m.attainment);
}

// What `vllm bench serve` prints, and the outcomes of requests that have no full answer.
void vllm_block(Block& block, const Metrics& m) {
  block.rule(" Simulated Serving Result ");
  block.line("Successful requests:", m.completed);
  block.line("Failed requests:", m.failed);
  for (int i = 0; i < kOutcomes; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    const std::int64_t count = m.outcomes[static_cast<std::size_t>(i)];
    if (count > 0 && outcome != Outcome::completed)
      block.line(fmt::format("  {}:", to_string(outcome)), count);
  }
  block.line("Benchmark duration (s):", m.duration_s);
  block.line("Total input tokens:", m.total_input_tokens);
  block.line("Total generated tokens:", m.total_output_tokens);
  block.line("Request throughput (req/s):", m.request_throughput);
  if (m.request_goodput) block.line("Request goodput (req/s):", *m.request_goodput);
  block.line("Output token throughput (tok/s):", m.output_throughput);
  block.line("Peak concurrent requests:", m.max_concurrent_requests);
  block.line("Total token throughput (tok/s):", m.total_token_throughput);
  statistics(block, "Time to First Token", "TTFT", m.ttft);
  statistics(block, "Time per Output Token (excl. 1st token)", "TPOT", m.tpot);
  statistics(block, "Inter-token Latency", "ITL", m.itl);
  statistics(block, "End-to-end Latency", "E2EL", m.e2el);
}

void replicas(Block& block, const RunReport& report) {
  const std::vector<ReplicaFigures> all = replica_figures(report);
  if (all.empty()) return;
  block.heading("Replicas");
  std::string table = replicas_text(all);
  table.pop_back();
  block.raw(table);
  for (const Imbalance& pool : imbalances(all)) {
    const std::string of = pool.pool.empty() ? "" : printable(pool.pool) + ", ";
    block.line(fmt::format("Imbalance ({}load, most / mean):", of), pool.load);
  }
}

// Of the endpoint that got the least, of one in the mean, and of the one that got most.
std::string spread(std::span<const EndpointFigures> pool, std::int64_t EndpointFigures::*field) {
  std::int64_t least = pool[0].*field, most = least, sum = 0;
  for (const EndpointFigures& endpoint : pool) {
    least = std::min(least, endpoint.*field);
    most = std::max(most, endpoint.*field);
    sum += endpoint.*field;
  }
  return fmt::format("{} / {:.1f} / {}", least, static_cast<double>(sum) / static_cast<double>(pool.size()),
                     most);
}

void endpoints(Block& block, const RunReport& report) {
  const std::vector<EndpointFigures> all = endpoint_figures(report);
  if (all.empty()) return;
  block.heading("Endpoints");
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end =
        std::find_if(begin, all.end(), [&](const EndpointFigures& e) { return e.pool != begin->pool; });
    const std::span<const EndpointFigures> pool(begin, end);
    const std::string of = pool[0].pool.empty() ? "" : fmt::format(" ({})", printable(pool[0].pool));
    block.line(fmt::format("Data-parallel ranks{}:", of), std::ssize(pool) * pool[0].ranks);
    if (pool[0].ranks > 1) block.line("Ranks of an endpoint:", std::int64_t{pool[0].ranks});
    block.line("Requests, least / mean / most:", spread(pool, &EndpointFigures::requests));
    block.line("Input tokens, least / mean / most:", spread(pool, &EndpointFigures::total_input_tokens));
    block.line("Output tokens, least / mean / most:", spread(pool, &EndpointFigures::total_output_tokens));
    begin = end;
  }
}

void engine(Block& block, const RunReport& report) {
  const Metrics& m = report.metrics;
  block.heading("Engine");
  block.line("Model:", printable(report.model));
  block.line("Steps:", m.steps);
  block.line("Sequences in a step, mean / peak:", fmt::format("{:.2f} / {}", m.batch_mean, m.batch_peak));
  block.line("KV blocks:", m.kv_blocks);
  block.line("KV cache usage mean / peak (%):",
             fmt::format("{:.2f} / {:.2f}", 100 * m.kv_usage_mean, 100 * m.kv_usage_peak));
  block.line("Prefix cache hit rate (%):", 100 * m.prefix_hit_rate);
  if (m.external_prefix_hit_rate)
    block.line("External prefix cache hit rate (%):", 100 * *m.external_prefix_hit_rate);
  block.line("Preemptions:", m.preemptions);
  block.line("Step time bound by:", largest_shares(m.bound_by));
  for (const auto& [what, value] : autoscaling_lines(report)) block.line(what, value);
  if (const auto cost = usd_per_million_output_tokens(report))
    block.line("Cost (USD / 1M output tokens):", *cost);
}

// Where the latencies come from.
void why(Block& block, const RunReport& report) {
  statistics(block, "Queue Time", "queue time", report.metrics.queue);
  attribution(block, report);
  engine(block, report);
  replicas(block, report);
  endpoints(block, report);
  for (std::size_t i = 0; i < report.clients.size(); ++i)
    client(block, "Client " + printable(client_title(report, i)), report.clients[i]);
}

}  // namespace

std::string to_text(const RunReport& report, const TextStyle& style) {
  Block block;
  vllm_block(block, report.metrics);
  why(block, report);
  if (style.chart_width > 0) charts(block, report, style.chart_width);
  block.rule("");
  return headline_text(headline(report), style.colour) + std::move(block).take();
}

}  // namespace blis
