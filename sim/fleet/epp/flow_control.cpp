#include "sim/fleet/epp/flow_control.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <string>

namespace blis {
namespace {

using std::chrono::seconds;

// What a request's body is taken to have for each token of its prompt: what llm-d takes it for where it
// counts tokens by characters.
constexpr std::int64_t kBytesPerToken = 4;

// How often the picker looks for requests that have waited too long.
constexpr Duration kSweep = seconds{1};

std::int64_t bytes_of(const RequestSpec& request) {
  return kBytesPerToken * request.prompt_tokens;
}

PriorityBand rule_of(const QueueingConfig& config, int priority) {
  const auto said = std::ranges::find(config.bands, priority, &PriorityBand::priority);
  if (said != config.bands.end()) return *said;
  PriorityBand rule = priority < 0 && config.negative_band ? *config.negative_band : config.other_band;
  rule.priority = priority;
  return rule;
}

// `rank` of `count` bands, of which the highest has rank 0.
double ceiling(const UsageLimit& limit, std::size_t rank, std::size_t count, int priority, int highest,
               int lowest) {
  if (count == 1) return limit.highest;
  const double spread = limit.highest - limit.lowest;
  if (limit.by_rank) {
    return limit.highest - static_cast<double>(rank) * spread / static_cast<double>(count - 1);
  }
  const double share = (static_cast<double>(priority) - lowest) / (static_cast<double>(highest) - lowest);
  return limit.lowest + share * spread;
}

}  // namespace

FlowControl::FlowControl(const QueueingConfig& config, std::span<const FlowOfClient> flows)
    : config_(config) {
  std::vector<FlowOfClient> all(flows.begin(), flows.end());
  all.emplace_back();
  std::map<int, std::set<std::string>, std::greater<>> ids;  // by priority
  ids[0];
  for (const PriorityBand& band : config.bands) ids[band.priority];
  for (const FlowOfClient& flow : all) ids[flow.priority].insert(flow.fairness_id);
  for (const auto& [priority, names] : ids) {
    Band band{.rule = rule_of(config, priority),
              .ceiling = ceiling(config.limit, bands_.size(), ids.size(), priority, ids.begin()->first,
                                 ids.rbegin()->first)};
    const bool apart = band.rule.fairness == Fairness::round_robin;
    band.flows.resize(apart ? std::max<std::size_t>(names.size(), 1) : 1);
    bands_.push_back(std::move(band));
  }
  for (const FlowOfClient& flow : all) {
    const auto names = ids.find(flow.priority);
    Place place{.band = static_cast<std::size_t>(std::distance(ids.begin(), names))};
    const Band& band = bands_[place.band];
    if (band.rule.fairness == Fairness::round_robin) {
      place.flow = static_cast<std::size_t>(
          std::distance(names->second.begin(), names->second.find(flow.fairness_id)));
    }
    if (band.rule.order == FlowOrder::slo_deadline) place.slo = flow.ttft_slo.value_or(Duration::max());
    places_.push_back(place);
  }
}

bool FlowControl::has_room(const Band& band, std::int64_t bytes) const {
  const auto waiting = static_cast<std::int64_t>(held_.size());
  if (config_.max_bytes > 0 && bytes_ + bytes > config_.max_bytes) return false;
  if (config_.max_requests > 0 && waiting + 1 > config_.max_requests) return false;
  return band.bytes + bytes <= band.rule.max_bytes && band.requests + 1 <= band.rule.max_requests;
}

// The same as to enter and to be let through by the look that follows.
bool FlowControl::passes(const RequestSpec& request, double saturation) {
  const Place& own = place(request);
  if (!held_.empty() || !has_room(bands_[own.band], bytes_of(request))) return false;
  for (std::size_t i = 0; i <= own.band; ++i) {
    if (saturation >= bands_[i].ceiling) return false;
  }
  for (std::size_t i = 0; i < own.band; ++i) take_turn(bands_[i], std::nullopt);
  if (bands_[own.band].rule.fairness == Fairness::round_robin) take_turn(bands_[own.band], own.flow);
  full_ = false;
  return true;
}

bool FlowControl::enter(RequestIndex index, const RequestSpec& request, Time at) {
  const Place& own = place(request);
  Band& band = bands_[own.band];
  const std::int64_t bytes = bytes_of(request);
  if (!has_room(band, bytes)) return false;
  Time deadline{};
  if (own.slo) deadline = *own.slo == Duration::max() ? kNever : at + *own.slo;
  held_.emplace(index, Held{at, deadline, own.band, own.flow, bytes, HeldRequest(request)});
  band.flows[own.flow].emplace(deadline, at, index);
  ++band.requests;
  band.bytes += bytes;
  bytes_ += bytes;
  order_.emplace_back(at, index);
  return true;
}

FlowControl::Held FlowControl::take(RequestIndex index) {
  Held held = std::move(held_.extract(index).mapped());
  Band& band = bands_[held.band];
  band.flows[held.flow].erase({held.deadline, held.entered, index});
  --band.requests;
  band.bytes -= held.bytes;
  bytes_ -= held.bytes;
  return held;
}

void FlowControl::take_turn(Band& band, std::optional<std::size_t> flow) {
  if (band.turn.has_value() != flow.has_value()) turns_ += flow ? 1 : std::size_t(-1);
  band.turn = flow;
}

FlowControl::Queue* FlowControl::pick(Band& band) {
  if (band.rule.fairness == Fairness::global_strict) {
    return band.flows.front().empty() ? nullptr : &band.flows.front();
  }
  const std::size_t first = band.turn ? *band.turn + 1 : 0;
  for (std::size_t i = 0; i < band.flows.size(); ++i) {
    const std::size_t flow = (first + i) % band.flows.size();
    if (band.flows[flow].empty()) continue;
    take_turn(band, flow);
    return &band.flows[flow];
  }
  take_turn(band, std::nullopt);
  return nullptr;
}

std::optional<FlowControl::Passed> FlowControl::look(double saturation) {
  for (Band& band : bands_) {
    full_ = saturation >= band.ceiling;
    if (full_) return std::nullopt;
    if (Queue* const queue = pick(band)) {
      const RequestIndex index = std::get<RequestIndex>(*queue->begin());
      Held held = take(index);
      return Passed{index, held.entered, std::move(held.request)};
    }
  }
  return std::nullopt;
}

bool FlowControl::drop(RequestIndex index) {
  if (!held_.contains(index)) return false;
  take(index);
  return true;
}

// What waits is looked at once a second.
Time FlowControl::expiry(Time entered) const {
  if (config_.ttl == Duration{0}) return kNever;
  return Time{(since_start(entered) + config_.ttl + kSweep - Duration{1}) / kSweep * kSweep};
}

Time FlowControl::next_expiry() {
  while (!order_.empty()) {
    const auto [entered, index] = order_.front();
    if (held_.contains(index)) return expiry(entered);
    order_.pop_front();
  }
  return kNever;
}

std::optional<RequestIndex> FlowControl::expired(Time at) {
  if (next_expiry() > at) return std::nullopt;
  const RequestIndex index = order_.front().second;
  order_.pop_front();
  take(index);
  return index;
}

}  // namespace blis
