// Sources: GKE's table of GPU types and labels; NVIDIA's GPU feature discovery (product names); AWS's and
// Karpenter's well-known labels; Azure's and AMD's device plugins.
#include "tools/import/gpu_label.h"

#include <array>
#include <string_view>

#include "sim/letter_case.h"

namespace blis {
namespace {

bool is_gpu_label(std::string_view key) {
  constexpr std::array<std::string_view, 5> kLabels{"gpu.product", "gke-accelerator", "/accelerator",
                                                    "instance-gpu-name", "gpu.product-name"};
  for (const std::string_view label : kLabels) {
    if (key.find(label) != std::string_view::npos) return true;
  }
  return key == "accelerator";
}

// All parts are in the label's value; the first row that fits counts.
struct Row {
  std::string_view part, more, gpu;
};
constexpr std::array kRows{
    Row{"gb300", "", "GB300"},
    Row{"gb200", "", "GB200"},
    Row{"b300", "", "B300"},
    Row{"b200", "", "B200"},
    Row{"h200", "", "H200"},
    Row{"h100", "pcie", "H100-PCIe"},
    Row{"h100", "nvl", "H100-NVL"},
    Row{"h100", "", "H100"},
    Row{"h800", "", "H800"},
    Row{"a800", "", "A800"},
    Row{"a100", "80gb-pcie", "A100-PCIe"},
    Row{"a100", "pcie-80gb", "A100-PCIe"},
    Row{"a100", "80gb", "A100"},
    Row{"a100", "pcie", "A100-PCIe-40GB"},
    Row{"a100", "40gb", "A100-SXM-40GB"},
    Row{"tesla-a100", "", "A100-SXM-40GB"},  // GKE's; those of 80 GB are nvidia-a100-80gb
    Row{"a100", "", "A100"},
    Row{"l40s", "", "L40S"},
    Row{"h20", "", "H20"},
    Row{"rtx-pro-6000", "", "RTX-PRO-6000"},
    Row{"rtx-6000-ada", "", "RTX-6000-Ada"},
    Row{"a6000", "", "RTX-A6000"},
    Row{"rtx-4090", "", "RTX-4090"},
    Row{"rtx-5090", "", "RTX-5090"},
    Row{"a10g", "", "A10G"},
    Row{"a40", "", "A40"},
    Row{"mi300x", "", "MI300X"},
    Row{"mi325x", "", "MI325X"},
    Row{"mi355x", "", "MI355X"}};
// Those that are the beginning of another's name must end the value or a part of it.
constexpr std::array kShort{Row{"l20", "", "L20"}, Row{"l4", "", "L4"}, Row{"t4", "", "T4"},
                            Row{"a10", "", "A10"}};

bool has_part(std::string_view value, std::string_view part) {
  const std::size_t at = value.find(part);
  if (at == std::string_view::npos) return false;
  const std::size_t end = at + part.size();
  return (at == 0 || value[at - 1] == '-') && (end == value.size() || value[end] == '-');
}

std::string gpu_of(std::string_view label) {
  const std::string value = lower_case(label);
  const auto contains = [&](std::string_view part) { return value.find(part) != std::string::npos; };
  for (const Row& row : kRows) {
    if (contains(row.part) && contains(row.more)) return std::string(row.gpu);
  }
  for (const Row& row : kShort) {
    if (has_part(value, row.part)) return std::string(row.gpu);
  }
  return {};
}

WantedGpu named(const Document& document, const Node& value) {
  return {gpu_of(value.text), value.text, value_place(document, value)};
}

}  // namespace

std::optional<WantedGpu> wanted_gpu(const Document& document, const Node& node) {
  if (node.kind == Node::Kind::scalar && is_gpu_label(node.key)) return named(document, node);
  const Node* const key = node.find("key");
  const Node* const values = node.find("values");
  const Node* const meaning = node.find("operator");
  if (key && values && is_gpu_label(key->text) && !values->children.empty() &&
      (!meaning || meaning->text == "In")) {
    return named(document, values->children[0]);
  }
  for (const Node& child : node.children) {
    if (auto found = wanted_gpu(document, child)) return found;
  }
  return std::nullopt;
}

}  // namespace blis
