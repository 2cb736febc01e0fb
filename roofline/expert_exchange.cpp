#include "roofline/expert_exchange.h"

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

// Fitted to the twelve published latencies of DeepEP's low-latency kernels on H800 with an adapter of 400
// Gbit/s each, from 8 to 256 GPUs (github.com/deepseek-ai/DeepEP, docs/legacy.md): 7.5 % at worst, 2 % in the
// median. Its normal kernels reach the same share of the adapter (README.md: 90 GB/s with and 45 without what
// stays in the node), and 0.8 of NVLink on H800 and on B200.
constexpr double kStartUs = 33;
constexpr double kFabricShare = 0.9;
constexpr double kLinkShare = 0.8;

constexpr double kBackBytes = 2;

// Different ones among `places` that `draws` at random meet.
double distinct(double places, double draws) {
  return places * (1 - std::pow(1 - 1 / places, draws));
}

}  // namespace

TokenCopies copies_of_token(ExpertExchange kernels, int ranks, int gpus_per_node, double experts) {
  const double all = ranks;
  const double nodes = std::ceil(all / gpus_per_node);  // with equally many ranks
  const double here = all / nodes;
  if (kernels == ExpertExchange::low_latency) {
    return {.fabric = experts * (all - here) / all, .link = experts * (here - 1) / all};
  }
  return {.fabric = distinct(nodes, experts) * (nodes - 1) / nodes,
          .link = here > 1 ? distinct(all, experts) * (all - 1) / all : 0};
}

// Both ways are used at once.
KernelCost exchange_time(const Machine& machine, ExpertExchange kernels, int ranks, double experts,
                         double tokens, double hidden, double sent_bytes) {
  const TokenCopies copies = copies_of_token(kernels, ranks, machine.gpus_per_node, experts);
  const double link = copies.link > 0 ? copies.link / (machine.link * kLinkShare) : 0;
  const double fabric = copies.fabric > 0 ? copies.fabric / (machine.inter_node * kFabricShare) : 0;
  const double us_per_byte = std::max(link, fabric);
  return {CostPart::communication, 2 * kStartUs + tokens * hidden * (sent_bytes + kBackBytes) * us_per_byte};
}

}  // namespace blis
