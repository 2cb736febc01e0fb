// An MLP of three matrices: gate and up in one product, and down.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class Mlp final : public LayerHalf {
 public:
  explicit Mlp(const GatedMlp& mlp) : mlp_(mlp) {}

  std::string_view kind() const override { return "gated_mlp"; }
  void check(const Parallelism&, const std::string&) const override {}

  LayerPart part(const Parallelism& p) const override {
    const double width = static_cast<double>(mlp_.ffn) / p.tensor;
    LayerPart part;
    add_gated_mlp(part, static_cast<double>(mlp_.hidden), width, WeightRole::dense_mlp, true, "");
    if (mlp_.sparse) part.operations.push_back({"gate_statistics", Elementwise{kActivationBytes * width}});
    part.live_elements = 3.0 * static_cast<double>(mlp_.ffn) / p.tensor;  // gate, up and their product
    return part;
  }

 private:
  GatedMlp mlp_;
};

}  // namespace

Half gated_mlp(const GatedMlp& mlp) {
  return std::make_shared<Mlp>(mlp);
}

}  // namespace blis
