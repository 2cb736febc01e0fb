#include "roofline/attention_time.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "roofline/eight_bit_cache.h"

namespace blis {
namespace {

constexpr double kQueryTile = 128;  // query rows
constexpr double kShortContext = 64;

// FlashAttention 2 has no sinks, and vLLM takes its own Triton kernel on the GPUs that have no later one: its
// arithmetic takes this many times longer. From serving of two models on A100, which ask for 5 and 2.
constexpr double kSinksSlowdown = 3.5;

// std::ceil for x >= 0, without a call.
double round_up(double x) {
  const auto whole = static_cast<double>(static_cast<std::int64_t>(x));
  return whole < x ? whole + 1 : whole;
}

// log2 for x >= 1, exact at powers of two and linear between: the term it feeds is a small fit.
double log2_linear(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto exponent = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
  const auto mantissa = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  return exponent + (mantissa - 1);
}

}  // namespace

// What a batch of prefill chunks adds up to.
struct AttentionTime::PrefillWork {
  double flops = 0;  // scores and weighted values, masked halves of diagonal tiles included
  double tiles = 0;
  double moved = 0;    // bytes of queries, keys, values and outputs
  double longest = 0;  // FLOPs of the tile with the most keys
};

AttentionTime::AttentionTime(const Machine& m, const AttentionShape& s)
    : shape_(s),
      kernel_(m.attention),
      prefill_(m.constants.prefill),
      decode_(m.constants.decode),
      bytes_rate_(m.bytes),
      sms_(m.sms),
      flops_per_pair_(2 * (s.qk_dim + s.v_dim)),
      flops_rate_(m.flops * m.constants.prefill.compute_eff /
                  (s.sinks && m.attention == AttentionKernel::flash2 ? kSinksSlowdown : 1)),
      read_rate_(m.bytes * m.constants.decode.memory_eff),
      decode_flops_per_pair_((s.latent ? 2 * (2 * s.latent_dim) : flops_per_pair_) * s.heads / s.stride),
      decode_tiles_(s.latent ? 1 : s.kv_heads),
      group_(m.attention == AttentionKernel::flash3 && !s.latent ? s.heads / s.kv_heads : 1) {
  // Latent and compressed caches in 8 bits have kernels of their own, of which nothing is known.
  if (!s.kv_in_8_bits || s.latent || s.stride > 1) return;
  const EightBitCache cache = eight_bit_cache(m, s);
  read_rate_ *= cache.read_share;
  flops_rate_ /= cache.prefill_times;
  prefill_.t0_us += cache.cast_us;
  decode_.t0_us += cache.cast_us;
}

AttentionTime::PrefillWork AttentionTime::work_of(std::span<const PrefillChunk> prefills) const {
  const AttentionShape& s = shape_;
  const double tile_rows = kQueryTile / group_;
  const double bytes_a_token = 2 * (s.heads * (s.qk_dim + s.v_dim) + s.kv_heads * (s.qk_dim + s.v_dim));
  PrefillWork w;
  for (const PrefillChunk& chunk : prefills) {
    const double q = chunk.new_tokens;
    // Keys a row sees: the context, half the chunk, and its share of the diagonal tile; cut at the window.
    double keys = chunk.context + (q + std::min(q, tile_rows)) / 2;
    double most = chunk.context + q;
    if (s.window > 0)
      keys = std::min(keys, s.window + tile_rows), most = std::min(most, s.window + tile_rows);
    keys /= s.stride, most /= s.stride;
    w.flops += flops_per_pair_ * s.heads * q * keys;
    w.tiles += s.heads / group_ * round_up(q * group_ / kQueryTile);
    w.moved += q * bytes_a_token;
    w.longest = std::max(w.longest, flops_per_pair_ * kQueryTile * most);
  }
  return w;
}

DecodeCost AttentionTime::without_launch(const DecodeBatch& d) const {
  const double seen = d.context + d.tokens;
  double read = seen * shape_.kv_bytes / read_rate_;
  bool compute_bound = false;
  const double rows = d.tokens / d.sequences;  // 1, or more with drafts
  // Rarely the bound; for MLA, where all heads read one vector, often.
  const double compute = decode_flops_per_pair_ * seen * rows / flops_rate_;
  if (compute > read) read = compute, compute_bound = true;
  const double tiles = decode_.tile_us * d.sequences * decode_tiles_ / sms_;
  const double mean = std::max(kShortContext, d.context / (d.sequences * shape_.stride));
  return {.us = std::sqrt(read * read + tiles * tiles),
          .launch_us = decode_.chain_us * log2_linear(mean / kShortContext),
          .compute_bound = compute_bound};
}

KernelCost AttentionTime::mixed(std::span<const PrefillChunk> prefills, const DecodeBatch& d) const {
  const PrefillConstants& c = prefill_;
  KernelCost cost;
  const bool has_decodes = d.sequences > 0;
  if (prefills.empty()) {
    if (has_decodes) decodes(d).add_to(cost, 1);
    return cost;
  }

  const DecodeCost alone = has_decodes ? without_launch(d) : DecodeCost{};
  PrefillWork w = work_of(prefills);
  double launch = has_decodes ? std::max(c.t0_us, decode_.t0_us) : c.t0_us;
  cost.add<CostPart::activations>(c.traffic * w.moved / bytes_rate_);
  double pooled_kv = 0;
  if (has_decodes && kernel_ == AttentionKernel::flash2 && !shape_.latent) {
    // One launch: decoding rows are tiles of their own, mostly padding, and their KV is read beside.
    const double padded =
        c.mixed_rows * flops_per_pair_ * shape_.heads * kQueryTile * d.context / flops_rate_;
    w.tiles += shape_.heads * d.sequences;
    w.longest = std::max(w.longest, flops_per_pair_ * kQueryTile * d.context / d.sequences);
    // Never cheaper than the same rows on their own.
    pooled_kv = std::max(std::sqrt(padded * padded + alone.us * alone.us), alone.us + alone.launch_us);
  } else if (has_decodes) {
    const bool apart = kernel_ == AttentionKernel::separate;
    launch = (apart ? c.t0_us + decode_.t0_us : launch) + alone.launch_us;
    if (alone.compute_bound) {
      cost.add<CostPart::compute>(alone.us);
    } else {
      cost.add<CostPart::kv>(alone.us);
    }
  }
  const double work = w.flops / flops_rate_ + c.tile_us * w.tiles / sms_;
  const double longest = c.longest * w.longest * sms_ / flops_rate_;
  const double pool = work + pooled_kv;
  const double bound = std::sqrt(pool * pool + longest * longest);
  const double kv = pool > 0 ? bound * pooled_kv / pool : 0;
  cost.add<CostPart::launch>(launch);
  cost.add<CostPart::kv>(kv);
  cost.add<CostPart::compute>(bound - kv);
  return cost;
}

}  // namespace blis
