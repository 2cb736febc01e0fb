// Requests that wait at the router until instances have room, and those that it refuses.
#include <algorithm>

#include "sim/fleet/fleet_run.h"

namespace blis {
namespace {

// The picker looks at those that wait this often, and at once when another one comes.
constexpr Duration kLookPeriod = std::chrono::milliseconds{1};

// The first look from `at` on.
Time look_from(Time at) {
  if (at == kNever) return kNever;
  return Time{(since_start(at) + kLookPeriod - Duration{1}) / kLookPeriod * kLookPeriod};
}

}  // namespace

double FleetRun::saturation(Time at) {
  const double answering = answering_.saturation(flow_rule_->saturated, at);
  if (prefilling_.empty()) return answering;
  return std::max(answering, prefilling_.saturation(flow_rule_->saturated, at));
}

bool FleetRun::gives_way(const RequestSpec& request, Time at) {
  const bool sheddable = request.client < flows_.size() && flows_[request.client].priority < 0;
  return sheddable && saturation(at) >= 1;
}

void FleetRun::reach_router(RequestIndex index, const RequestSpec& request, Time at) {
  if (!flow_rule_) return dispatch(index, request, at);
  if (!flow_control_) return gives_way(request, at) ? refuse(index, at) : dispatch(index, request, at);
  if (flow_control_->passes(request, saturation(at))) {
    dispatch(index, request, at);
  } else {
    if (!flow_control_->enter(index, request, at)) refuse(index, at);
    let_through(at);
  }
  expect_look(at);
}

void FleetRun::refuse(RequestIndex index, Time at) {
  records_[index].outcome = Outcome::refused;
  records_[index].ended = at;
  end_unanswered(index, at);
}

void FleetRun::let_through(Time at) {
  auto passed = flow_control_->look(saturation(at));
  if (!passed) return;
  if (at > passed->entered) waits_.push_back({passed->index, at - passed->entered});
  dispatch(passed->index, passed->request.spec(), at);
}

void FleetRun::look(Time at) {
  const bool due = at == look_expected_;
  if (due) look_expected_ = kNever;
  if (at == expiry_expected_) expiry_expected_ = kNever;
  while (const auto index = flow_control_->expired(at)) {
    records_[*index].outcome = Outcome::expired;
    records_[*index].ended = at;
    end_unanswered(*index, at);
  }
  if (due) let_through(at);
  expect_look(at);
}

// Puts the next look on the agenda that may find something: the next one there is if there was room, or when
// metrics are scraped. What else makes room says so.
void FleetRun::expect_look(Time at) {
  if (!waits()) return;
  const Time expiry = flow_control_->next_expiry();
  if (expiry < expiry_expected_) {
    expiry_expected_ = expiry;
    events_.push({expiry, EventKind::look, 0});
  }
  if (!flow_control_->full()) {
    look_at(look_from(at + Duration{1}));
  } else if (flow_rule_->saturated.kind == SaturationRule::Kind::utilization) {
    look_at(look_from(std::min(answering_.next_scrape(at), prefilling_.next_scrape(at))));
  }
}

void FleetRun::look_at(Time at) {
  if (at >= look_expected_) return;
  look_expected_ = at;
  events_.push({at, EventKind::look, 0});
}

void FleetRun::room_changes(Time at) {
  // Whose client gave up leaves behind when that was.
  if (waits() && flow_control_->full()) look_at(look_from(std::max(at, now_)));
}

}  // namespace blis
