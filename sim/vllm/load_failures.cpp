#include "sim/vllm/load_failures.h"

#include "sim/vllm/scheduler.h"

namespace blis {

std::optional<KvConnector::Match> LoadFailures::match(const Request& r, std::int32_t local) {
  return have_lost_.contains(r.index) ? Match{} : connector_.match(r, local);
}

bool LoadFailures::keeps_blocks(const Request& r) {
  have_lost_.erase(r.index);
  return connector_.keeps_blocks(r);
}

void LoadFailures::allocated(const Request& r, const Match& match) {
  connector_.allocated(r, match);
  if (!match.async) return;
  if (fails_.reached(chance_()) > 0) losing_.insert_or_assign(r.index, match.tokens);
}

std::int32_t LoadFailures::take_lost(RequestIndex request) {
  const auto lost = losing_.extract(request);
  if (lost.empty()) return 0;
  have_lost_.insert(request);
  return lost.mapped();
}

}  // namespace blis
