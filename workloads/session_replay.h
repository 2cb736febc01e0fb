// A trace whose later rows wait for earlier ones to be answered: sessions and agents' chains of calls.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "workloads/due_queue.h"
#include "workloads/trace_rows.h"
#include "workloads/workload.h"

namespace blis {

// A row with a `wait` is sent that long after the row before it in its session ended well; a session
// in which a request fails ends there. Held are the rows of sessions that are not over, or the whole
// trace where they can lie anywhere in it.
class SessionReplay : public WorkloadSource {
 public:
  SessionReplay(const TraceSpec& spec, std::unique_ptr<TraceRows> rows);

  bool next(RequestSpec& out) override;
  std::optional<std::uint64_t> expected() const override;
  bool has_feedback() const override { return true; }
  Time next_arrival() const override;
  void on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) override;
  std::vector<std::string> warnings() const override;

 private:
  using Session = std::uint64_t;

  void read_opening();  // the next row that waits for nobody
  bool at_limit() const { return spec_.limit && handed_out_ >= *spec_.limit; }

  TraceSpec spec_;
  std::unique_ptr<TraceRows> rows_;
  std::deque<std::pair<Time, TraceRow>> openings_;
  std::unordered_map<Session, std::deque<TraceRow>> waiting_;  // what is left of each session
  DueQueue<Session> due_;
  std::unordered_map<RequestIndex, Session> in_flight_;
  TraceRow row_;  // the one handed out last
  std::int64_t handed_out_ = 0;
  std::int64_t never_sent_ = 0;
};

}  // namespace blis
