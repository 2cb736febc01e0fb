#include "workloads/session_order.h"

#include <fmt/format.h>

#include "workloads/bad_row.h"

namespace blis {

SessionOrder::Last* SessionOrder::above(std::uint64_t session) {
  if (where_ != FollowUps::anywhere) return last_.session == session ? &last_ : nullptr;
  const auto found = rows_.find(session);
  return found == rows_.end() ? nullptr : &found->second;
}

void SessionOrder::remember(const Last& row) {
  if (where_ == FollowUps::anywhere) {
    rows_.insert_or_assign(row.session, row);
  } else {
    last_ = row;
  }
}

void SessionOrder::add(TraceRow& row, const TraceReader& reader) {
  if (row.session == 0) return;
  if (row.wait) {
    Last* const before = above(row.session);
    if (before == nullptr && !row.stamp) {
      fail_row(reader.place(), {.message = "this row waits for the row before it, and its session has none",
                                .expected = "the session's first row above it, with a time stamp"});
    }
    if (before == nullptr) {
      row.wait.reset();
    } else if (row.stamp && before->stamp && *row.stamp < *before->stamp) {
      fail_row(reader.place(),
               {.message = fmt::format("this row waits for the row above it in its session, and came {:g} ms "
                                       "before it",
                                       to_ms(*before->stamp - *row.stamp)),
                .expected = "the rows of a session in the order in which they were sent",
                .hint = "`closed_loop_sessions: false` replays rows by their time stamps"});
    } else {
      row.chain = before->chain;
      if (row.stamp) before->stamp = row.stamp;
      return;
    }
  }
  row.chain = ++chains_;
  remember({row.session, row.chain, row.stamp});
}

}  // namespace blis
