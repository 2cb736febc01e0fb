// An engine for tests of the fleet: it has room for everybody, and takes a millisecond for each token.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "sim/engine_type.h"

namespace blis {

class ToyInstance final : public Instance {
 public:
  explicit ToyInstance(const Seat& seat) : seat_(seat) {}

  void send(RequestIndex index, const RequestSpec& spec, Time visible) override {
    RequestRecord& record = seat_.records[index];
    record.visible = record.queued = record.scheduled = record.started = visible;
    record.first_token = visible + std::chrono::milliseconds{spec.prompt_tokens + 1};
    record.last_token = record.first_token + std::chrono::milliseconds{spec.output_tokens - 1};
    record.output_tokens = spec.output_tokens;
    served_.push_back({record.last_token, index});
    std::ranges::stable_sort(served_, {}, &Service::end);
  }

  void abort(RequestIndex index) override {
    RequestRecord& record = seat_.records[index];
    record.outcome = Outcome::aborted;
    record.last_token = record.first_token = kUnset;
    record.output_tokens = 0;
    for (Service& service : served_) {
      if (service.request == index) service.end = record.ended;
    }
    std::ranges::stable_sort(served_, {}, &Service::end);
  }

  void die(Time at, std::vector<RequestIndex>& ended) override {
    for (const Service& service : served_) {
      RequestRecord& record = seat_.records[service.request];
      if (record.outcome == Outcome::unfinished) record.outcome = Outcome::failed;
      record.ended = at;
      ended.push_back(service.request);
    }
    served_.clear();
  }

  NextAct next() const override {
    return served_.empty() ? NextAct{} : NextAct{served_.front().end, /*completes=*/true};
  }

  std::size_t run(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended) override {
    std::size_t steps = 0;
    for (; !served_.empty() && served_.front().end <= horizon; ++steps) {
      const RequestIndex index = served_.front().request;
      served_.erase(served_.begin());
      RequestRecord& record = seat_.records[index];
      if (record.outcome == Outcome::unfinished) record.outcome = Outcome::completed;
      ended.push_back(index);
      if (pause_when_ended) return 1;
    }
    return steps;
  }

  Gauges published(Time, EndpointIndex) const override {
    return {static_cast<std::int32_t>(served_.size()), 0, 0};
  }
  std::int32_t cached_tokens(const RequestSpec&, EndpointIndex) const override { return 0; }
  EngineResult take_result() override { return {}; }

 private:
  struct Service {
    Time end;
    RequestIndex request;
  };
  const Seat seat_;
  std::vector<Service> served_;  // by their end
};

class Toy final : public EngineType {
 public:
  explicit Toy(int max_model_len = 1000) : max_model_len_(max_model_len) {}
  std::unique_ptr<Instance> start(const Seat& seat) const override {
    return std::make_unique<ToyInstance>(seat);
  }
  bool plays(Role) const override { return true; }
  int max_model_len() const override { return max_model_len_; }
  bool holds(std::int64_t tokens) const override { return tokens <= max_model_len_ / 2; }
  std::int64_t max_sequences() const override { return 1000; }

 private:
  int max_model_len_;
};

}  // namespace blis
