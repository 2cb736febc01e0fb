#include "sim/attribution.h"

#include <algorithm>
#include <cassert>

namespace blis {

namespace {

constexpr RequestIndex kNoLeg = ~RequestIndex{0};

}  // namespace

std::string_view to_string(Part part) {
  switch (part) {
    case Part::gateway:
      return "gateway";
    case Part::router_queue:
      return "router_queue";
    case Part::remote_prefill:
      return "remote_prefill";
    case Part::kv_transfer:
      return "kv_transfer";
    case Part::api:
      return "api";
    case Part::step_wait:
      return "step_wait";
    case Part::batch_wait:
      return "batch_wait";
    case Part::kv_wait:
      return "kv_wait";
    case Part::prefill:
      return "prefill";
    case Part::chunk_wait:
      return "chunk_wait";
    case Part::decode:
      return "decode";
    case Part::stretch:
      return "stretch";
    case Part::preemption:
      return "preemption";
  }
  return "?";
}

std::vector<Part> parts_of(const RunResult& run) {
  const bool before = run.gateway > Duration{0} || run.gateway_per_token > Duration{0};
  const bool apart = !run.legs.records.empty();
  std::vector<Part> parts;
  for (const Part part : kAllParts) {
    const bool has = part == Part::gateway ? before : part == Part::router_queue ? !run.waits.empty() : apart;
    if (!is_rare(part) || has) parts.push_back(part);
  }
  return parts;
}

Attributor::Attributor(const RunResult& run) : run_(run), shortage_(run.engines.size()) {
  for (std::size_t e = 0; e < shortage_.size(); ++e) {
    Duration sum{0};
    for (const TimeSpan& span : run.engines[e].short_of_blocks) {
      shortage_[e].push_back(sum);
      sum += span.to - span.from;
    }
  }
  if (!run.waits.empty()) waits_.assign(run.requests.size(), Duration{0});
  for (const RouterWait& wait : run.waits) waits_[wait.request] = wait.wait;
  if (run.legs.requests.empty()) return;
  leg_of_.assign(run.requests.size(), kNoLeg);
  for (std::size_t leg = 0; leg < run.legs.requests.size(); ++leg) {
    leg_of_[run.legs.requests[leg]] = static_cast<RequestIndex>(leg);
  }
}

// How long, until `t`, requests have been waiting for blocks.
Duration Attributor::shortage_until(EngineIndex engine, Time t) const {
  const std::vector<TimeSpan>& spans = run_.engines[engine].short_of_blocks;
  const auto next = std::ranges::upper_bound(spans, t, {}, &TimeSpan::from);
  if (next == spans.begin()) return Duration{0};
  const auto last = next - 1;
  return shortage_[engine][static_cast<std::size_t>(last - spans.begin())] +
         (std::min(t, last->to) - last->from);
}

Attribution Attributor::of(const RequestRecord& r) const {
  assert(has_full_answer(r));
  Attribution a;
  a[Part::gateway] = run_.gateway + run_.gateway_per_token * r.input_tokens;
  a[Part::kv_wait] = shortage(r.replica, r.queued, r.scheduled);
  const auto request = static_cast<std::size_t>(&r - run_.requests.data());
  if (!waits_.empty()) a[Part::router_queue] = waits_[request];
  if (!leg_of_.empty() && leg_of_[request] != kNoLeg) {
    const RequestRecord& first = run_.legs.records[leg_of_[request]];
    const Handoff& handoff = run_.legs.handoffs[leg_of_[request]];
    a[Part::remote_prefill] = first.last_token - first.arrival;
    if (handoff.pull_end != kUnset) {
      a[Part::kv_transfer] = handoff.pull_end - handoff.pull_begin;
      a[Part::kv_wait] -= shortage(r.replica, handoff.pull_begin, handoff.pull_end);
    }
  }
  a[Part::api] = r.visible - r.arrival - a[Part::gateway] - a[Part::router_queue] - a[Part::remote_prefill];
  a[Part::step_wait] = (r.queued - r.visible) + (r.started - r.scheduled);
  a[Part::batch_wait] = r.scheduled - r.queued - a[Part::kv_wait] - a[Part::kv_transfer];

  const Duration to_first = r.first_token - r.started;
  a[Part::preemption] = r.lost;
  a[Part::prefill] = std::min(r.prefill, to_first - r.lost);  // pipelined steps overlap
  a[Part::chunk_wait] = to_first - a[Part::preemption] - a[Part::prefill];

  a[Part::stretch] = r.stretch;
  a[Part::decode] = r.last_token - r.first_token - r.stretch - r.passed_over;
  a[r.preemptions > 0 ? Part::preemption : Part::chunk_wait] += r.passed_over;
  return a;
}

AttributionSummary summarize_attribution(const RunResult& run, const MetricsOptions& options,
                                         double tail_from_ms) {
  using Sums = std::array<Duration, kParts>;
  AttributionSummary summary{.all = {}, .tail = {}, .tail_from_ms = tail_from_ms};
  Sums all{}, tail{};
  const auto add = [](const Attribution& a, Sums& sums, AttributionSummary::Mean& mean) {
    for (std::size_t i = 0; i < kParts; ++i) sums[i] += a.parts[i];
    ++mean.requests;
  };
  const auto divide = [](const Sums& sums, AttributionSummary::Mean& mean) {
    if (mean.requests == 0) return;
    for (std::size_t i = 0; i < kParts; ++i) mean.ms[i] = to_ms(sums[i]) / static_cast<double>(mean.requests);
  };
  const Attributor attributor(run);
  for (std::size_t i = first_measured(run, options); i < run.requests.size(); ++i) {
    const RequestRecord& r = run.requests[i];
    if (!has_full_answer(r)) continue;
    const Attribution a = attributor.of(r);
    add(a, all, summary.all);
    if (to_ms(r.last_token - r.arrival) >= tail_from_ms) add(a, tail, summary.tail);
  }
  divide(all, summary.all);
  divide(tail, summary.tail);
  return summary;
}

}  // namespace blis
