// llm-d's flow control: requests wait at the picker until endpoints have room for them, by priority, and
// fairly within one. Source: llm-d-router, pkg/epp/flowcontrol/controller/internal/processor.go.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "sim/fleet/epp/flow_control_config.h"
#include "sim/fleet/held_request.h"
#include "sim/request.h"

namespace blis {

class FlowControl {
 public:
  // `flows` are of clients, by their number; who is not among them has what is there where nobody says.
  FlowControl(const QueueingConfig& config, std::span<const FlowOfClient> flows);

  // A request that comes while nobody waits and endpoints are as full as that: whether it goes on at once.
  bool passes(const RequestSpec& request, double saturation);
  // Takes in one that does not. False: there is no room for it.
  bool enter(RequestIndex index, const RequestSpec& request, Time at);

  // One look of the picker, which lets one request through at most.
  struct Passed {
    RequestIndex index = 0;
    Time entered{};
    HeldRequest request;
  };
  std::optional<Passed> look(double saturation);

  // True if the request was still here. Its client has given up, and it goes nowhere.
  bool drop(RequestIndex index);

  // When the next of those that wait has waited too long, if none leaves before; kNever: none.
  Time next_expiry();
  // The next one that has by `at`, which is not here any more.
  std::optional<RequestIndex> expired(Time at);

  // Whether a look may change anything; and whether the last one was of endpoints too full for a band.
  bool looks() const { return !held_.empty() || turns_ > 0; }
  bool full() const { return full_; }

 private:
  // Requests of a flow by their deadlines, then as they came.
  using Queue = std::set<std::tuple<Time, Time, RequestIndex>>;
  struct Band {
    PriorityBand rule;
    double ceiling;                     // saturation from which on it waits
    std::vector<Queue> flows{};         // by their ids; one, if those mean nothing
    std::optional<std::size_t> turn{};  // the flow that was served last
    std::int64_t requests = 0, bytes = 0;
  };
  struct Held {
    Time entered;
    Time deadline;
    std::size_t band, flow;
    std::int64_t bytes;
    HeldRequest request;
  };
  struct Place {
    std::size_t band = 0, flow = 0;
    std::optional<Duration> slo{};
  };

  const Place& place(const RequestSpec& request) const {
    return places_[request.client < places_.size() - 1 ? request.client : places_.size() - 1];
  }
  bool has_room(const Band& band, std::int64_t bytes) const;
  Queue* pick(Band& band);
  void take_turn(Band& band, std::optional<std::size_t> flow);
  Held take(RequestIndex index);
  Time expiry(Time entered) const;

  const QueueingConfig& config_;
  std::vector<Band> bands_;    // the highest priority first
  std::vector<Place> places_;  // by client; the last one is of all others
  std::unordered_map<RequestIndex, Held> held_;
  std::deque<std::pair<Time, RequestIndex>> order_;  // in which they came; some have left
  std::int64_t bytes_ = 0;
  std::size_t turns_ = 0;  // bands that remember whose turn was last
  bool full_ = false;
};

}  // namespace blis
