// The calibrated model's constants for one GPU: measured efficiencies and fixed times of its kernels.
// hardware_config.json holds them in the nested object `calibrated`, written by tools/fit; a GPU
// without them takes the defaults below, the medians of the fitted GPUs. docs/latency.md derives them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace blis {

// How the GPU's attention kernel treats a batch.
enum class AttentionKernel : std::uint8_t {
  flash2,    // one tile of 128 rows a query head, decoding rows of a mixed batch padded to a tile
  flash3,    // Hopper: the query heads of a KV head share a tile; decoding rows cost what they cost alone
  separate,  // Blackwell data centre: prefill and decode are launches of their own
};

// Times in microseconds; efficiencies are shares of the data sheet's rates, at most 1.
struct GemmConstants {
  double t0_us = 2.2421;        // launch and prologue
  double chain_us = 0.0186;     // serial walk of one tile along k, for each 1024 of it
  double memory_eff = 0.7774;   // of bandwidth, streaming weights
  double compute_eff = 0.8301;  // of the 16-bit peak
  double p = 3.1906;            // norm that joins compute and memory time: 1 adds, infinity overlaps fully
  double tail = 0.1778;         // share of the last wave's idle SMs that is paid for
  double sag = 0;               // compute time lost for each doubling of m beyond 2048
};

struct GemmFp8Constants {
  double quantize_us = 2.7742;    // casting the activations: launch
  double cast_us = 2.3432;        // and a million of them
  double compute_share = 0.9285;  // compute_eff of 8-bit units over that of 16-bit ones
  double tail = 0.586;            // share of the last wave's idle SMs that is paid for
};

struct DecodeConstants {
  double t0_us = 10.5813;
  double chain_us = 0.5021;   // for each doubling of the context beyond 64: split-KV reduction
  double memory_eff = 0.809;  // reading the KV cache
  double tile_us = 3.6658;    // a sequence and KV head, on one SM
};

struct PrefillConstants {
  double t0_us = 6.9704;
  double compute_eff = 0.5858;
  double tile_us = 3.0378;     // a tile of 128 query rows, on one SM
  double longest = 0.4779;     // weight of the longest tile's serial walk over its keys
  double traffic = 0.6225;     // times that queries, keys, values and outputs cross memory
  double mixed_rows = 0.5554;  // FlashAttention 2: share of a padded tile that a decoding row in a mixed
                               // batch costs
};

struct AllReduceConstants {
  double t0_us = 4.6265;            // one-shot: everyone sends everything
  double one_shot_eff = 0.5817;     // of the link's rate per direction
  double two_shot_t0_us = 10.1001;  // two-shot: reduce-scatter, then all-gather
  double two_shot_eff = 0.6606;
  double hop_us = 0.0756;   // a further GPU
  double contention = 0.0;  // bandwidth lost to each GPU beyond the second
};

struct MoeConstants {
  double t0_us = 29.4524;  // routing, alignment, two grouped GEMMs, combination
  double memory_eff = 0.969;
  double compute_eff = 0.5718;
  double p = 1.2692;
  double pad_rows = 4.9991;     // rows that padding adds to each expert reached
  double permute_us = 27.9125;  // 1024 tokens of 4096 elements to their experts and back
};

struct MoeFp8Constants {
  double extra_us = 0.1117;
  double compute_share = 0.8911;
  double memory_share = 0.9713;
};

struct KernelConstants {
  GemmConstants gemm;
  GemmFp8Constants gemm_fp8;
  DecodeConstants decode;
  PrefillConstants prefill;
  AllReduceConstants all_reduce;
  MoeConstants moe;
  MoeFp8Constants moe_fp8;
};

// For a GPU without constants of its own: medians over the fitted ones. Of products, and of reading the KV
// cache, over those that copy asynchronously as it does (Hopper, data-centre Blackwell) or does not; of
// prefill attention over those with the same kernel; of collectives over those with the same kind of link.
// `consumer`: what serving on a GeForce card showed beside that (docs/latency.md).
KernelConstants general_kernel_constants(AttentionKernel attention, bool nvlink, bool consumer = false);

// A constant as the catalog names it: `calibrated.<group>.<key>`, and its legal range. Readers loop
// over these rows and know no constant by name.
struct KernelConstantRow {
  std::string_view group;
  std::string_view key;
  double min;
  double max;
  double& (*at)(KernelConstants&);  // where it lies
};
std::span<const KernelConstantRow> kernel_constant_rows();

}  // namespace blis
