// What speaks for a GPU's step times beside its data sheet.
#pragma once

#include <cstdint>
#include <string>

#include "roofline/hardware.h"

namespace blis {

enum class KernelEvidence : std::uint8_t {
  own_tables,     // its kernels were measured
  sister_tables,  // those of a card with the same chip, or one of its family
  data_sheet,     // none: what other GPUs reach of theirs
};

struct Evidence {
  KernelEvidence kernels = KernelEvidence::data_sheet;
  std::string sister{};  // whose kernels, of sister_tables
  int serving_runs = 0;  // and curves, that were measured and scored (docs/accuracy.md)
};
Evidence evidence_of(const Hardware& hardware);

// "kernel tables and 104 serving runs", "data sheet only".
std::string to_string(const Evidence& evidence);

}  // namespace blis
