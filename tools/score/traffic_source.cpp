#include <algorithm>

#include "tools/score/traffic.h"

namespace blis {

TrafficSource::TrafficSource(const Traffic& traffic) : traffic_(traffic) {
  bool limited = false;
  for (const PlannedStage& stage : traffic.stages) {
    expected_ += stage.requests.size();
    limited = limited || stage.max_in_flight > 0;
  }
  feedback_ = limited || traffic.stages.size() > 1;
  skip_empty_stages();
}

void TrafficSource::skip_empty_stages() {
  while (stage_ < traffic_.stages.size() && next_ == traffic_.stages[stage_].requests.size() &&
         in_flight_ == 0) {
    if (next_ > 0) stage_start_ = last_end_ + traffic_.gap;
    ++stage_, next_ = 0;
  }
}

Time TrafficSource::next_arrival() const {
  if (stage_ == traffic_.stages.size()) return kNever;
  const PlannedStage& stage = traffic_.stages[stage_];
  if (next_ == stage.requests.size()) return kNever;
  if (stage.max_in_flight == 0) return stage_start_ + stage.requests[next_].at;
  if (in_flight_ >= stage.max_in_flight) return kNever;
  const Time due = stage_start_ + stage.requests[next_].at;
  return next_ == 0 ? due : std::max(due, last_end_);
}

bool TrafficSource::next(RequestSpec& spec) {
  const Time at = next_arrival();
  if (at == kNever) return false;
  const PlannedRequest& request = traffic_.stages[stage_].requests[next_++];
  spec = {.arrival = at,
          .prompt_tokens = request.prompt_tokens,
          .output_tokens = request.output_tokens,
          .prompt = request.prompt};
  if (feedback_) {
    ++in_flight_;
  } else {
    skip_empty_stages();
  }
  return true;
}

void TrafficSource::on_ended(RequestIndex, Time at, Outcome, std::int32_t) {
  --in_flight_;
  last_end_ = std::max(last_end_, at);
  skip_empty_stages();
}

}  // namespace blis
