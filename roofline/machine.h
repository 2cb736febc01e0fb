// A GPU as the calibrated model computes with it: rates in microseconds' units and kernel constants,
// complete, with where they come from.
#pragma once

#include <string>

#include "roofline/hardware.h"
#include "roofline/kernel_constants.h"

namespace blis {

// Rates are per microsecond, so that work over rate is the microseconds all times here are in.
struct Machine {
  double flops = 0;      // 16-bit
  double flops_fp8 = 0;  // 0: no such units
  double flops_int8 = 0;
  double flops_fp4 = 0;
  double bytes = 0;       // HBM
  double link = 0;        // within the node, per direction; 0: unknown
  double inter_node = 0;  // 0: unknown
  int gpus_per_node = 8;
  int sms = 0;
  bool nvlink = false;
  AttentionKernel attention = AttentionKernel::flash2;
  KernelConstants constants;
  std::string provenance;  // "fitted" or "general", for reports
};

// Throws InputError (usage) for an entry without peak, bandwidth or NumSMs. Constants of its own are
// used where the entry has them, else the general ones.
Machine make_machine(const Hardware& hardware);

// Those of the entry, or the general ones of its kind.
KernelConstants kernel_constants_of(const Hardware& hardware);

// Rate of the slowest link among `gpus` ranks. Throws InputError (usage) if the entry has no such link.
double link_rate(const Machine& machine, const Hardware& hardware, int gpus);

}  // namespace blis
