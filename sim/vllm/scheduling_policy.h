// Who is served first: the decisions of the scheduler that vLLM leaves to `--scheduling-policy`. Adding a
// policy is a class and a row.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sim/units.h"

namespace blis {

// Compared in this order; equals are ordered by request id.
struct Rank {
  std::int64_t first = 0;
  std::int64_t second = 0;
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

// What a policy may look at: never the output's length, which no scheduler knows.
struct KnownRequest {
  std::int32_t priority = 0;
  std::int32_t prompt_tokens = 0;
  std::int32_t outputs = 0;   // generated so far
  std::int32_t computed = 0;  // tokens that have their keys and values
  std::uint32_t preemptions = 0;
  Time arrival{};
  Rank rank{};  // when it was last ranked
};

// The running requests in order of admission, looked at one by one.
class RunningRequests {
 public:
  virtual std::size_t size() const = 0;
  virtual KnownRequest operator[](std::size_t i) const = 0;

 protected:
  ~RunningRequests() = default;
};

// What a running request gets of a step's token budget.
struct Share {
  KnownRequest request;
  int wanted = 0;  // positions that it could compute
  int tokens = 0;  // of them, those that it may
};

// A policy may cruise if its decisions stay the same while sequences only decode. The scheduler then ranks a
// request once, when it arrives, and gives every running one what it wants, in order of admission.
// Otherwise it ranks all that wait anew in each step, asks who gets the budget, and takes every step one
// request after the other, which costs accordingly.
class SchedulingPolicy {
 public:
  virtual ~SchedulingPolicy() = default;

  virtual bool may_cruise() const { return true; }

  // --- The order of the waiting.
  // Without ranks: as they come, and who was preempted goes to the front.
  virtual bool has_ranks() const { return false; }
  virtual Rank rank(const KnownRequest&) { return {}; }  // the lowest is admitted first

  // --- The victim among the running when KV blocks run short: its position. There is at least one.
  virtual std::size_t victim(const RunningRequests& running) { return running.size() - 1; }

  // --- Who gets the budget. Sets `tokens` of each, at most `wanted`, and at most `budget` in all; what is
  // left is for admissions.
  virtual void share(std::span<Share> running, int budget);
};

struct PolicyRow {
  std::string_view name;
  std::unique_ptr<SchedulingPolicy> (*make)();
};

// First come, first served; the last admitted is preempted first.
std::unique_ptr<SchedulingPolicy> make_fcfs();
// The smallest number first, then by arrival; the highest rank is preempted first, of equals the one that
// was admitted first.
std::unique_ptr<SchedulingPolicy> make_priority();

// vLLM's two.
inline constexpr std::array kSchedulingPolicies{
    PolicyRow{"fcfs", make_fcfs},
    PolicyRow{"priority", make_priority},
};

// Requires that there is one of this name.
std::unique_ptr<SchedulingPolicy> make_policy(std::string_view name);

}  // namespace blis
