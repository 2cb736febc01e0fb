// Inputs of each layer: a row of a table for each token, and a projection of its embedding, added; every
// layer gates its own by what it has computed, and adds that. Source: vllm/model_executor/models/gemma4.py,
// gemma3n.py.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class WithInput final : public WrappedHalf {
 public:
  WithInput(const Half& channel, const LayerInputs& inputs) : WrappedHalf(channel), inputs_(inputs) {}

  void check(const Parallelism& p, const std::string& model) const override {
    WrappedHalf::check(p, model);
    check_divided(static_cast<int>(inputs_.layers * inputs_.width), "inputs of layers", p, model);
  }

  // Every rank has the whole of both matrices.
  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(inputs_.hidden), width = static_cast<double>(inputs_.width);
    const WeightRole role = inputs_.quantized ? WeightRole::dense_mlp : WeightRole::router;
    LayerPart input{.operations = {{"input_gate", Product{.n = width, .k = d, .role = role}},
                                   {"gated_input", Elementwise{read_twice_and_write(width)}},
                                   {"input_projection", Product{.n = d, .k = width, .role = role}},
                                   {"input_norm", Elementwise{read_twice_and_write(d)}}},
                    .small_elements = d,
                    .reductions = 0,
                    .live_elements = inputs_.layers * width};  // of all layers, from the first to the last
    LayerPart part = inner().part(p);
    append(part, std::move(input));
    return part;
  }

 private:
  LayerInputs inputs_;
};

}  // namespace

Half with_layer_input(const Half& channel, const LayerInputs& inputs) {
  return std::make_shared<WithInput>(channel, inputs);
}

PartOf layer_inputs(const LayerInputs& inputs) {
  return [inputs](const Parallelism& p) {
    const auto d = static_cast<double>(inputs.hidden);
    const double all = inputs.layers * static_cast<double>(inputs.width);
    LayerPart part;
    part.operations = {
        {"table", Elementwise{read_and_write(all)}},
        {"table_reduce", Collective{all, true}},
        {"projection", Product{.n = all / p.tensor, .k = d, .role = WeightRole::router}},
        {"projection_gather", Collective{all}},
        {"sum", Elementwise{read_twice_and_write(all)}},
    };
    part.small_elements = static_cast<double>(inputs.width);
    return part;
  };
}

}  // namespace blis
