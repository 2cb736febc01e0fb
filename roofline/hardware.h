// One entry of hardware_config.json: a GPU as its data sheet describes it, in the units of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "roofline/kernel_constants.h"

namespace blis {

// The fields are named after the file's keys, given beside each. Peaks are dense, never with sparsity.
// The first eight are the seed's and required (> 0 and finite); of the others 0 or empty means that
// the entry does not say, and what needs it must refuse or fall back aloud.
struct Hardware {
  std::string name;  // the entry's own key, e.g. H100-SXM

  double tflops_peak = 0;         // TFlopsPeak or TFlopsEff (never both): 16-bit, TFLOP/s
  double bw_peak_tbs = 0;         // BwPeakTBs or BwEffTBs (never both): HBM, TB/s (10^12)
  double bw_eff_constant = 0;     // BwEffConstant: reachable share of it, (0, 1]
  double t_overhead_micros = 0;   // TOverheadMicros: per step; may be 0
  double per_layer_overhead = 0;  // perLayerOverhead, microseconds; may be 0
  double mfu_prefill = 0;         // mfuPrefill, (0, 1]
  double mfu_decode = 0;          // mfuDecode, (0, 1]
  double all_reduce_latency = 0;  // allReduceLatency, microseconds; may be 0

  double tflops_fp8 = 0;      // TFlopsFP8; 0: no such units, 8-bit float weights are unpacked to 16 bits
  double tflops_fp4 = 0;      // TFlopsFP4
  double tflops_int8 = 0;     // TFlopsINT8, TOP/s
  double memory_gib = 0;      // MemoryGiB: what the driver reports (79.65 for an 80 GB H100), 2^30 bytes
  int num_sms = 0;            // NumSMs
  double l2_mib = 0;          // L2MiB, 2^20 bytes
  double nvlink_gbs = 0;      // NvlinkGBs: within the node, per GPU and direction, GB/s (10^9); 0: PCIe only
  double pcie_gbs = 0;        // PcieGBs: host link, per direction, GB/s
  double inter_node_gbs = 0;  // InterNodeGBs: an assumed fabric between nodes, per GPU and direction
  int gpus_per_node = 0;      // GpusPerNode
  double watts = 0;           // Watts: board power
  double compute_capability = 0;  // ComputeCapability: 8.0, 8.9, 9.0, 10.0, 12.0

  bool consumer_board =
      false;  // ConsumerBoard: GeForce; no ECC, no copies between cards but through the host

  int measured_runs = 0;  // MeasuredRuns: serving runs and curves on it that `blis accuracy` scores

  std::vector<std::string> aliases;  // further names; unique over the whole file
  std::string source;                // where the figures are from

  std::optional<KernelConstants> calibrated;  // nested object `calibrated`; see kernel_constants.h
  std::string calibrated_source;              // its key `source`: which tables, when
};

}  // namespace blis
