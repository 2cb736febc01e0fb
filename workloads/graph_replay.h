// A trace whose rows wait for several others each: an agent's graph of calls.
#pragma once

#include <memory>

#include "workloads/call_graph.h"
#include "workloads/trace_rows.h"
#include "workloads/workload.h"

namespace blis {

// Holds the whole trace. What a row waits for, CallGraph says.
class GraphReplay : public WorkloadSource {
 public:
  GraphReplay(const TraceSpec& spec, std::unique_ptr<TraceRows> rows);

  bool next(RequestSpec& out) override;
  std::optional<std::uint64_t> expected() const override { return std::nullopt; }
  bool has_feedback() const override { return true; }
  Time next_arrival() const override;
  void on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) override;
  std::vector<std::string> warnings() const override;

 private:
  TraceSpec spec_;
  std::unique_ptr<TraceRows> rows_;
  CallGraph graph_;
  TraceRow row_;  // the one handed out last
  std::int64_t handed_out_ = 0;
};

}  // namespace blis
