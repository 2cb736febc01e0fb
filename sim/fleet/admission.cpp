#include "sim/fleet/admission.h"

#include <algorithm>

namespace blis {
namespace {

std::int64_t whole_length(const RequestSpec& request) {
  return std::int64_t{request.prompt_tokens} + request.output_tokens;
}

}  // namespace

Outcome refusal(const EngineType& engine, const RequestSpec& request) {
  const int limit = engine.max_model_len();
  if (request.prompt_tokens >= limit) return Outcome::too_long;
  if (std::ranges::any_of(request.items,
                          [&](const MultimodalItem& item) { return item.tokens > engine.largest_item(); })) {
    return Outcome::never_fits;
  }
  const bool holds = engine.holds(std::min<std::int64_t>(whole_length(request), limit));
  return holds ? Outcome::unfinished : Outcome::never_fits;
}

AdmissionControl::AdmissionControl(std::span<const Pool> pools, OverLength over_length)
    : over_length_(over_length) {
  for (const Pool& pool : pools) {
    if (pool.role == Role::prefill) continue;
    engines_.push_back(pool.engine.get());
    max_model_len_ = std::max(max_model_len_, pool.engine->max_model_len());
  }
}

Outcome AdmissionControl::admit(RequestSpec& request) {
  if (whole_length(request) > max_model_len_) {
    if (over_length_ == OverLength::skip) return Outcome::dropped;
    const std::int32_t limit = max_model_len_ - request.output_tokens;
    const bool cuts_items =
        !request.items.empty() && request.items.back().offset + request.items.back().tokens > limit;
    if (over_length_ == OverLength::clip && request.output_tokens < max_model_len_ && !cuts_items) {
      clip_prompt(request, max_model_len_ - request.output_tokens);
    }
  }
  Outcome outcome = Outcome::too_long;
  for (const EngineType* engine : engines_) {
    const Outcome here = refusal(*engine, request);
    if (here == Outcome::unfinished) return here;
    if (here == Outcome::never_fits) outcome = here;
  }
  return outcome;
}

void AdmissionControl::clip_prompt(RequestSpec& request, std::int32_t limit) {
  request.prompt_tokens = std::min(request.prompt_tokens, limit);
  clipped_.clear();
  std::int32_t left = request.prompt_tokens;
  for (const ContentRun& run : request.prompt) {
    if (left == 0) break;
    clipped_.push_back({run.content, std::min(run.tokens, left)});
    left -= clipped_.back().tokens;
  }
  request.prompt = clipped_;
}

}  // namespace blis
