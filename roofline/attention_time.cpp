#include "roofline/attention_time.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace blis {
namespace {

constexpr double kTile = 128;  // query rows
constexpr double kShortContext = 64;

// What a batch of prefill chunks adds up to.
struct PrefillWork {
  double flops = 0;  // scores and weighted values, masked halves of diagonal tiles included
  double tiles = 0;
  double moved = 0;    // bytes of queries, keys, values and outputs
  double longest = 0;  // FLOPs of the tile with the most keys
};

double flops_a_pair(const AttentionShape& s) {
  return 2 * (s.qk_dim + s.v_dim);
}

// std::ceil for x >= 0, without a call.
double round_up(double x) {
  const auto whole = static_cast<double>(static_cast<std::int64_t>(x));
  return whole < x ? whole + 1 : whole;
}

PrefillWork prefill_work(const Machine& machine, const AttentionShape& s,
                         std::span<const PrefillChunk> prefills) {
  const double group = machine.attention == AttentionKernel::flash3 && !s.latent ? s.heads / s.kv_heads : 1;
  const double tile_rows = kTile / group;
  const double bytes_a_token = 2 * (s.heads * (s.qk_dim + s.v_dim) + s.kv_heads * (s.qk_dim + s.v_dim));
  PrefillWork w;
  for (const PrefillChunk& chunk : prefills) {
    const double q = chunk.new_tokens;
    // Keys a row sees: the context, half the chunk, and its share of the diagonal tile; cut at the window.
    double keys = chunk.context + (q + std::min(q, tile_rows)) / 2;
    double most = chunk.context + q;
    if (s.window > 0)
      keys = std::min(keys, s.window + tile_rows), most = std::min(most, s.window + tile_rows);
    w.flops += flops_a_pair(s) * s.heads * q * keys;
    w.tiles += s.heads / group * round_up(q * group / kTile);
    w.moved += q * bytes_a_token;
    w.longest = std::max(w.longest, flops_a_pair(s) * kTile * most);
  }
  return w;
}

// log2 for x >= 1, exact at powers of two and linear between: the term it feeds is a small fit.
double log2_linear(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto exponent = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
  const auto mantissa = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  return exponent + (mantissa - 1);
}

// Without t0.
DecodeCost decode_parts(const Machine& machine, const AttentionShape& s, const DecodeBatch& d) {
  const DecodeConstants& c = machine.constants.decode;
  double read = (d.context + d.tokens) * s.kv_bytes / (machine.bytes * c.memory_eff);
  bool compute_bound = false;
  const double rows = d.tokens / d.sequences;  // 1, or more with drafts
  // Rarely the bound; for MLA, where all heads read one vector, often.
  const double pair_flops = s.latent ? 2 * (2 * s.latent_dim) : flops_a_pair(s);
  const double compute = pair_flops * s.heads * (d.context + d.tokens) * rows /
                         (machine.flops * machine.constants.prefill.compute_eff);
  if (compute > read) read = compute, compute_bound = true;
  const double tiles = c.tile_us * d.sequences * (s.latent ? 1 : s.kv_heads) / machine.sms;
  const double mean = std::max(kShortContext, d.context / d.sequences);
  return {.us = std::sqrt(read * read + tiles * tiles),
          .launch_us = c.chain_us * log2_linear(mean / kShortContext),
          .compute_bound = compute_bound};
}

}  // namespace

DecodeCost decode_time(const Machine& machine, const AttentionShape& shape, const DecodeBatch& decodes) {
  DecodeCost cost = decode_parts(machine, shape, decodes);
  cost.launch_us = machine.constants.decode.t0_us + cost.launch_us;
  return cost;
}

KernelCost attention_time(const Machine& machine, const AttentionShape& s,
                          std::span<const PrefillChunk> prefills, const DecodeBatch& d) {
  const PrefillConstants& c = machine.constants.prefill;
  KernelCost cost;
  const bool decodes = d.sequences > 0;
  if (prefills.empty()) {
    if (decodes) decode_time(machine, s, d).add_to(cost, 1);
    return cost;
  }

  const DecodeCost alone = decodes ? decode_parts(machine, s, d) : DecodeCost{};
  PrefillWork w = prefill_work(machine, s, prefills);
  const double rate = machine.flops * c.compute_eff;
  double launch = decodes ? std::max(c.t0_us, machine.constants.decode.t0_us) : c.t0_us;
  cost.add<CostPart::activations>(c.traffic * w.moved / machine.bytes);
  double pooled_kv = 0;
  if (decodes && machine.attention == AttentionKernel::flash2 && !s.latent) {
    // One launch: decoding rows are tiles of their own, mostly padding, and their KV is read beside.
    const double padded = c.mixed_rows * flops_a_pair(s) * s.heads * kTile * d.context / rate;
    w.tiles += s.heads * d.sequences;
    w.longest = std::max(w.longest, flops_a_pair(s) * kTile * d.context / d.sequences);
    // Never cheaper than the same rows on their own.
    pooled_kv = std::max(std::sqrt(padded * padded + alone.us * alone.us), alone.us + alone.launch_us);
  } else if (decodes) {
    const bool apart = machine.attention == AttentionKernel::separate;
    launch = (apart ? c.t0_us + machine.constants.decode.t0_us : launch) + alone.launch_us;
    if (alone.compute_bound) {
      cost.add<CostPart::compute>(alone.us);
    } else {
      cost.add<CostPart::kv>(alone.us);
    }
  }
  const double work = w.flops / rate + c.tile_us * w.tiles / machine.sms;
  const double longest = c.longest * w.longest * machine.sms / rate;
  const double pool = work + pooled_kv;
  const double bound = std::sqrt(pool * pool + longest * longest);
  const double kv = pool > 0 ? bound * pooled_kv / pool : 0;
  cost.add<CostPart::launch>(launch);
  cost.add<CostPart::kv>(kv);
  cost.add<CostPart::compute>(bound - kv);
  return cost;
}

}  // namespace blis
