// Steps in which the same sequences verify drafts, and nothing else happens. From one to the next each has
// one token more, and as many as it had drafts accepted: its known tokens are all there is to follow, and
// everything else of its request is written out when the run is over.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace blis {

// Between two steps: what comes next is the step's schedule(), then the update() of the step in flight before
// it (asynchronous scheduling) or of its own.
class DraftRun {
 public:
  struct Member {
    std::int32_t known = 0;     // tokens, prompt and outputs
    std::int32_t end = 0;       // known tokens with which it may be done
    std::int32_t accepted = 0;  // in the step in flight
    std::int32_t held = 0;      // blocks
    std::int32_t planned = 0;   // known tokens when its last step was scheduled
    std::int32_t room = 0;      // known tokens up to which its blocks are enough
  };

  // Of `drafts` a sequence and step, with `lookahead` slots beyond them.
  void begin(int drafts, bool step_in_flight, int lookahead, int block_size) {
    drafts_ = drafts;
    step_in_flight_ = step_in_flight;
    reach_ = step_in_flight ? 2 * drafts + 1 + lookahead : drafts + lookahead;
    block_size_ = block_size;
    members_.clear();
    context_ = needed_ = 0;
    may_end_ = false;
  }
  void add(Member member) {
    member.room = member.held * block_size_ - reach_;
    look_ahead(member);
    members_.push_back(member);
  }

  const std::vector<Member>& members() const { return members_; }
  std::int32_t size() const { return static_cast<std::int32_t>(members_.size()); }
  int drafts() const { return drafts_; }

  // Of the next step: somebody might be done once it is scheduled; the blocks that it takes; and tokens
  // computed before it, those of drafts in flight included, summed, of each at most `window`.
  bool may_end() const { return may_end_; }
  int blocks_needed() const { return needed_; }
  std::int64_t context() const { return context_; }
  std::int64_t context_within(std::int32_t window) const {
    std::int64_t sum = 0;
    for (const Member& m : members_) sum += std::min(context_of(m.known), window);
    return sum;
  }
  std::int32_t context_of(std::int32_t known) const { return step_in_flight_ ? known + drafts_ : known - 1; }

  // Takes it. `draw()` says how many drafts the next sequence, in order, has accepted.
  template <class Draw>
  void step(const Draw& draw);

 private:
  void look_ahead(const Member& m) {
    context_ += context_of(m.known);
    may_end_ = may_end_ || m.known + 1 + (step_in_flight_ ? m.accepted : drafts_) >= m.end;
    if (m.known > m.room) needed_ += blocks_of(m) - m.held;
  }
  std::int32_t blocks_of(const Member& m) const { return (m.known + reach_ + block_size_ - 1) / block_size_; }

  int drafts_ = 0;
  bool step_in_flight_ = false;
  int reach_ = 0;  // slots beyond the known tokens
  int block_size_ = 1;
  std::vector<Member> members_;  // in order of admission
  std::int64_t context_ = 0;
  int needed_ = 0;
  bool may_end_ = false;
};

template <class Draw>
void DraftRun::step(const Draw& draw) {
  context_ = needed_ = 0;
  for (Member& m : members_) {
    if (m.known > m.room) {
      m.held = blocks_of(m);
      m.room = m.held * block_size_ - reach_;
    }
    m.planned = m.known;
    const std::int32_t drawn = drafts_ > 0 ? std::min(draw(), drafts_) : 0;
    m.known += 1 + (step_in_flight_ ? std::exchange(m.accepted, drawn) : drawn);
    look_ahead(m);
  }
}

}  // namespace blis
