// At most so many requests in flight: the others wait at the client, in order.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "workloads/workload.h"

namespace blis {

// A request that had to wait is sent, and starts counting, at the moment another one ends: vLLM's
// --max-concurrency.
class ConcurrencyLimit : public WorkloadSource {
 public:
  // Reads the first request of an open-loop `source` at once.
  ConcurrencyLimit(std::unique_ptr<WorkloadSource> source, std::int64_t limit);

  bool next(RequestSpec& out) override;
  std::optional<std::uint64_t> expected() const override { return source_->expected(); }
  bool has_feedback() const override { return true; }
  Time next_arrival() const override;
  void on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) override;
  std::vector<std::string> warnings() const override { return source_->warnings(); }

 private:
  Time due() const;  // of the next request, if there were no limit

  std::unique_ptr<WorkloadSource> source_;
  std::int64_t limit_;
  std::int64_t in_flight_ = 0;
  Time last_end_{};
  RequestSpec ahead_;  // of an open-loop source: what it will send next
  bool has_ahead_ = false;
  std::vector<MultimodalItem> items_;
  std::vector<ContentRun> prompt_;  // of the request handed out last
};

}  // namespace blis
