// Where prefills end for the sake of states (Mamba, linear attention) in mode `align`.
#include <algorithm>

#include "sim/vllm/scheduler.h"

namespace blis {

// A state is cached where a step ends. So until the last block boundary that a prompt can be gone on from, a
// prefill's steps end at block boundaries, and once at the place where another prompt parts. 0: the step has
// no room for a block. Source: vLLM's Scheduler._mamba_block_aligned_split (vllm#30877, vllm#37898,
// vllm#47782).
int Scheduler::to_cacheable_end(const Request& r, int start, int tokens) const {
  if (tokens <= 0 || start >= std::max(r.prompt_tokens, r.num_tokens - 1)) return tokens;
  const int block = config_.block_size;
  const int last = std::max(r.num_tokens / block * block - (config_.use_eagle ? block : 0), 0);
  int end = start + tokens;
  if (end < last) {
    int most = config_.token_budget();
    if (config_.long_prefill_token_threshold > 0) most = std::min(most, config_.long_prefill_token_threshold);
    const int boundary = end / block * block;
    if (boundary > start || block <= most)
      end = boundary;  // a block larger than any step is computed in parts
  }
  const int next = (start / block + 1) * block;
  const int parting = kv_.shared_prefix_boundary(r.sequence);
  int stop = end;
  const auto stop_at = [&](int place) {
    if (start < place && place < end) stop = std::min(stop, place);
  };
  if (start % block != 0 && next <= last) stop_at(next);
  stop_at(last);
  if (start < parting && parting < end) stop_at(start + (parting - start) / block * block);
  return std::max(stop - start, 0);
}

}  // namespace blis
