#include "workloads/trace_stats.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "workloads/check_spec.h"
#include "workloads/key_counts.h"
#include "workloads/prefix_reuse.h"
#include "workloads/rate_history.h"
#include "workloads/trace_rows.h"

namespace blis {
namespace {

constexpr std::int32_t kUsualBlock = 16;  // tokens: vLLM's default, where a format has no blocks

class Gaps {
 public:
  void add(Time arrival) {
    if (count_++ == 0) {
      first_ = arrival;
    } else {
      const auto gap = static_cast<double>((arrival - last_).count()) * 1e-9;
      sum_squares_ += gap * gap;
      zero_ += arrival == last_ ? 1 : 0;
      longest_ = std::max(longest_, gap);
    }
    last_ = arrival;
    history_.add(arrival - first_);
    const std::int64_t second = since_start(arrival).count() / 1'000'000'000;
    if (second != second_) in_second_ = 0;
    second_ = second;
    peak_ = std::max(peak_, ++in_second_);
  }

  ArrivalSummary summary() const {
    ArrivalSummary s{.timed = count_, .longest_gap_s = longest_, .peak_per_second = peak_};
    if (count_ == 0) return s;
    s.window_s = Seconds(history_.width()).count();
    s.window_counts = history_.counts();
    if (count_ < 2) return s;
    const auto gaps = static_cast<double>(count_ - 1);
    s.span_s = static_cast<double>((last_ - first_).count()) * 1e-9;
    s.equal_gap_share = static_cast<double>(zero_) / gaps;
    if (s.span_s == 0) return s;
    s.request_rate = static_cast<double>(count_) / s.span_s;
    const double mean = s.span_s / gaps;
    s.gap_cv = std::sqrt(std::max(0.0, sum_squares_ / gaps - mean * mean)) / mean;
    return s;
  }

 private:
  Time first_{}, last_{};
  std::int64_t count_ = 0, zero_ = 0;
  double sum_squares_ = 0, longest_ = 0;
  RateHistory history_;
  std::int64_t second_ = -1, in_second_ = 0, peak_ = 0;
};

// Pearson's, in one pass without cancellation (Welford).
class Correlation {
 public:
  void add(double x, double y) {
    ++n_;
    const double dx = x - mean_x_;
    const double dy = y - mean_y_;
    mean_x_ += dx / n_;
    mean_y_ += dy / n_;
    xx_ += dx * (x - mean_x_);
    yy_ += dy * (y - mean_y_);
    xy_ += dx * (y - mean_y_);
  }
  double value() const { return xx_ > 0 && yy_ > 0 ? xy_ / std::sqrt(xx_ * yy_) : 0; }

 private:
  double n_ = 0, mean_x_ = 0, mean_y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
};

LogHistogram histogram_of(const LengthCounts& lengths) {
  LogHistogram histogram{};
  lengths.for_each([&](std::int64_t length, std::int64_t times) {
    const auto bin = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(length))) - 1;
    histogram[std::min(bin, histogram.size() - 1)] += times;
  });
  return histogram;
}

SessionSummary summary(const KeyCounts& sessions) {
  SessionSummary s{.sessions = sessions.size()};
  sessions.for_each_count([&](std::int64_t requests) {
    s.requests += requests;
    s.longest = std::max(s.longest, requests);
  });
  return s;
}

PrefixSummary summary(const PrefixReuse& reuse, const std::vector<std::int64_t>& capacities) {
  PrefixSummary s{.block_tokens = reuse.block_tokens(),
                  .infinite_cache = reuse.infinite_cache(),
                  .distinct_blocks = reuse.distinct_blocks()};
  for (std::size_t i = 0; i < capacities.size(); ++i)
    s.finite.push_back({capacities[i], reuse.finite_cache(i)});
  return s;
}

}  // namespace

TraceStats inspect_trace(const TraceSpec& spec, const InspectOptions& options) {
  check(spec);
  TraceRows rows(spec, 0, TraceRows::Times::optional);
  const std::int32_t block = rows.block_tokens() > 0 ? rows.block_tokens() : kUsualBlock;

  TraceStats stats{.format = std::string(rows.format())};
  LengthCounts input;
  LengthCounts output;
  Correlation correlation;
  Gaps gaps;
  PrefixReuse reuse(block, options.cache_tokens);
  KeyCounts sessions;

  Time arrival;
  while (const TraceRow* const row = rows.next(arrival)) {
    input.add(row->input_tokens);
    output.add(row->output_tokens);
    correlation.add(static_cast<double>(row->input_tokens), static_cast<double>(row->output_tokens));
    if (arrival != kUnset) gaps.add(arrival);
    if (row->session != 0) sessions.add(row->session);
    reuse.add(request_of(*row, spec, arrival));
    if (spec.limit && input.count() >= *spec.limit) break;
  }

  stats.requests = input.count();
  stats.input_tokens = input.summary();
  stats.output_tokens = output.summary();
  stats.length_correlation = correlation.value();
  stats.input_histogram = histogram_of(input);
  stats.output_histogram = histogram_of(output);
  stats.arrival = gaps.summary();
  if (sessions.size() > 0) stats.sessions = summary(sessions);
  if (reuse.any_shared_content()) stats.prefix_reuse = summary(reuse, options.cache_tokens);
  stats.warnings = rows.warnings();
  return stats;
}

}  // namespace blis
