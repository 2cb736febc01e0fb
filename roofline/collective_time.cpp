#include "roofline/collective_time.h"

#include <algorithm>

namespace blis {
namespace {

// vLLM's own all-reduce serves more than two GPUs only over NVLink; NCCL's takes this much longer to start.
constexpr double kLibraryUs = 8;

}  // namespace

KernelCost all_reduce_time(const Machine& machine, const Group& group, double bytes) {
  if (group.gpus <= 1) return {};
  const AllReduceConstants& c = machine.constants.all_reduce;
  const double others = group.gpus - 1;
  const double sent = bytes * (1 + c.contention * (group.gpus - 2)) / group.link;
  const double hops = c.hop_us * others;
  const double one_shot_fixed = c.t0_us + hops, one_shot = others * sent / c.one_shot_eff;
  const double two_shot_fixed = c.two_shot_t0_us + hops,
               two_shot = 2 * others / group.gpus * sent / c.two_shot_eff;
  KernelCost cost(CostPart::communication, std::min(one_shot_fixed + one_shot, two_shot_fixed + two_shot));
  if (!machine.nvlink && group.gpus > 2) cost.add<CostPart::launch>(kLibraryUs);
  return cost;
}

KernelCost all_gather_time(const Machine& machine, const Group& group, double bytes) {
  if (group.gpus <= 1) return {};
  const AllReduceConstants& c = machine.constants.all_reduce;
  const double others = group.gpus - 1;
  return {CostPart::communication, c.t0_us + c.hop_us * others +
                                       others / group.gpus * bytes * (1 + c.contention * (group.gpus - 2)) /
                                           (group.link * c.two_shot_eff)};
}

KernelCost send_time(const Machine& machine, const Group& group, double bytes) {
  if (group.gpus <= 1) return {};
  return {CostPart::communication, machine.constants.all_reduce.t0_us +
                                       bytes / (group.link * machine.constants.all_reduce.two_shot_eff)};
}

}  // namespace blis
