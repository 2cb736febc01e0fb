// One engine by itself, as the simulation sees it: steps of 10 ms, led by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/vllm/engine.h"
#include "tests/sim/toys.h"
#include "tests/sim/vllm/desk.h"

namespace blis {

class LoneEngine {
 public:
  explicit LoneEngine(EngineConfig config, Folding folding = {})
      : config_(std::move(config)), folding_(folding) {}

  RequestIndex send(int ms, int prompt, int output, Duration timeout = Duration{0}) {
    RequestSpec spec = toy(at_ms(ms), prompt, output).spec;
    spec.timeout = timeout;
    return send(spec);
  }
  RequestIndex send(const RequestSpec& spec) { return send_to(0, spec); }
  RequestIndex send_to(EndpointIndex endpoint, const RequestSpec& spec) {
    RequestRecord& record = records_.emplace_back();
    record.arrival = spec.arrival;
    record.rank = endpoint;  // of engines whose endpoints have one rank
    const auto index = static_cast<RequestIndex>(records_.size() - 1);
    engine_.send(index, spec, spec.arrival);
    return index;
  }
  // Returns who ended, by the number in the order of sending.
  std::string run(int horizon_ms, bool pause = false) {
    std::vector<RequestIndex> ended;
    steps_ = engine_.run(at_ms(horizon_ms), ended, pause);
    std::string who;
    for (const RequestIndex i : ended) who += std::to_string(i);
    return who;
  }
  std::size_t steps() const { return steps_; }  // of the last run()
  const RequestRecord& operator[](RequestIndex i) const { return records_[i]; }
  Instance& engine() { return engine_; }

 private:
  const EngineConfig config_;
  const FixedLatency latency_{std::chrono::milliseconds{10}};
  const Folding folding_;
  LargeVector<RequestRecord> records_;
  std::size_t steps_ = 0;
  Engine engine_{config_, latency_, {0, 0, records_, folding_}};
};

inline EngineConfig small_engine() {
  EngineConfig config;
  config.scheduler = eight_sequences();
  return config;
}

}  // namespace blis
