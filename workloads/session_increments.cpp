#include "workloads/session_increments.h"

#include <algorithm>

#include "workloads/bad_row.h"
#include "workloads/random.h"

namespace blis {
namespace {

// Content of a turn that no hash id names; the ids of blocks are small numbers.
ContentId content_of_turn(std::uint64_t session, std::uint64_t turn, bool answer) {
  constexpr ContentId kFarFromIds = ContentId{1} << 63;
  return kFarFromIds | mix_bits(session + mix_bits(2 * turn + (answer ? 1 : 0)));
}

}  // namespace

bool SessionIncrements::extend(TraceRow& row) {
  if (row.session == 0) return true;
  Talk& talk = talks_[row.session];
  if (!row.wait) talk = {.said = {}, .tokens = 0, .turns = talk.turns};
  const std::int64_t added = row.input_tokens;
  if (talk.tokens + added > kMaxTokensPerRequest) return false;
  if (row.prompt.empty()) {
    row.prompt.push_back({content_of_turn(row.session, talk.turns, false), static_cast<std::int32_t>(added)});
  }
  row.output_content = content_of_turn(row.session, talk.turns, true);
  row.input_tokens += talk.tokens;
  row.prompt.insert(row.prompt.begin(), talk.said.begin(), talk.said.end());
  talk.said = row.prompt;
  talk.said.push_back({row.output_content, static_cast<std::int32_t>(row.output_tokens)});
  talk.tokens = row.input_tokens + row.output_tokens;
  ++talk.turns;
  return true;
}

}  // namespace blis
