// Lightning attention: linear attention that decays by a fixed rate a head. Each head keeps a square matrix;
// prefill computes blocks of 256 positions as products.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

constexpr double kBlock = 256;

class Linear final : public LayerHalf {
 public:
  explicit Linear(const Lightning& a) : a_(a) {}

  std::string_view kind() const override { return "lightning"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_divided(a_.heads, "heads of lightning attention", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(a_.hidden);
    const double heads = a_.heads / static_cast<double>(p.tensor), dim = a_.head_dim, inner = heads * dim;
    LayerPart part;
    part.operations = {{"qkv", Product{.n = 3 * inner, .k = d, .fresh_input = true}},
                       {"gate", Product{.n = inner, .k = d, .fresh_input = true}},
                       {"gated_norm", Elementwise{read_twice_and_write(inner)}},
                       {"lightning_out", Product{.n = d, .k = inner}}};
    part.state = {.bytes = kActivationBytes * inner * dim,
                  .flops_per_decode_token = 4 * inner * dim,
                  .flops_per_prefill_token = 4 * inner * (kBlock / 2 + dim),
                  .bytes_per_prefill_token = kActivationBytes * (4 * inner + 2 * inner * dim / kBlock)};
    part.small_elements = inner;
    part.live_elements = 5 * inner;
    return part;
  }

 private:
  Lightning a_;
};

}  // namespace

Half lightning(const Lightning& attention) {
  return std::make_shared<Linear>(attention);
}

}  // namespace blis
