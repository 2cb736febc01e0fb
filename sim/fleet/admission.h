// Which requests a deployment can serve at all.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/fleet/pool.h"
#include "sim/request.h"

namespace blis {

// What happens to a request whose prompt and output do not fit max_model_len.
enum class OverLength : std::uint8_t {
  reject,  // a prompt that leaves no room for a token is refused; an output is cut where vLLM cuts
           // it. Both are counted
  clip,    // the prompt is cut to leave room for its whole output, if that is possible at all
  skip,    // dropped before it is sent, and counted
};

// How an instance of this engine refuses the request; `unfinished` if it can serve it.
Outcome refusal(const EngineType& engine, const RequestSpec& request);

class AdmissionControl {
 public:
  // `pools` outlive it.
  AdmissionControl(std::span<const Pool> pools, OverLength over_length);

  // `unfinished` if some pool can serve what the policy makes of the request, otherwise why none can. A
  // prompt that was clipped is valid until the next call.
  Outcome admit(RequestSpec& request);

 private:
  void clip_prompt(RequestSpec& request, std::int32_t limit);

  std::vector<const EngineType*> engines_;  // of the pools that answer clients
  OverLength over_length_;
  int max_model_len_ = 0;  // the largest
  std::vector<ContentRun> clipped_;
};

}  // namespace blis
