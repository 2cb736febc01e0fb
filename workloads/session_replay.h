// A trace whose later rows wait for earlier ones to be answered: sessions and agents' chains of calls.
#pragma once

#include <memory>

#include "workloads/session_chains.h"
#include "workloads/trace_rows.h"
#include "workloads/workload.h"

namespace blis {

// A row with a `wait` is sent that long after the row it follows (SessionOrder) ended well; a chain in
// which a request fails ends there. Held are the rows of chains that are not over, or the whole
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
  void read_opening();  // the next row that waits for nobody
  bool at_limit() const { return spec_.limit && handed_out_ >= *spec_.limit; }

  TraceSpec spec_;
  std::unique_ptr<TraceRows> rows_;
  bool read_all_ = false;
  SessionChains chains_;
  TraceRow row_;  // the one handed out last
  std::int64_t handed_out_ = 0;
};

}  // namespace blis
