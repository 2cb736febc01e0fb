#include "workloads/synthetic_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "workloads/arrivals.h"
#include "workloads/bad_row.h"
#include "workloads/check_spec.h"
#include "workloads/client_traffic.h"
#include "workloads/due_queue.h"

namespace blis {
namespace {

using Process = ArrivalSpec::Process;

constexpr std::uint32_t kNone = ~std::uint32_t{0};

// Arrivals, and the clients among whom they are shared out.
struct Stream {
  Process process;
  Arrivals arrivals;
  std::vector<std::uint16_t> clients;
  std::vector<double> shares_up_to;  // cumulative, the last is 1
  RandomStream choice;
  double drain_gap_s = 0;
  std::optional<std::size_t> stage;  // of the arrival to come; unset before the first
  double shift_s = 0;                // stages start later than planned when the one before drains late
  double undrained_s = 0;            // an arrival of the next stage, if `waits`
  bool waits = false;                // for the stage before to drain
};

class SyntheticSource : public WorkloadSource {
 public:
  SyntheticSource(const SyntheticSpec& spec, std::uint64_t seed)
      : spec_(spec), budget_(spec.num_requests.value_or(std::numeric_limits<std::int64_t>::max())) {
    for (std::size_t i = 0; i < spec.clients.size(); ++i) {
      clients_.emplace_back(spec.clients[i], seed, static_cast<std::uint16_t>(i), spec.adapters);
    }
    add_streams(seed);
    for (std::size_t i = 0; i < streams_.size(); ++i) start(static_cast<std::uint32_t>(i));
    feedback_ =
        std::any_of(clients_.begin(), clients_.end(), [](const auto& c) { return c.has_sessions(); }) ||
        std::any_of(streams_.begin(), streams_.end(), [](const Stream& s) {
          return s.process == Process::closed_loop || s.arrivals.stages() > 1;
        });
  }

  bool next(RequestSpec& out) override {
    if (due_.empty()) return false;
    const Time at = due_.next();
    const Due due = due_.pop();
    if (due.talk != kNone) {
      send_turn(due.talk, due.stream, out);
    } else {
      send_arrival(due.stream, out);
    }
    out.arrival = at;
    ++handed_out_;
    if (budget_ == 0 && !closed_) {  // nobody starts anything any more
      due_.remove_if([](const Due& d) { return d.talk == kNone; });
      closed_ = true;
    }
    return true;
  }

  std::optional<std::uint64_t> expected() const override {
    if (!spec_.num_requests) return std::nullopt;
    return static_cast<std::uint64_t>(*spec_.num_requests);
  }

  bool has_feedback() const override { return feedback_; }
  Time next_arrival() const override { return due_.next(); }

  void on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) override {
    const auto found = in_flight_.find(request);
    const Flight flight = found->second;
    in_flight_.erase(found);
    bool user_is_free = true;
    Duration think_time{0};
    if (flight.talk != kNone) {
      Conversation& talk = talks_[flight.talk];
      ClientTraffic::answered(talk, output_tokens);
      if (!ended_well(outcome)) {
        never_sent_ += std::ssize(talk.turns) - static_cast<std::int64_t>(talk.next_turn);
        talk.next_turn = talk.turns.size();
      }
      user_is_free = talk.over();
      if (user_is_free) {
        think_time = talk.turns.front().think_time;
        free_talks_.push_back(flight.talk);
      } else {
        due_.push(at + talk.turns[talk.next_turn].think_time, {flight.stream, flight.talk});
      }
    }
    const bool loops = streams_[flight.stream].process == Process::closed_loop;
    if (user_is_free && loops) {
      start_user(flight.stream, at + think_time);
      check_time_moves(at, outcome);
    }
    if (in_flight_.empty()) start_drained_stages(at);
  }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (spec_.num_requests && !spec_.duration_s && handed_out_ + never_sent_ < *spec_.num_requests) {
      all.push_back(fmt::format("only {} of {} requests were sent: the arrival rate fell to 0", handed_out_,
                                *spec_.num_requests));
    }
    if (never_sent_ > 0) {
      all.push_back(
          fmt::format("{} later turns of sessions were never sent: one before them failed", never_sent_));
    }
    return all;
  }

