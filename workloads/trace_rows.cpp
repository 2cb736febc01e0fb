#include "workloads/trace_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// No dither moves it beyond the clock.
constexpr Duration kLastDithered{std::int64_t{1} << 62};

// "250 ms", "1800 s".
std::string readable(Duration t) {
  return t < std::chrono::seconds{10} ? fmt::format("{:g} ms", to_ms(t))
                                      : fmt::format("{:.7g} s", Seconds{t}.count());
}

Duration from_seconds(double s) {
  return to_duration(Seconds{s});
}

OpenedTrace opened(const TraceSpec& spec, std::uint64_t seed, TraceStore* store) {
  const ReaderOptions options{.seed = seed,
                              .tokens_per_image = spec.tokens_per_image,
                              .chars_per_token = spec.chars_per_token,
                              .encodes_items = spec.encodes_items,
                              .grammars = spec.grammars,
                              .adapters = spec.adapters,
                              .log = spec.log};
  return store == nullptr ? open_trace(spec.path, spec.format, options)
                          : store->open(spec.path, spec.format, options);
}

}  // namespace

TraceRows::TraceRows(const TraceSpec& spec, std::uint64_t seed, Times times, TraceStore* store)
    : spec_(spec),
      trace_(opened(spec, seed, store)),
      times_(times),
      keeps_apart_(times == Times::required && spec.closed_loop_sessions &&
                   trace_.reader->follow_ups() != FollowUps::none),
      sorts_(spec.sort || (!spec.arrival && trace_.format->order == RowOrder::completion)),
      dither_ns_(spec.arrival ? 0 : spec.dither_ms * 1e6),
      start_(from_seconds(spec.start_s)),
      end_(spec.end_s ? from_seconds(*spec.end_s) : Duration::max()),
      random_(random_stream(seed, "dither")) {
  if (spec.arrival) arrivals_.emplace(*spec.arrival, seed, 0, spec.limit, std::nullopt);
  const FollowUps follow_ups = trace_.reader->follow_ups();
  if (spec.closed_loop_sessions && follow_ups != FollowUps::none && follow_ups != FollowUps::graph) {
    order_.emplace(follow_ups);
  }
  if (sorts_) read_all();
}

const TraceRow* TraceRows::next(Time& arrival) {
  const TraceRow* row = dither_ns_ > 0 ? next_dithered() : next_in_slice();
  if (row == nullptr) {
    if (!any_row_) fail_file({.file = display_name(spec_.path)}, no_rows());
    return nullptr;
  }
  any_row_ = true;
  if (arrivals_) {
    const double s = arrivals_->next();
    if (!std::isfinite(s)) return nullptr;
    arrival = Time{from_seconds(s)};
  } else {
    arrival = row->stamp ? Time{scaled(*row->stamp - *first_)} : kUnset;
  }
  return row;
}

Complaint TraceRows::no_rows() const {
  if (trace_start_) return {.message = "no row of this trace lies between `start_s` and `end_s`"};
  return {.message = "there are no requests in this trace",
          .hint = bad_rows_ > 0 ? "the first broken row: " + first_bad_row_ : std::string()};
}

Duration TraceRows::scaled(Duration t) const {
  if (spec_.time_scale == 1) return t;
  const double ns = static_cast<double>(t.count()) / spec_.time_scale;
  if (!(std::abs(ns) < 0x1p62)) {
    fail_file(trace_.reader->place(),
              {.message = fmt::format("with `time_scale` {:g} this row comes after {:g} years",
                                      spec_.time_scale, ns / 1e9 / 3600 / 24 / 365),
               .expected = "less than 146 years"});
  }
  return Duration{std::llround(ns)};
}

// The next readable row of the file; broken ones stop the run or are counted.
bool TraceRows::read_unless_bad(TraceRow& row) {
  for (;;) {
    row.clear();
    try {
      if (!trace_.reader->next(row)) return false;
      if (spec_.output_tokens) row.output_tokens = *spec_.output_tokens;
      if (order_) order_->add(row, *trace_.reader);
      return true;
    } catch (const BadRow& bad) {
      if (!spec_.skip_bad_rows) throw;
      if (bad_rows_++ == 0) first_bad_row_ = to_string(bad.problems().front());
    }
  }
}

bool TraceRows::read(TraceRow& row) {
  while (read_unless_bad(row)) {
    if (row.output_tokens == 0) {
      fail_file(trace_.reader->place(), {.message = "this row does not say how long its answer is",
                                         .hint = "give `workload.output_tokens`"});
    }
    if (row.wait && keeps_apart_) {
      row.wait = scaled(*row.wait);
      apart_.push_back(row);
      continue;
    }
    if (row.stamp || arrivals_ || times_ == Times::optional) return true;
    if (row.wait) {
      fail_file(trace_.reader->place(),
                {.message = "this row has no time stamp, only a wait after the row before it",
                 .hint = "leave `closed_loop_sessions` on"});
    }
    std::string hint = trace_.reader->hint_without_times();
    if (hint.empty()) hint = "give `arrival: {process: poisson, request_rate: ...}` (--request-rate)";
    fail_file(trace_.reader->place(),
              {.message = "this trace has no arrival times", .hint = std::move(hint)});
  }
  return false;
}

