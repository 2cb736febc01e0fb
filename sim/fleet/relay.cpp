#include "sim/fleet/relay.h"

namespace blis {

std::pair<RequestIndex, RequestSpec> Relay::begin(RequestIndex request, const RequestSpec& spec, Time sent) {
  const RequestIndex leg = next();
  legs_.requests.push_back(request);
  legs_.handoffs.emplace_back();
  RequestRecord& record = legs_.records.emplace_back();
  record.arrival = sent;
  record.input_tokens = spec.prompt_tokens;
  record.client = spec.client;

  leg_of_[request] = leg;
  held_[leg] = {request, HeldRequest(spec)};

  RequestSpec prefill = spec;
  prefill.output_tokens = prefill.max_tokens = 1;
  prefill.output_content = kPrivateContent;
  prefill.leaves_kv = true;
  return {leg, prefill};
}

Relay::Held Relay::end(RequestIndex leg) {
  Held held = std::move(held_.extract(leg).mapped());
  leg_of_.erase(held.request);
  return held;
}

RequestIndex Relay::begin_pull(const KvPull& pull) {
  const RequestIndex leg = left_.at(pull.request);
  legs_.handoffs[leg] = {.pull_begin = pull.at, .tokens = pull.tokens};
  return leg;
}

RequestIndex Relay::end_pull(RequestIndex request, Time at) {
  const RequestIndex leg = left_.extract(request).mapped();
  legs_.handoffs[leg].pull_end = at;
  return leg;
}

const RequestIndex* Relay::leg_of(RequestIndex request) const {
  const auto found = leg_of_.find(request);
  return found == leg_of_.end() ? nullptr : &found->second;
}

}  // namespace blis
