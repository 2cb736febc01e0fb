// The rows of a trace after the options that are the same for every format: broken rows, order,
// slice, dither, time scale, arrivals of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workloads/arrivals.h"
#include "workloads/bad_row.h"
#include "workloads/random.h"
#include "workloads/reorder_buffer.h"
#include "workloads/session_order.h"
#include "workloads/stamp_resolution.h"
#include "workloads/trace_formats.h"
#include "workloads/trace_store.h"
#include "workloads/workload_spec.h"

namespace blis {

class TraceRows {
 public:
  // Whether a row without an arrival time is an error, or arrives at kUnset: then every row is met in its
  // place, whenever it would be sent. A `store` shares what is read with other runs.
  enum class Times : std::uint8_t { required, optional };
  TraceRows(const TraceSpec& spec, std::uint64_t seed, Times times = Times::required,
            TraceStore* store = nullptr);

  // The next row by arrival, and when it arrives, counted from the first; null at the end. Valid
  // until the next call. Throws InputError, also if there is no row at all.
  const TraceRow* next(Time& arrival);

  // The rows met so far that wait for another one of their chain, in the file's order, their waits at the
  // speed of the replay; each is given once. None without `closed_loop_sessions`: then they are rows
  // like any other.
  std::vector<TraceRow> take_follow_ups() { return std::exchange(apart_, {}); }
  FollowUps follow_ups() const { return keeps_apart_ ? trace_.reader->follow_ups() : FollowUps::none; }

  // Whether rows come in the order of their stamps rather than the file's.
  bool sorts() const { return sorts_; }
  std::string_view format() const { return trace_.format->name; }
  std::int32_t block_tokens() const { return trace_.reader->block_tokens(); }

  // The step of the clock, where it makes bursts that never were and no dither spreads them; complete
  // once `next` has returned null.
  std::optional<double> coarse_step_ms() const {
    return dither_ns_ > 0 || arrivals_ ? std::nullopt : resolution_.coarse_step_ms();
  }

  std::vector<std::string> warnings() const;

 private:
  Complaint no_rows() const;
  bool read(TraceRow& row);
  bool read_unless_bad(TraceRow& row);
  Duration scaled(Duration t) const;  // of the trace, at the speed of the replay
  void read_all();
  const TraceRow* next_in_order();
  const TraceRow* next_in_slice();
  const TraceRow* next_dithered();

  TraceSpec spec_;
  OpenedTrace trace_;
  Times times_;
  std::optional<SessionOrder> order_;  // with `closed_loop_sessions`, if some row can wait
  bool keeps_apart_;
  bool sorts_;
  double dither_ns_;
  Duration start_, end_;  // on the trace's clock, from its first row
  std::optional<Arrivals> arrivals_;
  RandomStream random_;
  ReorderBuffer buffer_;

  TraceRow row_;
  std::vector<TraceRow> sorted_, apart_;
  std::size_t next_sorted_ = 0;
  std::optional<Duration> trace_start_, first_, last_stamp_;
  bool any_row_ = false, any_stamp_ = false;
  std::int64_t bad_rows_ = 0;
  std::string first_bad_row_;
  StampResolution resolution_;
};

// The request that a row asks for.
RequestSpec request_of(const TraceRow& row, const TraceSpec& spec, Time arrival);

}  // namespace blis
