// The sequences that do nothing but decode: each gets one token in every step, so the batch they
// form changes only when one joins or leaves. A step costs the same for any number of them.
//
//                    join                         leave
//   running, listed ------> member of the cruise -------> its last token is in flight ----> finished
//          ^                        |                     (asynchronous scheduling sees a length stop
//          |         land           |                      coming; an EOS token, nobody: such a member
//          +------------------------+                      leaves when it is finished)
//
// While a sequence is a member, its Request stays as it was when it joined; its state at any later step
// follows from CruiseState. To *settle* a member is to write that state out, as if every step had named it.
// To *land* is to settle everybody and go on one by one, because a step cannot give all what they want.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/request.h"
#include "sim/vllm/cut_contexts.h"

namespace blis {

using RequestSlot = std::uint32_t;
constexpr RequestSlot kNoSlot = ~RequestSlot{0};

// What a member brings along, and by which its whole state at any later step is known.
struct CruiseState {
  StepIndex since = 0;        // first step in which it gets a token as a member; it sampled in the
                              // step before, too
  StepIndex due = 0;          // the step that generates its last token
  std::int32_t computed = 0;  // tokens computed before step `since`
  bool stops_unseen = false;  // ends by an EOS token: nobody knows before the step is done
  bool left = false;          // gets no more tokens; its last one is in flight
  bool member = false;
  RequestSlot next_due = kNoSlot;  // in the calendar
};

// Invariant: size(), context() and blocks_due() are sums over the members that have not left, as they are
// before step `now` is scheduled.
class Cruise {
 public:
  // `window`: the attention window that contexts are cut at for cut_context(), in tokens; 0: none.
  explicit Cruise(int block_size, int window = 0)
      : block_size_(block_size), need_block_(static_cast<std::size_t>(block_size)), cut_(window) {}

  bool empty() const { return size_ == 0; }
  std::int32_t size() const { return size_; }
  std::int64_t context() const { return context_; }        // tokens computed, summed
  std::int64_t cut_context() const { return cut_.sum(); }  // of each at most those in the window
  // Members that need a new block in step `now`.
  std::int32_t blocks_due(StepIndex now) const { return need_block_[now % need_block_.size()]; }

  // All members get one token in step `now`.
  void step(StepIndex now) {
    context_ += size_;
    cut_.step(now);
  }

  // A sequence joins before step `state.since`.
  void join(RequestSlot slot, CruiseState& state);
  // It gets no more tokens from step `now` on.
  void leave(const CruiseState& state, StepIndex now);
  // Sequences whose last token comes in step `due`, and perhaps others: check CruiseState::due.
  RequestSlot first_due(StepIndex due) const { return calendar_[due % kCalendarSteps]; }
  // Takes the entries of step `due` out of the calendar, in no particular order.
  template <class StateOf>
  void take_due(StepIndex due, const StateOf& state_of, std::vector<RequestSlot>& out);

  // Steps from `now` on in which no last token comes, as far as a short look ahead can tell.
  int steps_without_due(StepIndex now) const;

  // Everybody leaves.
  void clear();

  // Tokens computed of a member before step `now`.
  static std::int32_t computed(const CruiseState& s, StepIndex now) {
    const StepIndex end = s.left && now > s.due ? s.due + 1 : now;
    return s.computed + static_cast<std::int32_t>(end - s.since);
  }

 private:
  static constexpr StepIndex kCalendarSteps = 1024;

  std::size_t phase(std::int32_t computed, StepIndex now) const {
    const auto into_block = static_cast<StepIndex>(computed % block_size_);
    return (now + static_cast<StepIndex>(block_size_) - into_block) % static_cast<StepIndex>(block_size_);
  }

  int block_size_;
  std::int32_t size_ = 0;
  std::int64_t context_ = 0;
  std::vector<std::int32_t> need_block_;  // by step modulo block size
  CutContexts cut_;
  std::vector<RequestSlot> calendar_ = std::vector<RequestSlot>(kCalendarSteps, kNoSlot);
};

template <class StateOf>
void Cruise::take_due(StepIndex due, const StateOf& state_of, std::vector<RequestSlot>& out) {
  RequestSlot* link = &calendar_[due % kCalendarSteps];
  while (*link != kNoSlot) {
    CruiseState& state = state_of(*link);
    if (state.due == due) {
      out.push_back(*link);
      *link = state.next_due;
    } else {
      link = &state.next_due;
    }
  }
}

}  // namespace blis
