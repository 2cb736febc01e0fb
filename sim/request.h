// A request as the client sends it (RequestSpec) and as the run leaves it (RequestRecord).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sim/units.h"

namespace blis {

using RequestIndex = std::uint32_t;  // position in the order of arrival
using EngineIndex = std::uint16_t;
using EndpointIndex = std::uint8_t;  // one of the addresses of an instance
using RankIndex = std::uint8_t;      // one of its data-parallel ranks
using StepIndex = std::uint32_t;     // position in one engine's step log
constexpr StepIndex kNoStep = ~StepIndex{0};

// Names a stream of tokens. Two prompts share a prefix where their runs are equal; streams of
// different names never share a token. Zero names content that nobody else has.
using ContentId = std::uint64_t;
constexpr ContentId kPrivateContent = 0;

// The first `tokens` tokens of the stream `content`.
struct ContentRun {
  ContentId content = kPrivateContent;
  std::int32_t tokens = 0;
  friend bool operator==(const ContentRun&, const ContentRun&) = default;
};

// An image, clip or recording in a prompt: the encoder turns it into `tokens` embeddings, which stand in the
// prompt from `offset` on. Equal items have equal hashes, and so have the prompts' runs there.
struct MultimodalItem {
  std::int32_t offset = 0;
  std::int32_t tokens = 0;  // > 0
  std::uint64_t hash = 0;
  friend bool operator==(const MultimodalItem&, const MultimodalItem&) = default;
};

// Names a LoRA adapter, counted from 1. Zero: the base model alone.
using AdapterIndex = std::uint16_t;

// One request, as a source hands it to the simulation.
struct RequestSpec {
  Time arrival{};                              // when the client sends; never before its predecessor
  std::int32_t prompt_tokens = 0;              // > 0
  std::int32_t output_tokens = 0;              // > 0: what the model will generate, known to no policy
  std::int32_t max_tokens = 0;                 // the limit the client set; 0: exactly output_tokens, so the
                                               // request ends by length. Larger: it ends by an EOS token
  std::int32_t priority = 0;                   // smaller is served first, where the policy looks at it
  std::span<const ContentRun> prompt{};        // sums to prompt_tokens, or empty: private content. Valid
                                               // until the source's next answer
  ContentId output_content = kPrivateContent;  // names the generated stream, if a later prompt
                                               // will contain it
  ContentId cache_salt = 0;                    // requests share cached blocks only under an equal salt
  bool skip_cache_read = false;                // prompt log-probabilities: publishes blocks, reuses none
  std::uint64_t session = 0;                   // equal for the turns of one conversation; 0: none
  Duration timeout{0};                         // the client gives up this long after `arrival`; 0: never
  std::uint16_t client = 0;                    // which of the workload's clients sent it
  AdapterIndex adapter = 0;                    // what it is computed with; cached blocks are its alone
  bool structured_output = false;              // waits until its grammar is compiled
  bool leaves_kv = false;  // its KV blocks are kept at its end, until somebody has read them
  bool takes_kv = false;   // its prompt was computed elsewhere: the KV blocks are pulled from there
  std::span<const MultimodalItem> items{};  // by offset, apart, within the prompt; as long as `prompt`
};

// How a request ended. Every request has exactly one.
enum class Outcome : std::uint8_t {
  unfinished,     // the run stopped first (interrupted, or its time limit came)
  completed,      // generated all its tokens
  length_capped,  // stopped at max_model_len before its output was complete
  too_long,       // prompt does not leave room for one token within max_model_len: refused
  never_fits,     // needs more KV blocks than the engine has: refused
  dropped,        // over-length and the workload's policy said skip it
  aborted,        // the client gave up
  rejected,       // the API server had too much queued: refused, with 503
  failed,         // answered with an error: its KV blocks could not be loaded, or its replica died
  refused,        // the router had no room for it, or none of its priority: refused, with 429
  expired,        // it waited at the router for too long: refused, with 429
};
constexpr int kOutcomes = 11;
std::string_view to_string(Outcome outcome);

// Steps of one engine in which a request produced tokens: `last`, and from there back to `first` always as
// many steps as StepRecord::distance says.
struct TokenInterval {
  StepIndex first = kNoStep;
  StepIndex last = kNoStep;
  std::uint32_t previous = ~0u;  // index of the interval before in EngineResult::intervals, if any
};

// What the run recorded of a request; the times of its single tokens follow from `tokens` and the
// step log, as far as that is kept.
struct RequestRecord {
  Time arrival = kUnset;      // client's send
  Time visible = kUnset;      // through the API server, in the engine's input queue
  Time queued = kUnset;       // added to the scheduler
  Time scheduled = kUnset;    // first schedule() call that admitted it
  Time started = kUnset;      // its first step began
  Time first_token = kUnset;  // as the client sees it
  Time last_token = kUnset;
  Time ended = kUnset;  // of one that ended otherwise than by its last token: when its client gave up, it was
                        // rejected, or found to fit never
  Duration prefill{0};  // steps that computed its prompt, since it was last preempted
  Duration lost{0};     // from `started` until it was computed again, preempted before a token
  Duration stretch{0};  // between its tokens: what other requests' prefills added to their steps
  Duration passed_over{0};  // between its tokens: gaps in which steps went by without one for it
  std::int32_t input_tokens = 0;
  std::int32_t output_tokens = 0;  // generated
  std::int32_t hit_tokens = 0;     // prompt tokens found in the prefix cache at first admission
  std::uint16_t preemptions = 0;
  EngineIndex replica = 0;
  std::uint16_t client = 0;  // RequestSpec::client
  Outcome outcome = Outcome::unfinished;
  RankIndex rank = 0;    // of its replica, among its data-parallel ranks
  TokenInterval tokens;  // the last interval of steps with output
};
static_assert(sizeof(RequestRecord) <= 128);

// When it left the system, as its client sees it; kUnset: it was never in, or never left.
inline Time departure(const RequestRecord& r) {
  return r.ended != kUnset ? r.ended : r.last_token;
}
// Whether it is in the system after the run, or ever was.
inline bool was_in_system(const RequestRecord& r) {
  return r.outcome == Outcome::unfinished || departure(r) != kUnset;
}

}  // namespace blis
