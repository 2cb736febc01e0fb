// Parts of a simulation as functions of one's own, for experiments: how long a step takes, where requests
// come from, which replica serves them. No accuracy is claimed for a run with step times of one's own, and
// its warnings say what was replaced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "blis/simulate.hpp"

namespace blis {

// What one step of an engine computes.
struct PricedWork {
  std::int64_t prefills = 0;         // prompts, or pieces of them
  std::int64_t prefill_tokens = 0;   // computed of these
  std::int64_t prefill_context = 0;  // tokens of these that are in the KV cache already, summed
  std::int64_t decodes = 0;          // sequences that get a token
  std::int64_t decode_tokens = 0;    // as many, and drafts that are checked
  std::int64_t decode_context = 0;   // tokens of these in the KV cache, summed
};
// Seconds, finite and above 0. Equal work must take equal time.
using StepTime = std::function<double(const PricedWork&)>;

struct SentRequest {
  double arrival_s = 0;            // since the start; never before its predecessor
  std::int64_t input_tokens = 0;   // from 1
  std::int64_t output_tokens = 0;  // from 1
  std::uint64_t session = 0;       // equal for the turns of one conversation; 0: none
  std::int32_t priority = 0;       // smaller is served first, where the policy looks at it
};
// The next request, or nothing at the end.
using NextRequest = std::function<std::optional<SentRequest>()>;

// What a router knows of a replica, or of a data-parallel rank that is an endpoint of its own: what it sent
// there and did not get back yet.
struct ReplicaState {
  std::int64_t requests = 0;
  std::int64_t prompt_tokens = 0;
};
struct RoutedRequest {
  double arrival_s = 0;
  std::int64_t input_tokens = 0;
  std::uint64_t session = 0;
};
// Which of these, from 0.
using ChooseReplica = std::function<std::size_t(const RoutedRequest&, std::span<const ReplicaState>)>;

// Empty ones leave what the scenario says. Called one at a time, from the thread that simulates.
struct Plugins {
  StepTime step_time{};
  NextRequest next_request{};
  ChooseReplica choose_replica{};
};

// A simulation with these. Throws InputError as simulate() does, and (usage) for answers out of range.
Report simulate(const Scenario& scenario, const Plugins& plugins, const SimulateOptions& options = {});

}  // namespace blis
