#include "sim/vllm/load_failures.h"

#include "sim/vllm/scheduler.h"

namespace blis {

std::optional<KvConnector::Match> LoadFailures::match(const Request& r, std::int32_t local) {
  return connector_.match(r, local);
}

bool LoadFailures::keeps_blocks(const Request& r) {
  return connector_.keeps_blocks(r);
}

void LoadFailures::allocated(const Request& r, const Match& match) {
  connector_.allocated(r, match);
  if (!match.async) return;
  if (fails_.reached(chance_()) > 0) losing_.insert_or_assign(r.index, match.tokens);
}

std::int32_t LoadFailures::take_lost(RequestIndex request) {
  const auto lost = losing_.extract(request);
  return lost.empty() ? 0 : lost.mapped();
}

}  // namespace blis
