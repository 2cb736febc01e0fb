#include "sim/step_reader.h"

#include <algorithm>
#include <cassert>

namespace blis {

void StepReader::read(const StepPiece& piece) {
  assert(piece.first == read_until(piece.number) && piece.engine.steps.first_kept() <= piece.first);
  take(piece);
  read_.resize(std::max<std::size_t>(read_.size(), piece.number + 1u));
  read_[piece.number] = piece.end;
}

void StepReader::finish(const RunResult& run) {
  std::vector<std::vector<RequestIndex>> with_tokens(run.engines.size());
  for (auto& list : with_tokens) list.reserve(run.requests.size() / run.engines.size() + 1);
  for (std::size_t i = 0; i < run.requests.size(); ++i) {
    const RequestRecord& r = run.requests[i];
    if (r.tokens.first != kNoStep) with_tokens[r.replica].push_back(static_cast<RequestIndex>(i));
  }
  for (std::size_t e = 0; e < run.engines.size(); ++e) {
    const auto number = static_cast<EngineIndex>(e);
    const StepIndex first = read_until(number), end = static_cast<StepIndex>(run.engines[e].steps.size());
    if (first == end) continue;
    read({.number = number,
          .engine = run.engines[e],
          .first = first,
          .end = end,
          .requests = run.requests,
          .with_tokens = with_tokens[e]});
  }
  end(run);
}

}  // namespace blis