 private:
  // Something to send: the next turn of a conversation, or whatever a stream sends next.
  struct Due {
    std::uint32_t stream;
    std::uint32_t talk = kNone;
  };
  using Flight = Due;

  Time end() const { return spec_.duration_s ? Time{to_duration(Seconds{*spec_.duration_s})} : kNever; }

  static std::uint16_t pick(Stream& stream) {
    if (stream.clients.size() == 1) return stream.clients.front();
    const auto chosen = std::upper_bound(stream.shares_up_to.begin(), stream.shares_up_to.end() - 1,
                                         unit_uniform(stream.choice));
    return stream.clients[static_cast<std::size_t>(chosen - stream.shares_up_to.begin())];
  }

  void send_arrival(std::uint32_t number, RequestSpec& out) {
    Stream& stream = streams_[number];
    const std::uint16_t index = pick(stream);
    ClientTraffic& client = clients_[index];
    if (client.has_sessions()) {
      const std::uint32_t slot = new_talk(client.plan(next_talk_id_++, budget_));
      budget_ -= std::ssize(talks_[slot].turns);
      talk_client_[slot] = index;
      send_turn(slot, number, out);
    } else {
      --budget_;
      client.next(out);
      if (feedback_) in_flight_.emplace(static_cast<RequestIndex>(handed_out_), Flight{number});
    }
    if (stream.process != Process::closed_loop) schedule(number);
  }

  void send_turn(std::uint32_t slot, std::uint32_t stream, RequestSpec& out) {
    clients_[talk_client_[slot]].next_turn(talks_[slot], out);
    in_flight_.emplace(static_cast<RequestIndex>(handed_out_), Flight{stream, slot});
  }

  std::uint32_t new_talk(Conversation&& talk) {
    if (free_talks_.empty()) {
      talks_.push_back(std::move(talk));
      talk_client_.push_back(0);
      return static_cast<std::uint32_t>(talks_.size() - 1);
    }
    const std::uint32_t slot = free_talks_.back();
    free_talks_.pop_back();
    talks_[slot] = std::move(talk);
    return slot;
  }

  void start(std::uint32_t number) {
    const Stream& stream = streams_[number];
    if (stream.process != Process::closed_loop) return schedule(number);
    const ArrivalSpec& spec = arrival_of(stream);
    users_ += spec.users;
    for (std::int64_t i = 0; i < spec.users; ++i) {
      const double joins = spec.ramp_up_s * static_cast<double>(i) / static_cast<double>(spec.users);
      start_user(number, Time{to_duration(Seconds{joins})});
    }
  }

  // A closed-loop user sends something new at `at`, unless the workload is over by then.
  void start_user(std::uint32_t stream, Time at) {
    if (budget_ > 0 && at < end()) due_.push(at, {stream});
  }

  // Users who are answered at once and send again at once would go on for ever: nothing else bounds them.
  void check_time_moves(Time at, Outcome outcome) {
    constexpr std::int64_t kOften = 300'000;  // for each user to draw a request that takes time
    if (spec_.num_requests) return;
    if (at != restarts_at_) {
      restarts_at_ = at;
      restarts_ = refused_ = 0;
    }
    refused_ += ended_well(outcome) ? 0 : 1;
    if (++restarts_ < kOften + users_) return;
    fail_usage({.message = fmt::format(
                    "time stands still at {:g} s: users of a closed loop are answered at once and "
                    "send again at once",
                    Seconds(since_start(at)).count()),
                .expected = "requests that can be served, or time to think between them",
                .got = fmt::format("{} requests at this moment, {} of them refused", restarts_, refused_),
                .hint = "raise `engine.max_model_len`, send shorter requests, or say `num_requests`"});
  }

