// Time of collectives between the GPUs of a parallel group.
#pragma once

#include "roofline/kernel_cost.h"
#include "roofline/machine.h"

namespace blis {

// A group of ranks and the rate of its slowest link (link_rate).
struct Group {
  int gpus = 1;
  double link = 0;  // bytes a microsecond, per direction
};

// `bytes` is the size of the vector that every rank holds. All are 0 for a group of one.
KernelCost all_reduce_time(const Machine& machine, const Group& group, double bytes);
KernelCost all_gather_time(const Machine& machine, const Group& group, double bytes);  // of the result
KernelCost send_time(const Machine& machine, const Group& group, double bytes);        // to the next stage

}  // namespace blis
