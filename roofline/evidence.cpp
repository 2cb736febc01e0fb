#include "roofline/evidence.h"

#include <fmt/core.h>

namespace blis {

Evidence evidence_of(const Hardware& hardware) {
  // As tools/score/fit writes it of a borrowed set: "constants of H100-SXM, the same chip or its family;
  // ...".
  constexpr std::string_view kBorrowed = "constants of ";
  Evidence evidence{.serving_runs = hardware.measured_runs};
  if (!hardware.calibrated) return evidence;
  const std::string_view source = hardware.calibrated_source;
  if (!source.starts_with(kBorrowed)) {
    evidence.kernels = KernelEvidence::own_tables;
    return evidence;
  }
  evidence.kernels = KernelEvidence::sister_tables;
  evidence.sister = source.substr(kBorrowed.size(), source.find(',') - kBorrowed.size());
  return evidence;
}

std::string to_string(const Evidence& e) {
  const bool by_sheet = e.kernels == KernelEvidence::data_sheet;
  std::string text = by_sheet ? "data sheet" : "kernel tables";
  if (!e.sister.empty()) text += " of " + e.sister;
  if (e.serving_runs > 0) {
    return text + fmt::format(" and {} serving run{}", e.serving_runs, e.serving_runs == 1 ? "" : "s");
  }
  return by_sheet ? text + " only" : text;
}

}  // namespace blis
