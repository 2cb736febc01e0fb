// The requests of a case as they are to be sent, stage by stage, and the source that sends them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/request_source.h"
#include "tools/score/measured_case.h"
#include "tools/score/recorded_requests.h"

namespace blis {

struct PlannedRequest {
  Duration at{};  // after the start of its stage
  std::int32_t prompt_tokens = 0, output_tokens = 0;
  std::vector<ContentRun> prompt;  // empty: like no other
  bool scored = true;
};

struct PlannedStage {
  int index = 0;
  std::vector<PlannedRequest> requests;  // by time
  std::int64_t max_in_flight = 0;        // 0: no limit; others wait at the client, in order
};

// A stage begins `gap` after the one before has drained.
struct Traffic {
  std::vector<PlannedStage> stages;
  Duration gap{};
};

// The recorded requests of the case again: at their times, or, where the client's limit held them back,
// at the times they were meant for, through that limit. A stage of one request at a time is a closed
// loop of one. Recorded prompts repeat as the case says.
Traffic replay(const MeasuredCase& measured, std::span<const RecordedRequest> requests);

// All requests offered at the start, through the client's limit if it has one: `lengths`, or as many as the
// case says, all alike. Prompts are like no other. Throws InputError (io) if neither says how long they are.
Traffic offered_at_once(const MeasuredCase& measured, std::span<const RecordedRequest> lengths);

// Requests as the load generator draws them: rate x duration exponential gaps, rescaled to the
// duration. Throws InputError (io) if the case does not say how many, or how long they are.
Traffic generate(const MeasuredCase& measured, std::uint64_t seed);

// One point of a closed-loop curve: warm-up requests, and once they have ended those that count.
Traffic closed_loop(const MeasuredCase& measured, std::int64_t concurrency, std::uint64_t seed);

class TrafficSource final : public RequestSource {
 public:
  explicit TrafficSource(const Traffic& traffic);

  bool next(RequestSpec& spec) override;
  std::optional<std::uint64_t> expected() const override { return expected_; }
  bool has_feedback() const override { return feedback_; }
  Time next_arrival() const override;
  void on_ended(RequestIndex request, Time at, Outcome outcome, std::int32_t output_tokens) override;

 private:
  void skip_empty_stages();

  const Traffic& traffic_;
  std::uint64_t expected_ = 0;
  bool feedback_;
  std::size_t stage_ = 0, next_ = 0;  // of the request to be sent
  Time stage_start_{}, last_end_{};
  std::int64_t in_flight_ = 0;
};

}  // namespace blis