  // The next arrival of an open-loop stream.
  void schedule(std::uint32_t number) {
    if (budget_ == 0) return;
    Stream& stream = streams_[number];
    const double s = stream.arrivals.next();
    if (!std::isfinite(s)) return;
    const std::optional<std::size_t> before = std::exchange(stream.stage, stream.arrivals.stage());
    if (before && *before != *stream.stage) {
      stream.undrained_s = s;
      stream.waits = true;
      return;
    }
    push_arrival(number, s);
  }

  void push_arrival(std::uint32_t number, double s) {
    const Time at{to_duration(Seconds{s + streams_[number].shift_s})};
    if (at < end()) due_.push(at, {number});
  }

  // The system is empty at `at`.
  void start_drained_stages(Time at) {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      Stream& stream = streams_[i];
      if (!stream.waits || !due_.empty()) continue;
      stream.waits = false;
      const double starts_at = static_cast<double>(since_start(at).count()) / 1e9 + stream.drain_gap_s;
      stream.shift_s = std::max(stream.shift_s, starts_at - stream.arrivals.stage_start_s());
      push_arrival(static_cast<std::uint32_t>(i), stream.undrained_s);
    }
  }

  const ArrivalSpec& arrival_of(const Stream& stream) const {
    const ClientSpec& client = spec_.clients[stream.clients.front()];
    return client.arrival ? *client.arrival : *spec_.arrival;
  }

  // One stream for all clients that share the common arrivals, one for each of the others.
  void add_streams(std::uint64_t seed) {
    std::vector<std::uint16_t> sharing;
    double given = 0;
    double unset = 0;
    for (std::size_t i = 0; i < spec_.clients.size(); ++i) {
      const ClientSpec& client = spec_.clients[i];
      const auto index = static_cast<std::uint16_t>(i);
      if (client.arrival) {
        streams_.push_back(stream(*client.arrival, seed, i + 1, {index}, {1.0}));
      } else {
        sharing.push_back(index);
        given += client.share.value_or(0);
        unset += client.share ? 0 : 1;
      }
    }
    if (sharing.empty()) return;
    std::vector<double> up_to;
    double sum = 0;
    for (const std::uint16_t index : sharing) {
      sum += spec_.clients[index].share.value_or((1 - given) / std::max(1.0, unset));
      up_to.push_back(sum);
    }
    streams_.push_back(stream(*spec_.arrival, seed, 0, std::move(sharing), std::move(up_to)));
  }

  Stream stream(const ArrivalSpec& arrival, std::uint64_t seed, std::uint64_t number,
                std::vector<std::uint16_t> clients, std::vector<double> shares_up_to) const {
    return {.process = arrival.process,
            .arrivals = Arrivals(arrival, seed, number, spec_.num_requests, spec_.duration_s),
            .clients = std::move(clients),
            .shares_up_to = std::move(shares_up_to),
            .choice = random_stream(seed, "client", number),
            .drain_gap_s = arrival.drain_gap_s,
            .stage = {}};
  }

  SyntheticSpec spec_;
  std::int64_t budget_;  // requests that may still be started; a conversation takes its turns' at once
  std::vector<ClientTraffic> clients_;
  std::vector<Stream> streams_;
  bool feedback_ = false;
  bool closed_ = false;
  DueQueue<Due> due_;
  std::unordered_map<RequestIndex, Flight> in_flight_;  // with feedback
  std::vector<Conversation> talks_;
  std::vector<std::uint16_t> talk_client_;  // by slot of talks_
  std::vector<std::uint32_t> free_talks_;
  std::uint64_t next_talk_id_ = 0;
  std::int64_t handed_out_ = 0;
  std::int64_t never_sent_ = 0;
  std::int64_t users_ = 0;  // of closed loops
  Time restarts_at_ = kUnset;
  std::int64_t restarts_ = 0, refused_ = 0;  // of users of closed loops, at that moment
};

}  // namespace

std::unique_ptr<WorkloadSource> open_synthetic_source(const SyntheticSpec& spec, std::uint64_t seed) {
  check(spec);
  return std::make_unique<SyntheticSource>(spec, seed);
}

}  // namespace blis
