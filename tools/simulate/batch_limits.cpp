#include "tools/simulate/batch_limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace blis {
namespace {

// What the prefills and the decodes of a batch add up to.
struct Sums {
  std::int64_t prefill = 0, decode = 0;
  std::int64_t all() const { return prefill + decode; }
};

template <class Of>
Sums sums(std::span<const BatchPart> batch, Of of) {
  Sums result;
  for (const BatchPart& part : batch) (part.prefill ? result.prefill : result.decode) += of(part);
  return result;
}

// A decode goes without its drafts where they do not fit.
std::int64_t least_tokens(const BatchPart& part) {
  return part.prefill ? part.tokens : 1;
}

// At least: of a layer with an attention window only what lies in it.
std::int64_t kv_blocks(const BatchPart& part, const SchedulerConfig& config) {
  std::int64_t blocks = 0;
  for (const KvGroup& group : config.kv_groups) {
    const std::int64_t all = part.context + least_tokens(part);
    const std::int64_t held =
        group.kind == KvKind::full ? all : std::min<std::int64_t>(all, std::max(group.reach, 1));
    const std::int64_t size = group.block_size > 0 ? group.block_size : config.block_size;
    blocks += (held + size - 1) / size;
  }
  return part.sequences * blocks;
}

}  // namespace

std::vector<std::string> beyond_limits(std::span<const BatchPart> batch, const SchedulerConfig& config) {
  std::vector<std::string> sentences;
  const auto add = [&](const std::string& reason) {
    sentences.push_back("the engine would never run this step: " + reason);
  };
  const auto check = [&](const Sums& sum, const char* what, std::int64_t most, const char* limit) {
    if (sum.all() <= most) return;
    add(fmt::format("{} prefill + {} decode = {} {}, more than {} {}", sum.prefill, sum.decode, sum.all(),
                    what, limit, most));
  };
  check(sums(batch, [](const BatchPart& part) { return part.sequences; }), "sequences", config.max_num_seqs,
        "max_num_seqs");
  check(sums(batch, [](const BatchPart& part) { return part.sequences * part.tokens; }), "tokens",
        config.token_budget(), "max_num_batched_tokens");
  const std::int64_t threshold = config.long_prefill_token_threshold;
  for (const BatchPart& part : batch) {
    const std::int64_t least = least_tokens(part);
    if (part.context + least > config.max_model_len) {
      add(fmt::format("{}: {} in the cache + {} new = {} tokens, more than max_model_len {}", part.shown,
                      part.context, least, part.context + least, config.max_model_len));
    }
    if (part.prefill && threshold > 0 && part.tokens > threshold) {
      add(fmt::format("{}: {} new tokens, more than long_prefill_token_threshold {}", part.shown, part.tokens,
                      threshold));
    }
  }
  const std::int64_t blocks =
      sums(batch, [&](const BatchPart& part) { return kv_blocks(part, config); }).all();
  const std::int64_t usable = config.num_blocks - 1;  // one is the null block
  if (config.num_blocks > 0 && blocks > usable) {
    const bool alike =
        std::ranges::all_of(config.kv_groups, [](const KvGroup& group) { return group.block_size == 0; });
    add(fmt::format("{} KV blocks{}, more than the {} there are{}", blocks,
                    alike ? fmt::format(" of {} tokens", config.block_size) : "", usable,
                    config.enable_prefix_caching ? ", unless its prompts begin alike" : ""));
  }
  return sentences;
}

}  // namespace blis
