// State spaces. The first Mamba scans position by position, with decays of each channel's values; the second
// has one decay a head, so that prefill computes chunks of positions as products.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

// A scan has no chunks. Blocks that states are kept at are multiples of this nevertheless. Source:
// ModelConfig.get_mamba_chunk_size() of vllm/config/model.py of 2026-08.
constexpr int kBlocksOfScans = 2048;

class First final : public LayerHalf {
 public:
  explicit First(const Mamba1& m) : m_(m) {}

  std::string_view kind() const override { return "mamba1"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_divided(static_cast<int>(m_.channels), "channels of Mamba layers", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(m_.hidden);
    const double channels = static_cast<double>(m_.channels) / p.tensor, rank = m_.dt_rank;
    const double values = channels * m_.state, chosen = rank + 2.0 * m_.state;
    LayerPart part;
    part.operations = {{"mamba_in", Product{.n = 2 * channels, .k = d, .fresh_input = true}},
                       {"convolution", Elementwise{read_and_write(channels)}},
                       {"dt_b_c", Product{.n = chosen, .k = channels, .fresh_input = true}},
                       {"dt", Product{.n = channels, .k = rank}},
                       {"mamba_out", Product{.n = d, .k = channels}}};
    part.state = {.bytes = kActivationBytes * ((m_.kernel - 1) * channels + values),
                  .flops_per_decode_token = 6 * values,
                  .flops_per_prefill_token = 9 * values,
                  // Input, step, gate and output of each channel; B and C.
                  .bytes_per_prefill_token = kActivationBytes * (4 * channels + 2 * m_.state),
                  .chunk = kBlocksOfScans};
    part.small_elements = (m_.kernel + 3) * channels + values + (m_.inner_norms ? chosen : 0);
    part.reductions = 2;  // of dt, B and C, which is narrower than a layer, and of the output
    part.live_elements = 4 * channels + chosen;
    return part;
  }

 private:
  Mamba1 m_;
};

class Second final : public LayerHalf {
 public:
  explicit Second(const Mamba2& m) : m_(m) {}

  std::string_view kind() const override { return "mamba2"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_divided(m_.heads, "heads of Mamba layers", p, model);
    if (m_.groups > 1) check_divided(m_.groups, "groups of Mamba layers", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(m_.hidden);
    const double heads = m_.heads / static_cast<double>(p.tensor), inner = heads * m_.head_dim;
    // A single group is copied on every rank.
    const double shared = (m_.groups % p.tensor == 0 ? m_.groups / p.tensor : 1) * 1.0 * m_.state;
    const double convolved = inner + 2 * shared, values = inner * m_.state;
    constexpr double kFloatBytes = 4;  // of the states between chunks
    LayerPart part;
    part.operations = {{"mamba_in", Product{.n = inner + convolved + heads, .k = d, .fresh_input = true}},
                       {"convolution", Elementwise{read_and_write(convolved)}},
                       {"gated_norm", Elementwise{read_twice_and_write(inner)}},
                       {"mamba_out", Product{.n = d, .k = inner}}};
    part.state = {.bytes = kActivationBytes * (m_.kernel - 1) * convolved + m_.state_bytes * values,
                  .flops_per_decode_token = 6 * values,
                  .flops_per_prefill_token = 2 * m_.chunk * (shared + inner) + 4 * values,
                  .bytes_per_prefill_token =
                      kActivationBytes * (convolved + inner + heads) + 2 * kFloatBytes * values / m_.chunk,
                  .chunk = m_.chunk};
    part.small_elements = (m_.kernel + 1) * convolved + 3 * heads + inner;
    part.live_elements = 2 * (inner + convolved) + heads;
    return part;
  }

 private:
  Mamba2 m_;
};

}  // namespace

Half mamba1(const Mamba1& mamba) {
  return std::make_shared<First>(mamba);
}

Half mamba2(const Mamba2& mamba) {
  return std::make_shared<Second>(mamba);
}

}  // namespace blis
