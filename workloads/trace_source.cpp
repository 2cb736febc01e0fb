#include "workloads/trace_source.h"

#include "workloads/check_spec.h"
#include "workloads/graph_replay.h"
#include "workloads/session_replay.h"
#include "workloads/trace_rows.h"

namespace blis {
namespace {

class TraceSource : public WorkloadSource {
 public:
  TraceSource(const TraceSpec& spec, std::unique_ptr<TraceRows> rows) : spec_(spec), rows_(std::move(rows)) {}

  bool next(RequestSpec& out) override {
    if (spec_.limit && handed_out_ >= *spec_.limit) return false;
    Time arrival;
    const TraceRow* const row = rows_->next(arrival);
    if (row == nullptr) return false;
    out = request_of(*row, spec_, arrival);
    ++handed_out_;
    return true;
  }

  // Whether there are as many rows as `limit` allows only the end tells.
  std::optional<std::uint64_t> expected() const override { return std::nullopt; }

  std::vector<std::string> warnings() const override { return rows_->warnings(); }

 private:
  TraceSpec spec_;
  std::unique_ptr<TraceRows> rows_;
  std::int64_t handed_out_ = 0;
};

}  // namespace

std::unique_ptr<WorkloadSource> open_trace_source(const TraceSpec& spec, std::uint64_t seed,
                                                  TraceStore* store) {
  check(spec);
  auto rows = std::make_unique<TraceRows>(spec, seed, TraceRows::Times::required, store);
  if (rows->follow_ups() == FollowUps::graph) return std::make_unique<GraphReplay>(spec, std::move(rows));
  if (rows->follow_ups() != FollowUps::none) return std::make_unique<SessionReplay>(spec, std::move(rows));
  return std::make_unique<TraceSource>(spec, std::move(rows));
}

}  // namespace blis
