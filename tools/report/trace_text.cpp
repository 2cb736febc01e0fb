#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "tools/report/trace_report.h"

namespace blis {
namespace {

constexpr std::size_t kNarrowest = 60;
constexpr std::size_t kWidest = 120;

class Page {
 public:
  Page(std::size_t width, Glyphs glyphs) : width_(std::clamp(width, kNarrowest, kWidest)), glyphs_(glyphs) {}

  std::size_t width() const { return width_; }
  Glyphs glyphs() const { return glyphs_; }
  void heading(std::string_view text) { add("\n{}\n", text); }
  void line(std::string_view text) { add("  {}\n", text); }
  void fact(std::string_view label, const std::string& text) { add("  {:<14}{}\n", label, text); }
  std::string take() && { return std::move(text_); }

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

 private:
  std::size_t width_;
  Glyphs glyphs_;
  std::string text_;
};

// The windows as requests per second, at most `columns` of them.
std::vector<double> rates(const ArrivalSummary& a, std::size_t columns, double& column_s) {
  const std::size_t windows = a.window_counts.size();
  const std::size_t together = (windows + columns - 1) / columns;
  column_s = a.window_s * static_cast<double>(together);
  std::vector<double> result;
  for (std::size_t i = 0; i < windows; i += together) {
    const std::size_t end = std::min(windows, i + together);
    std::int64_t count = 0;
    for (std::size_t w = i; w < end; ++w) count += a.window_counts[w];
    result.push_back(static_cast<double>(count) / column_s);
  }
  return result;
}

std::string requests(std::int64_t count) {
  return with_separators(count) + (count == 1 ? " request" : " requests");
}

void arrivals(Page& page, const TraceStats& stats) {
  const ArrivalSummary& a = stats.arrival;
  page.heading("Arrivals");
  if (a.timed == 0) return page.line("this trace has no arrival times");
  if (a.timed < stats.requests) {
    page.line(fmt::format("{} of {} requests have a time; the others wait for an answer",
                          with_separators(a.timed), with_separators(stats.requests)));
  }
  if (a.span_s == 0) return page.line(requests(a.timed) + " at one instant");
  page.fact("rate", fmt::format("{} requests/s over {}, at most {} in one second", rounded(a.request_rate),
                                readable_seconds(a.span_s), with_separators(a.peak_per_second)));
  std::string gaps = fmt::format("CV {:.2f} (Poisson: 1, burstier: more), the longest {}", a.gap_cv,
                                 readable_seconds(a.longest_gap_s));
  if (a.equal_gap_share > 0) gaps += fmt::format(", {} are 0", percent(a.equal_gap_share));
  page.fact("gaps", gaps);
  double column_s = 0;
  const std::vector<double> by_time = rates(a, page.width() - 4, column_s);
  page.line(sparkline(by_time, page.glyphs()));
  page.line(fmt::format("up to {} requests/s; a column is {}", rounded(*std::ranges::max_element(by_time)),
                        readable_seconds(column_s)));
}

void lengths(Page& page, const TraceStats& stats) {
  const bool timed = stats.arrival.request_rate > 0;
  page.add("\n{:<10}{:>9}{:>9}{:>8}{:>8}{:>8}{:>8}{:>8}{}\n", "Tokens", "mean", "stddev", "min", "p50", "p90",
           "p99", "max", timed && page.width() >= 80 ? "  a second" : "");
  const auto row = [&](std::string_view name, const LengthSummary& s) {
    const auto whole = [](double tokens) { return with_separators(std::llround(tokens)); };
    page.add("  {:<8}{:>9}{:>9}{:>8}{:>8}{:>8}{:>8}{:>8}", name, whole(s.mean), whole(s.stddev),
             whole(static_cast<double>(s.min)), whole(s.p50), whole(s.p90), whole(s.p99),
             whole(static_cast<double>(s.max)));
    if (timed && page.width() >= 80) page.add("{:>10}", rounded(s.mean * stats.arrival.request_rate));
    page.add("\n");
  };
  row("input", stats.input_tokens);
  row("output", stats.output_tokens);
  const double correlation = std::round(100 * stats.length_correlation) / 100 + 0.0;  // no "-0.00"
  page.line(fmt::format("correlation of input with output: {:.2f}", correlation));
}

// Powers of two, shortened: 512, 1k, 64k, 1M.
std::string short_power(std::size_t exponent) {
  if (exponent >= 20) return fmt::format("{}M", 1 << (exponent - 20));
  if (exponent >= 10) return fmt::format("{}k", 1 << (exponent - 10));
  return std::to_string(1 << exponent);
}

void histogram(Page& page, const TraceStats& stats) {
  const LogHistogram& in = stats.input_histogram;
  const LogHistogram& out = stats.output_histogram;
  std::size_t first = in.size();
  std::size_t last = 0;
  std::int64_t most = 1;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] + out[i] == 0) continue;
    first = std::min(first, i);
    last = i;
    most = std::max({most, in[i], out[i]});
  }
  constexpr std::size_t kLabel = 14;
  constexpr std::size_t kPercent = 8;
  const std::size_t bar_width = (page.width() - kLabel) / 2 - kPercent - 1;
  page.add("\n  {:<{}}{:<{}}{}\n", "tokens", kLabel - 2, "input", bar_width + kPercent + 1, "output");
  const auto cell = [&](std::int64_t count) {
    if (count == 0) return std::string();
    const double share = static_cast<double>(count) / static_cast<double>(stats.requests);
    return fmt::format("{} {}",
                       bar(static_cast<double>(count) / static_cast<double>(most), bar_width, page.glyphs()),
                       percent(share));
  };
  for (std::size_t i = first; i <= last; ++i) {
    const std::string label = fmt::format("{:>4} - {}", short_power(i), short_power(i + 1));
    std::string line =
        padded("  " + label, kLabel) + padded(cell(in[i]), bar_width + kPercent + 1) + cell(out[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    page.add("{}\n", line);
  }
}

void sessions(Page& page, const TraceStats& stats) {
  if (!stats.sessions) return;
  const SessionSummary& s = *stats.sessions;
  page.heading("Sessions");
  page.line(fmt::format("{} of {} requests, {} each, the longest {}", with_separators(s.sessions),
                        with_separators(s.requests),
                        rounded(static_cast<double>(s.requests) / static_cast<double>(s.sessions)),
                        with_separators(s.longest)));
}

void prefix_reuse(Page& page, const TraceStats& stats) {
  if (!stats.prefix_reuse) return;
  const PrefixSummary& p = *stats.prefix_reuse;
  page.heading(fmt::format("Prefix reuse: blocks of {} tokens that were sent before", p.block_tokens));
  const auto row = [&](const std::string& cache, double share) {
    constexpr std::size_t kLabel = 30;
    page.line(fmt::format("{:<{}}{:>7}  {}", cache, kLabel, percent(share),
                          bar(share, page.width() - kLabel - 12, page.glyphs())));
  };
  row("an infinite cache holds", p.infinite_cache);
  for (const FiniteCache& cache : p.finite)
    row(fmt::format("{} tokens, LRU", with_separators(cache.tokens)), cache.hit_share);
  page.line(fmt::format("{} distinct blocks", with_separators(p.distinct_blocks)));
}

}  // namespace

std::string to_text(const TraceStats& stats, const std::string& name, std::size_t width, Glyphs glyphs) {
  Page page(width, glyphs);
  page.add("{}: {}, format {}\n", name, requests(stats.requests), stats.format);
  arrivals(page, stats);
  lengths(page, stats);
  histogram(page, stats);
  sessions(page, stats);
  prefix_reuse(page, stats);
  return std::move(page).take();
}

}  // namespace blis
