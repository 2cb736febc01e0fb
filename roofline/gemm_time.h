// Time of a matrix product, of the small kernels between products, and of casting their inputs.
#pragma once

#include "roofline/kernel_cost.h"
#include "roofline/machine.h"
#include "roofline/quantization.h"

namespace blis {

// How a weight matrix is stored and multiplied on a given GPU.
struct Precision {
  double flops = 0;         // peak of the units used, FLOP a microsecond
  double compute_eff = 0;   // reachable share of it
  double weight_bytes = 0;  // an element, scales included
  double input_bytes = 0;   // an activation as the product reads it
  double tail = 0;          // share of the last wave's idle SMs that is paid for
  double quantize_us = 0;   // fixed time of casting the input
  double cast_us = 0;       // more for each million activations
  bool cast_fuses = false;  // torch.compile makes it a part of the element-wise kernel before it
  // Of the grouped product of experts, against the 16-bit one's efficiencies.
  double moe_compute_share = 1;
  double moe_memory_share = 1;
  double moe_extra_us = 0;
  double moe_compute_eff = 0;  // of the units' peak, in place of the 16-bit one's and the share; 0: those
  double moe_p = 0;            // norm that joins its compute and memory time; 0: the 16-bit one's
  double moe_row_vectors = 0;  // of the hidden size and 16 bits, that each of its rows moves besides
  bool moe_in_blocks = false;  // each expert's rows are filled up to a block of the kernel's
  double unpack_rate = 0;      // weights a microsecond that can be turned into 16 bits; 0: they need not be
};

// 8- and 4-bit units are used where the GPU has them and the checkpoint's activations are cast; otherwise
// the weights are unpacked on the way in (weight-only) and the 16-bit units multiply.
Precision precision_of(const Machine& machine, const Storage& storage, double native_bytes);

// m x k times k x n, all > 0, m in tokens.
KernelCost gemm_time(const Machine& machine, const Precision& precision, double m, double n, double k);

// The same for an input that an element-wise kernel has just written.
Precision after_elementwise(const Precision& precision);

// A kernel that only moves bytes: norms, activation functions, rotary embedding. Attributed to `activations`.
KernelCost elementwise_time(const Machine& machine, double bytes);

}  // namespace blis
