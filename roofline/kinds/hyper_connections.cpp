// Hyper-connections: several residual streams, mixed before each half of a layer and after it by factors that
// follow from the streams themselves (DeepSeek-V4). Source: vllm/models/deepseek_v4/nvidia/model.py, where
// one kernel does what is after a half and before the next.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class WithHyperConnections final : public WrappedHalf {
 public:
  WithHyperConnections(const Half& half, const ResidualStreams& streams, std::string name)
      : WrappedHalf(half), streams_(streams), name_(std::move(name)) {}

  // Nothing of it is sharded.
  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(streams_.hidden), n = static_cast<double>(streams_.streams);
    const double factors = (2 + n) * n;
    LayerPart mixing{.operations = {{name_ + "_mix_factors",
                                     Product{.n = factors, .k = n * d, .role = WeightRole::router}},
                                    {name_ + "_mix_streams", Elementwise{read_and_write((n + 1) * d)}}},
                     .small_elements = factors + 3,
                     .reductions = 0,
                     .live_elements = 2 * (n - 1) * d};
    LayerPart part = inner().part(p);
    append(part, std::move(mixing));
    return part;
  }

 private:
  ResidualStreams streams_;
  std::string name_;
};

}  // namespace

Half with_hyper_connections(const Half& half, const ResidualStreams& streams, std::string name) {
  return std::make_shared<WithHyperConnections>(half, streams, std::move(name));
}

}  // namespace blis
