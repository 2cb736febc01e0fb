#include "workloads/concurrency_limit.h"

#include <algorithm>

namespace blis {

ConcurrencyLimit::ConcurrencyLimit(std::unique_ptr<WorkloadSource> source, std::int64_t limit)
    : source_(std::move(source)), limit_(limit) {
  if (!source_->has_feedback()) has_ahead_ = source_->next(ahead_);
}

Time ConcurrencyLimit::due() const {
  if (source_->has_feedback()) return source_->next_arrival();
  return has_ahead_ ? ahead_.arrival : kNever;
}

Time ConcurrencyLimit::next_arrival() const {
  if (in_flight_ >= limit_ || due() == kNever) return kNever;
  return std::max(due(), last_end_);
}

bool ConcurrencyLimit::next(RequestSpec& out) {
  const Time arrival = next_arrival();
  if (arrival == kNever) return false;
  if (source_->has_feedback()) {
    if (!source_->next(out)) return false;
  } else {
    out = ahead_;
    prompt_.assign(ahead_.prompt.begin(), ahead_.prompt.end());  // reading on takes it away
    out.prompt = prompt_;
    items_.assign(ahead_.items.begin(), ahead_.items.end());
    out.items = items_;
    has_ahead_ = source_->next(ahead_);
  }
  out.arrival = arrival;
  ++in_flight_;
  return true;
}

void ConcurrencyLimit::on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) {
  --in_flight_;
  last_end_ = std::max(last_end_, at);
  if (source_->has_feedback()) source_->on_ended(request, at, outcome, output_tokens);
}

}  // namespace blis