void TraceRows::read_all() {
  while (read(row_)) sorted_.push_back(row_);
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const TraceRow& a, const TraceRow& b) { return a.stamp < b.stamp; });
}

const TraceRow* TraceRows::next_in_order() {
  if (sorts_) return next_sorted_ < sorted_.size() ? &sorted_[next_sorted_++] : nullptr;
  if (!read(row_)) return nullptr;
  if (last_stamp_ && row_.stamp && *row_.stamp < *last_stamp_ && !arrivals_) {
    std::string hint = trace_.reader->hint_about_order();
    if (!hint.empty()) hint += "; ";
    fail_file(trace_.reader->place(),
              {.message = fmt::format("time goes back: this row is {} before the one above it",
                                      readable(*last_stamp_ - *row_.stamp)),
               .expected = "rows in the order of their time stamps",
               .hint = hint + "`sort: true` (--sort) puts them in order, holding all rows in memory"});
  }
  if (row_.stamp) last_stamp_ = row_.stamp;
  return &row_;
}

// The next row between start_s and end_s.
const TraceRow* TraceRows::next_in_slice() {
  while (const TraceRow* row = next_in_order()) {
    if (!row->stamp) {
      if (spec_.start_s > 0 || spec_.end_s) {
        fail_file(trace_.reader->place(),
                  {.message = "`start_s` and `end_s` need arrival times, which this trace has not"});
      }
      return row;
    }
    any_stamp_ = true;
    if (!trace_start_) trace_start_ = *row->stamp;
    const Duration t = *row->stamp - *trace_start_;
    if (t < start_) continue;
    if (t >= end_) return nullptr;
    if (!first_) first_ = *row->stamp;
    resolution_.add(*row->stamp);
    return row;
  }
  return nullptr;
}

// The same with a random time added to each stamp, in the new order. A row can leave the buffer once
// no later row can come before it.
const TraceRow* TraceRows::next_dithered() {
  while (!buffer_.ready()) {
    const TraceRow* row = next_in_slice();
    if (row == nullptr) {
      buffer_.finish();
      break;
    }
    if (!row->stamp) {
      fail_file(trace_.reader->place(),
                {.message = "`dither_ms` needs arrival times, which this trace has not"});
    }
    const Duration stamp = *row->stamp;
    if (stamp > kLastDithered) {
      fail_file(trace_.reader->place(), {.message = "`dither_ms` cannot move a row that is this late",
                                         .expected = "time stamps below 2^62 nanoseconds, or 146 years"});
    }
    buffer_.advance(stamp);
    buffer_.push(*row, stamp + Duration{static_cast<Duration::rep>(dither_ns_ * unit_uniform(random_))});
  }
  return buffer_.pop();
}

std::vector<std::string> TraceRows::warnings() const {
  std::vector<std::string> all = trace_.reader->warnings();
  if (bad_rows_ > 0) {
    all.push_back(fmt::format(
        "{} skipped; the first: {}",
        bad_rows_ == 1 ? "1 broken row was" : fmt::format("{} broken rows were", bad_rows_), first_bad_row_));
  }
  if (arrivals_ && any_stamp_) {
    all.emplace_back("the trace's own arrival times are not used: `arrival` replaces them");
  } else if (dither_ns_ > 0) {
    all.push_back(
        fmt::format("arrivals are spread: each came up to {:g} ms after its time stamp", spec_.dither_ms));
  } else if (auto coarse = resolution_.warning()) {
    all.push_back(std::move(*coarse));
  }
  return all;
}

RequestSpec request_of(const TraceRow& row, const TraceSpec& spec, Time arrival) {
  return {.arrival = arrival,
          .prompt_tokens = static_cast<std::int32_t>(row.input_tokens),
          .output_tokens = static_cast<std::int32_t>(row.output_tokens),
          .priority = row.priority != 0 ? row.priority : spec.priority,
          .prompt = row.prompt,
          .output_content = row.output_content,
          .cache_salt = row.cache_salt,
          .skip_cache_read = row.prompt_logprobs,
          .session = row.session,
          .timeout = spec.timeout_s ? from_seconds(*spec.timeout_s) : row.timeout.value_or(Duration{0}),
          .adapter = row.adapter,
          .structured_output = row.structured_output,
          .items = row.items};
}

}  // namespace blis
