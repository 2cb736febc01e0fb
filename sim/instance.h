// What the simulation asks of an engine, whatever engine it is. vLLM's is the first (sim/vllm/engine.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/large_vector.h"
#include "sim/request.h"
#include "sim/run_result.h"
#include "sim/step_pages.h"
#include "sim/step_reader.h"
#include "sim/units.h"

namespace blis {

// What an instance shares with the run that it is part of. All of it outlives the instance.
struct Seat {
  EngineIndex number = 0;
  std::uint64_t seed = 0;                 // of the run; an instance derives its own streams from it
  LargeVector<RequestRecord>& records;    // by RequestIndex; an instance fills in those it was sent
  const Folding& folding;                 // how many steps this instance keeps
  std::shared_ptr<StepPages> pages = {};  // where they lie; none: memory of its own
};

// What an instance does next by itself, and when: the end of a step, or the planning of one. At kNever it
// does nothing until something is sent.
struct NextAct {
  Time at = kNever;
  bool completes = false;
};

// A scraper may ask about so long ago.
inline constexpr Duration kScraped = std::chrono::seconds{1};

// What a scraper of an engine's metrics reads.
struct Gauges {
  std::int32_t running = 0;  // sequences in the batch
  std::int32_t waiting = 0;  // in the scheduler's queue; not those that are still in the API server
  double kv_usage = 0;       // share of the KV blocks in use
  friend bool operator==(const Gauges&, const Gauges&) = default;
};

// What Dynamo's workers tell of a step that has ended (ForwardPassMetrics), as far as anybody here looks. All
// zero once there is nothing to do.
struct PassMetrics {
  std::int64_t decode_kv_tokens = 0;  // contexts of the sequences that decoded in it
  std::int64_t queued_tokens = 0;     // of requests in the scheduler's queue, cached or not
  friend bool operator==(const PassMetrics&, const PassMetrics&) = default;
};

// KV blocks that an instance pulls from where they were computed. Whoever runs the instances says when they
// are there. Zero tokens: it wants none after all, and they need not be kept for it.
struct KvPull {
  RequestIndex request = 0;
  std::int32_t tokens = 0;
  Time at{};
};

// One running copy of an engine. It runs alone up to a horizon, which whoever runs it has found to be safe:
// what is sent or aborted later lies beyond it.
class Instance {
 public:
  virtual ~Instance() = default;

  // Hands it a request that it will see from `visible` on; never before one that was sent earlier. The
  // request's record says at which of its endpoints, by the first of its ranks there; of several the instance
  // chooses one, and writes it there.
  virtual void send(RequestIndex index, const RequestSpec& spec, Time visible) = 0;

  // The client of a request that was sent has given up. Takes effect when the step in flight is done.
  virtual void abort(RequestIndex index) = 0;

  virtual NextAct next() const = 0;

  // Runs until it would complete a step after `horizon`, or plan one at `horizon`: what happens outside from
  // then on is not known yet; or until it has run for some milliseconds of real time. Requests that ended
  // are appended to `ended`; with `pause_when_ended` it returns after each step that ended one. Returns how
  // many steps it completed.
  virtual std::size_t run(Time horizon, std::vector<RequestIndex>& ended, bool pause_when_ended) = 0;

  // Pulls that have begun since the last call are appended to `pulls`. run() returns when one has begun.
  virtual void take_pulls(std::vector<KvPull>& /*pulls*/) {}

  // The blocks that a request pulls (RequestSpec::takes_kv) are there from `at` on; those that it has left
  // (leaves_kv) are needed until `at` and no longer. Seen between two steps; `at` is not before next().
  virtual void kv_arrived(RequestIndex /*index*/, Time /*at*/) {}
  virtual void kv_read(RequestIndex /*index*/, Time /*at*/) {}

  // The gauges of an endpoint as they stand at `at`, which is before the last horizon, by kScraped at most.
  // An engine sets them when a step's output has been applied, and they stay until the next step's has.
  // Changes nothing.
  virtual Gauges published(Time at, EndpointIndex endpoint = 0) const = 0;

  // Of the last step that has ended by `at`, which is the last horizon; nothing before the first one of a
  // new server. Changes nothing.
  virtual std::optional<PassMetrics> last_pass(Time /*at*/) const { return std::nullopt; }

  // Tokens of the prompt that a request sent now to an endpoint would find cached, as far as its last planned
  // step goes. Changes nothing. What an engine's cache events tell those who follow them.
  virtual std::int32_t cached_tokens(const RequestSpec& request, EndpointIndex endpoint = 0) const = 0;

  // It dies at `at`, up to which it has run: steps in flight come to nothing, and every request that it was
  // sent and that has not ended is appended to `ended`, by number: failed, or aborted if its client had given
  // up. It does nothing until something is sent to it, as a new server then.
  virtual void die(Time at, std::vector<RequestIndex>& ended) = 0;

  // It has nothing to do, and starts anew: what it had cached is gone.
  virtual void restart() {}

  // What it did; also fills the records of requests that have not ended. To be called last.
  virtual EngineResult take_result() = 0;

 protected:
  Instance() = default;
  Instance(const Instance&) = default;
  Instance& operator=(const Instance&) = default;
};

}  // namespace blis
