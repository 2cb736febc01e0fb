// What of a deployment decides which measured runs speak for its accuracy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/resolved_scenario.h"

namespace blis {

// What is known of the GPU's kernels.
enum class GpuClass : std::uint8_t { fitted, general };
std::string_view to_string(GpuClass gpu);
// Cards that borrow another's constants count with those that have none of their own.
GpuClass gpu_class(const Hardware& hardware);

struct DeploymentKind {
  GpuClass gpu = GpuClass::fitted;
  // What it has beyond a dense 16-bit model on the GPUs of one node, each priced by terms of its own:
  // "pipeline stages", "4-bit experts". In the order of a table in deployment_kind.cpp.
  std::vector<std::string> features;
  std::string evidence{};  // "H100-SXM: kernel tables and 104 serving runs"
};
DeploymentKind deployment_kind(const ResolvedScenario& resolved);

}  // namespace blis
