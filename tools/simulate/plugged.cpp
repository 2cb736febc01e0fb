#include "tools/simulate/plugged.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "blis/error.hpp"

namespace blis {
namespace {

[[noreturn]] void refuse_answer(const char* whose, std::string got, std::string expected) {
  throw InputError(ErrorKind::usage, {.place = {whose},
                                      .message = "this function's answer is out of range",
                                      .expected = std::move(expected),
                                      .got = std::move(got)});
}

class PluggedModel final : public LatencyModel {
 public:
  explicit PluggedModel(StepTime step_time) : step_time_(std::move(step_time)) {}

  StepCost step(const StepShape& shape) const override {
    PricedWork work{.prefills = static_cast<std::int64_t>(shape.prefills.size()),
                    .prefill_tokens = shape.prefill_tokens,
                    .decodes = shape.decodes,
                    .decode_tokens = shape.decode_tokens,
                    .decode_context = shape.decode_context};
    for (const PrefillChunk& chunk : shape.prefills) work.prefill_context += chunk.context;
    const double seconds = step_time_(work);
    // A step of an hour is a mistake in the unit.
    if (!(seconds > 0 && seconds <= 3600)) {
      refuse_answer("step_time", fmt::format("{}", seconds), "seconds above 0, up to 3600");
    }
    StepCost cost;
    // A part that the GPU's clocks do not stretch: the answer is how long the step takes.
    cost[CostPart::launch] = Seconds{seconds};
    cost.total = Seconds{seconds};
    return cost;
  }

 private:
  StepTime step_time_;
};

std::int32_t tokens_of(const char* what, std::int64_t tokens) {
  if (tokens < 1 || tokens > std::numeric_limits<std::int32_t>::max()) {
    refuse_answer("next_request", fmt::format("{} {}", what, tokens), "tokens from 1, below 2^31");
  }
  return static_cast<std::int32_t>(tokens);
}

class PluggedSource final : public WorkloadSource {
 public:
  explicit PluggedSource(NextRequest next) : next_(std::move(next)) {}

  bool next(RequestSpec& spec) override {
    const std::optional<SentRequest> request = next_();
    if (!request) return false;
    if (!(request->arrival_s >= last_s_ && std::isfinite(request->arrival_s))) {
      refuse_answer("next_request", fmt::format("arrival_s {}", request->arrival_s),
                    fmt::format("{} or later, as the request before", last_s_));
    }
    last_s_ = request->arrival_s;
    spec = RequestSpec{};
    spec.arrival = Time{to_duration(Seconds{last_s_})};
    check_arrival(number_++, spec.arrival);
    spec.prompt_tokens = tokens_of("input_tokens", request->input_tokens);
    spec.output_tokens = tokens_of("output_tokens", request->output_tokens);
    spec.session = request->session;
    spec.priority = request->priority;
    return true;
  }

 private:
  NextRequest next_;
  double last_s_ = 0;
  std::uint64_t number_ = 0;
};

class PluggedRouter final : public Router {
 public:
  explicit PluggedRouter(ChooseReplica choose) : choose_(std::move(choose)) {}

  Senses senses() const override { return {.loads = true}; }

  EngineIndex route(const Call& call) override {
    replicas_.clear();
    for (const ReplicaLoad& load : call.loads) replicas_.push_back({load.requests, load.tokens});
    const std::size_t chosen = choose_({.arrival_s = Seconds(since_start(call.request.arrival)).count(),
                                        .input_tokens = call.request.prompt_tokens,
                                        .session = call.request.session},
                                       replicas_);
    if (chosen >= call.loads.size()) {
      refuse_answer("choose_replica", fmt::format("{}", chosen),
                    fmt::format("0 to {}", call.loads.size() - 1));
    }
    return static_cast<EngineIndex>(chosen);
  }

 private:
  ChooseReplica choose_;
  std::vector<ReplicaState> replicas_;
};

}  // namespace

std::unique_ptr<LatencyModel> plugged_model(StepTime step_time) {
  return std::make_unique<PluggedModel>(std::move(step_time));
}
std::unique_ptr<WorkloadSource> plugged_source(NextRequest next) {
  return std::make_unique<PluggedSource>(std::move(next));
}
std::unique_ptr<Router> plugged_router(ChooseReplica choose) {
  return std::make_unique<PluggedRouter>(std::move(choose));
}

std::vector<std::string> plugged_warnings(const Plugins& plugins) {
  std::vector<std::string> sentences;
  if (plugins.step_time) {
    sentences.emplace_back("step times are those of a function that was plugged in: no accuracy is claimed");
  }
  if (plugins.next_request) {
    sentences.emplace_back(
        "requests come from a function that was plugged in, not from the scenario's workload");
  }
  if (plugins.choose_replica) {
    sentences.emplace_back(
        "replicas are chosen by a function that was plugged in, not by the scenario's router");
  }
  return sentences;
}

}  // namespace blis
