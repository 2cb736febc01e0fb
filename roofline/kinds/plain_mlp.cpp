// An MLP of two matrices with an activation function between them.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class TwoMatrices final : public LayerHalf {
 public:
  explicit TwoMatrices(const PlainMlp& mlp) : mlp_(mlp) {}

  std::string_view kind() const override { return "plain_mlp"; }
  void check(const Parallelism&, const std::string&) const override {}

  LayerPart part(const Parallelism& p) const override {
    const double width = static_cast<double>(mlp_.ffn) / p.tensor;
    LayerPart part;
    add_plain_mlp(part, static_cast<double>(mlp_.hidden), width, WeightRole::dense_mlp, true, "");
    part.live_elements = 2 * width;  // before and after the activation function
    return part;
  }

 private:
  PlainMlp mlp_;
};

}  // namespace

Half plain_mlp(const PlainMlp& mlp) {
  return std::make_shared<TwoMatrices>(mlp);
}

}  // namespace blis
