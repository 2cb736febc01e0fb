// All that `blis accuracy` found out, and the documents it is written as.
#pragma once

#include <string>
#include <vector>

#include "tools/score/bands.h"
#include "tools/score/kv_score.h"
#include "tools/score/leave_out.h"
#include "tools/score/peers.h"
#include "tools/score/ranking.h"
#include "tools/score/simulate_case.h"
#include "tools/score/summary.h"

namespace blis {

struct Scoreboard {
  std::vector<CaseOutcome> cases;
  std::vector<GroupSummary> summary;
  std::vector<PeerComparison> peers;
  std::vector<Ranking> ranking;
  std::vector<KvOutcome> kv;
  ErrorBands bands;               // from all of these, and
  std::vector<BandTest> tested;   // how they fare on groups left out
  std::vector<LeftOut> left_out;  // scores on what the constants have not seen, if asked for
};

// `folders` may hold figures of peers on the same runs.
Scoreboard make_scoreboard(std::vector<CaseOutcome> outcomes, std::span<const std::string> folders);

std::string to_text(const Scoreboard& board, bool by_stage);
std::string to_json(const Scoreboard& board);

}  // namespace blis
