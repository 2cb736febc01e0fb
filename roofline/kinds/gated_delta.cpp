// Delta nets: each head keeps a matrix of keys times values, which a position decays, corrects and reads. The
// gated one decays it by a number a head, Kimi's by one a channel. Prefill computes chunks of 64 positions as
// products; its arithmetic is an order of magnitude, measured on no GPU.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

constexpr double kChunk = 64;

// Heads of a delta net on one rank.
struct DeltaHeads {
  double keys, key_dim;  // heads of queries and keys
  double values, value_dim;
  double state_bytes;  // of a value of the matrix

  double matrix() const { return values * key_dim * value_dim; }
  double convolved() const { return 2 * keys * key_dim + values * value_dim; }

  LayerState state(int kernel) const {
    const double within = 4 * kChunk * (key_dim + value_dim) / 2 + 3 * key_dim * value_dim;
    const double inverse = kChunk * kChunk / 3;
    // Queries, keys, values and output; what the correction makes of keys and values, written and read; the
    // matrix of each chunk, too.
    const double moved = convolved() + values * value_dim + 2 * values * (key_dim + value_dim);
    return {.bytes = kActivationBytes * (kernel - 1) * convolved() + state_bytes * matrix(),
            .flops_per_decode_token = 8 * matrix(),
            .flops_per_prefill_token = values * (2 * within + inverse),
            .bytes_per_prefill_token = kActivationBytes * (moved + 2 * matrix() / kChunk)};
  }
};

class Gated final : public LayerHalf {
 public:
  explicit Gated(const GatedDeltaNet& net) : n_(net) {}

  std::string_view kind() const override { return "gdn"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_divided(n_.key_heads, "key heads of delta nets", p, model);
    check_divided(n_.value_heads, "value heads of delta nets", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(n_.hidden);
    const double tp = p.tensor;
    const DeltaHeads h{n_.key_heads / tp, 1.0 * n_.key_dim, n_.value_heads / tp, 1.0 * n_.value_dim,
                       n_.state_bytes};
    const double inner = h.values * h.value_dim;
    LayerPart part;
    part.operations = {{"qkvz", Product{.n = h.convolved() + inner, .k = d, .fresh_input = true}},
                       {"decay_and_rate", Product{.n = 2 * h.values, .k = d, .fresh_input = true}},
                       {"convolution", Elementwise{read_and_write(h.convolved())}},
                       {"gated_norm", Elementwise{read_twice_and_write(inner)}},
                       {"delta_out", Product{.n = d, .k = inner}}};
    part.state = h.state(n_.kernel);
    part.small_elements = n_.kernel * h.convolved() + 2 * h.values + h.value_dim;
    part.live_elements = 2 * h.convolved() + 2 * inner;
    return part;
  }

 private:
  GatedDeltaNet n_;
};

class Kimi final : public LayerHalf {
 public:
  explicit Kimi(const KimiDelta& net) : n_(net) {}

  std::string_view kind() const override { return "kda"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_divided(n_.heads, "heads of Kimi delta attention", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    constexpr double kFloatBytes = 4;  // of the state, whatever the model's dtype
    const auto d = static_cast<double>(n_.hidden);
    const double heads = n_.heads / static_cast<double>(p.tensor), dim = n_.head_dim;
    const DeltaHeads h{heads, dim, heads, dim, kFloatBytes};
    const double inner = heads * dim;
    LayerPart part;
    part.operations = {{"qkv", Product{.n = 3 * inner, .k = d, .fresh_input = true}},
                       // Of the decays and of the output's gate, through a narrow waist that every rank has.
                       {"gates_down", Product{.n = 2 * dim, .k = d, .fresh_input = true}},
                       {"decay_up", Product{.n = inner, .k = dim}},
                       {"gate_up", Product{.n = inner, .k = dim}},
                       {"rate", Product{.n = heads, .k = d, .fresh_input = true}},
                       {"convolution", Elementwise{read_and_write(h.convolved())}},
                       {"decay", Elementwise{read_and_write(inner)}},
                       {"gated_norm", Elementwise{read_twice_and_write(inner)}},
                       {"delta_out", Product{.n = d, .k = inner}}};
    part.state = h.state(n_.kernel);
    part.small_elements = n_.kernel * h.convolved() + heads + inner + dim;
    part.live_elements = 2 * h.convolved() + 3 * inner;
    return part;
  }

 private:
  KimiDelta n_;
};

}  // namespace

Half gated_delta_net(const GatedDeltaNet& net) {
  return std::make_shared<Gated>(net);
}

Half kimi_delta(const KimiDelta& net) {
  return std::make_shared<Kimi>(net);
}

}  // namespace blis
