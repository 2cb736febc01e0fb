// A short convolution between two gates: the last inputs of the convolution are all that is kept.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class Convolution final : public LayerHalf {
 public:
  explicit Convolution(const ShortConv& conv) : c_(conv) {}

  std::string_view kind() const override { return "short_conv"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_divided(static_cast<int>(c_.channels), "channels of short convolutions", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(c_.hidden);
    const double channels = static_cast<double>(c_.channels) / p.tensor;
    LayerPart part;
    part.operations = {
        {"conv_in", Product{.n = 3 * channels, .k = d, .fresh_input = true}},  // two gates and the input
        {"convolution", Elementwise{kActivationBytes * (3 + 1) * channels}},
        {"conv_out", Product{.n = d, .k = channels}}};
    const double flops = 2 * (c_.kernel + 2) * channels;
    part.state = {.bytes = kActivationBytes * (c_.kernel - 1) * channels,
                  .flops_per_decode_token = flops,
                  .flops_per_prefill_token = flops};
    part.small_elements = c_.kernel * channels;
    part.live_elements = 4 * channels;
    return part;
  }

 private:
  ShortConv c_;
};

}  // namespace

Half short_conv(const ShortConv& conv) {
  return std::make_shared<Convolution>(conv);
}

}  // namespace blis
