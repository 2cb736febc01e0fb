// One run of a deployment: the event loop, and all that is between a source of requests and instances. Each
// part of it has a file of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/event_queue.h"
#include "sim/fleet/balancer.h"
#include "sim/fleet/endpoint.h"
#include "sim/fleet/epp/flow_control.h"
#include "sim/fleet/links.h"
#include "sim/fleet/relay.h"
#include "sim/fleet/replica.h"
#include "sim/fleet/scaled_pool.h"
#include "sim/fleet/simulation.h"

namespace blis {

class FleetRun {
 public:
  // All but the router outlive it.
  FleetRun(const SimulationConfig& config, RequestSource& source, const ProgressFn& progress,
           const Folding& folding, std::unique_ptr<Router> own_router = nullptr);

  // To be called once.
  RunResult run();

 private:
  // fleet_run.cpp: what happens next, and how far an instance may run.
  void add(const Pool& pool, std::uint64_t seed, bool serves);
  // How far engines may run past an arrival that they have not been sent: until it can reach them. Not at
  // all if the choice of an instance, or what its API server makes of it, depends on what they did by then.
  void find_look_ahead();
  void handle(const Event& event);
  // Up to when nothing from outside can reach an instance that has not been sent to it already.
  Time horizon(const Replica& replica);
  void run_instance(const Event& event);
  // Puts what an instance does next on the agenda.
  void expect(Replica& replica);
  // Where a request was sent.
  Endpoint& endpoint_of(const RequestRecord& record) {
    const Replica& replica = replicas_[record.replica];
    return endpoints_[replica.first_endpoint +
                      std::size_t{record.rank} / static_cast<std::size_t>(replica.ranks_per_endpoint)];
  }

  // sending.cpp: requests on their way to an instance, and their ends.
  // Puts the next arrival on the agenda. Without feedback the request itself is known by now.
  void expect_arrival();
  void arrive(Time at);
  // Takes in a request that has just arrived.
  void begin(RequestIndex index);
  // Sends a request that no instance has yet.
  void dispatch(RequestIndex index, const RequestSpec& request, Time at);
  // Whether its prompt is computed by an instance of another pool than the one that answers.
  bool computed_apart(const Endpoint& answering, const RequestSpec& request) const;
  // Whether the endpoint that was chosen can serve the request; else its record says why not.
  bool serves(const Endpoint& endpoint, RequestRecord& record, const RequestSpec& spec) const;
  // False if its API server refuses it.
  bool hand_over(Endpoint& endpoint, RequestRecord& record, RequestIndex index, const RequestSpec& spec,
                 Time at);
  // Its record says how.
  void end_unanswered(RequestIndex index, Time at);
  void give_up(RequestIndex index, Time at);
  void give_up_at(const RequestRecord& record, RequestIndex index);
  void answered(RequestIndex index);
  // When the client saw a request end that an instance was sent.
  static Time left(const RequestRecord& record);

  // picker_queue.cpp: requests that wait at the router until instances have room.
  // A request has come to the router.
  void reach_router(RequestIndex index, const RequestSpec& request, Time at);
  // Whether it is refused because its priority gives way while instances are full.
  bool gives_way(const RequestSpec& request, Time at);
  double saturation(Time at);
  void refuse(RequestIndex index, Time at);
  void let_through(Time at);
  // The router's turn at those that wait.
  void look(Time at);
  void expect_look(Time at);
  void look_at(Time at);
  bool waits() const { return flow_control_ && flow_control_->looks(); }
  // Instances have got room, or come or gone.
  void room_changes(Time at);

  // handing_on.cpp: requests that one instance begins and another goes on with.
  // The first leg of a request has ended: it goes on where it is answered.
  void hand_on(RequestIndex leg);
  // The first leg of a request has ended, and there will be no other.
  void fail(RequestIndex leg, Time at);
  // What was counted where a request was to be answered, and never came.
  void take_back(RequestIndex request, Time at);
  // Of the rank that a request is at.
  LinkEnd link_end(const RequestRecord& record) const;
  // Pulls that an instance has begun, or will not begin.
  void pull(Replica& sink);
  void blocks_arrive(Time at);
  // Puts the next arrival of blocks on the agenda. One that has become later finds nothing there.
  void expect_blocks();

  // failing.cpp: replicas that die.
  Time next_failure() const { return failed_ < failures_.size() ? failures_[failed_].at : kNever; }
  void expect_failure();
  void die(Time at);

  // scaling.cpp: replicas that come and go.
  // An autoscaler's turn, as long as there is anything to be served.
  void scale(std::uint32_t number, Time at);
  void become_ready(Replica& replica, Time at);
  void stop_if_drained(const Replica& replica, Time at);

  RequestSource& source_;
  const ProgressFn& progress_;
  const Folding folding_;  // of each instance
  const std::shared_ptr<StepPages> pages_ = std::make_shared<StepPages>();
  const bool feedback_;
  const bool mixed_;       // what one pool can serve may be too much for another
  bool timeouts_ = false;  // somebody has one
  AdmissionControl admission_;
  const GatewayConfig& before_router_;
  Gateway gateway_;
  const std::optional<FlowControlConfig>& flow_rule_;
  const std::vector<FlowOfClient>& flows_;
  std::optional<FlowControl> flow_control_{};
  Time look_expected_ = kNever, expiry_expected_ = kNever;  // of the looks in events_
  std::vector<RouterWait> waits_;
  const HandingOn& handing_on_;
  Links links_;
  Time blocks_expected_ = kNever;  // of the transfer in events_
  std::vector<KvPull> pulls_;
  EventQueue events_;
  Time now_{};  // of the last event of it
  LargeVector<RequestRecord> records_;
  Relay relay_;
  ContentTree contents_;  // of prompts, for routers
  Balancer prefilling_, answering_;
  std::vector<ScaledPool> scaled_;
  std::vector<ReplicaSight> sights_;
  const std::vector<ReplicaFailure>& failures_;  // by time
  std::size_t failed_ = 0;                       // of them have been
  std::vector<Downtime> downtimes_;
  std::vector<Replica> replicas_;    // by EngineIndex
  std::uint32_t ranks_ = 0;          // of all of them
  std::vector<Endpoint> endpoints_;  // by their number
  Duration look_ahead_{0};
  RequestSpec next_;
  Time next_arrival_ = kNever;
  Time pending_arrival_ = kNever;  // of the arrival in events_
  std::uint64_t finished_ = 0;
  std::size_t work_since_look_ = 0;
  std::vector<RequestIndex> ended_;
};

}  // namespace blis
