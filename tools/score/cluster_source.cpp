#include "tools/score/cluster_source.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace blis {
namespace {

// A prefix that is no multiple of a block long shares its full blocks only.
constexpr std::int32_t kSharedTokens = 16;

// The same on every platform, unlike the standard's distributions.
double uniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

}  // namespace

ClusterSource::ClusterSource(const ClusterLoad& load, std::uint64_t seed)
    : load_(load), random_(seed), order_(static_cast<std::size_t>(load.groups * load.prompts_per_group)) {
  std::iota(order_.begin(), order_.end(), 0);
  for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random_() % i]);
}

bool ClusterSource::next(RequestSpec& spec) {
  while (stage_ < load_.stages.size() && of_stage_ == load_.stages[stage_].requests) {
    now_s_ += load_.gap_s;
    ++stage_, of_stage_ = 0;
  }
  if (stage_ == load_.stages.size()) return false;
  const double rate = load_.stages[stage_].rate;
  now_s_ += load_.poisson ? -std::log1p(-uniform(random_)) / rate : 1 / rate;
  const std::int32_t shared = load_.shared_tokens / kSharedTokens * kSharedTokens;
  const std::int32_t tokens = load_.shared_tokens + load_.own_tokens;
  spec = {.arrival = Time{to_duration(Seconds(now_s_))},
          .prompt_tokens = tokens,
          .output_tokens = load_.output_tokens};
  if (!order_.empty()) {
    const std::int64_t prompt = order_[static_cast<std::size_t>(sent_) % order_.size()];
    prompt_[0] = {static_cast<ContentId>(1 + prompt / load_.prompts_per_group), shared};
    prompt_[1] = {static_cast<ContentId>(1 + load_.groups + prompt), tokens - shared};
    spec.prompt = std::span(prompt_).subspan(shared > 0 ? 0 : 1);
  }
  ++of_stage_, ++sent_;
  return true;
}

std::optional<std::uint64_t> ClusterSource::expected() const {
  std::int64_t requests = 0;
  for (const ClusterStage& stage : load_.stages) requests += stage.requests;
  return static_cast<std::uint64_t>(requests);
}

}  // namespace blis
