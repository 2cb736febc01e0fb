// Which GPU a node must have, by the labels that clouds and drivers give it.
#pragma once

#include <optional>
#include <string>

#include "scenarios/document.h"

namespace blis {

struct WantedGpu {
  std::string name;  // in the catalog; empty: the label names one that is not known here
  std::string label;
  Place place;
};
// The first that a manifest or a file of Helm values asks for: as a selector (`nvidia.com/gpu.product: ...`)
// or as an affinity ({key: ..., values: [...]}).
std::optional<WantedGpu> wanted_gpu(const Document& document, const Node& node);

}  // namespace blis
