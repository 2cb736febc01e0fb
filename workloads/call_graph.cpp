#include "workloads/call_graph.h"

#include <algorithm>
#include <utility>

namespace blis {

std::size_t CallGraph::add(TraceRow row) {
  const std::size_t call = calls_.size();
  by_name_.emplace(row.name, call);
  calls_.push_back({.row = std::move(row)});
  return call;
}

void CallGraph::open(Time arrival, TraceRow row) {
  due_.push(arrival, add(std::move(row)));
}

void CallGraph::follow(TraceRow row) {
  const auto known = [&](std::uint64_t name) { return by_name_.contains(name); };
  if (!std::ranges::all_of(row.waits_for, known)) {
    ++left_out_;
    return;
  }
  const std::size_t call = add(std::move(row));
  calls_[call].left = calls_[call].row.waits_for.size();
  for (const std::uint64_t name : calls_[call].row.waits_for)
    calls_[by_name_.find(name)->second].followers.push_back(call);
}

TraceRow CallGraph::send(RequestIndex request) {
  const std::size_t call = due_.pop();
  if (!calls_[call].followers.empty()) in_flight_.emplace(request, call);
  return std::move(calls_[call].row);
}

void CallGraph::ended(RequestIndex request, Time at, Outcome outcome) {
  const auto flight = in_flight_.find(request);
  if (flight == in_flight_.end()) return;
  const std::size_t call = flight->second;
  in_flight_.erase(flight);
  if (!ended_well(outcome)) return drop_followers(call);
  for (const std::size_t follower : calls_[call].followers) {
    Call& waiting = calls_[follower];
    waiting.last_end = std::max(waiting.last_end, at);
    if (--waiting.left > 0 || waiting.dropped) continue;
    // A wait that leads beyond the clock stays beyond it, where nothing is sent.
    due_.push(waiting.last_end + std::min(*waiting.row.wait, since_start(kLastTime)), follower);
  }
}

void CallGraph::drop_followers(std::size_t call) {
  std::vector<std::size_t> left{call};
  while (!left.empty()) {
    const std::size_t failed = left.back();
    left.pop_back();
    for (const std::size_t follower : calls_[failed].followers) {
      if (std::exchange(calls_[follower].dropped, true)) continue;
      ++never_sent_;
      left.push_back(follower);
    }
  }
}

}  // namespace blis
