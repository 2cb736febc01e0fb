// Time that tokens take to the data-parallel ranks that hold their experts, and their results back.
#pragma once

#include <cstdint>

#include "roofline/kernel_cost.h"
#include "roofline/machine.h"

namespace blis {

// Which kernels carry them.
enum class ExpertExchange : std::uint8_t {
  gather,           // every rank gets all tokens, then results are reduced and scattered: vLLM's default
  high_throughput,  // a token crosses to another node once, and is passed on there: DeepEP's normal kernels
  low_latency,      // a token goes to each of its experts by itself, without anybody between
};

// What a token's way is made of.
struct TokenCopies {
  double fabric = 0;  // that go to other nodes
  double link = 0;    // that go to other GPUs of a node
};

// Expected, of a token with `experts` of them at random among `ranks`. Not for gather.
TokenCopies copies_of_token(ExpertExchange kernels, int ranks, int gpus_per_node, double experts);

// There and back, of `tokens` of each of so many ranks, > 1. Vectors of `hidden` elements go there with
// `sent_bytes` an element, and come back with 16 bits.
KernelCost exchange_time(const Machine& machine, ExpertExchange kernels, int ranks, double experts,
                         double tokens, double hidden, double sent_bytes);

}  // namespace blis
