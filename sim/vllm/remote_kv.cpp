#include "sim/vllm/remote_kv.h"

namespace blis {

std::optional<KvConnector::Match> RemoteKv::match(const Request& r, std::int32_t local) {
  if (!taking_.contains(r.index)) return Match{};
  const std::int32_t tokens = r.prompt_tokens - local;  // a look-up leaves at least the last one
  return Match{tokens, tokens > 0};
}

void RemoteKv::allocated(const Request& r, const Match& match) {
  if (match.tokens == 0) return;
  taking_.erase(r.index);
  begun_.push_back({r.index, match.tokens});
}

bool RemoteKv::keeps_blocks(const Request& r) {
  return leaving_.erase(r.index) > 0 && r.status == RequestStatus::finished_length;
}

void RemoteKv::take_begun(Time at, std::vector<KvPull>& pulls) {
  for (KvPull pull : begun_) {
    pull.at = at;
    pulls.push_back(pull);
  }
  begun_.clear();
}

}  // namespace blis
