// Multi-head latent attention: keys and values of all heads are projections of one compressed vector, which
// is all that is cached. Decoding multiplies queries with it as it is, prefill expands it.
#include <algorithm>

#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

constexpr int kBlockBesideStates = 128;  // vllm/platforms/interface.py

class Latent final : public LayerHalf {
 public:
  explicit Latent(const LatentAttention& a) : a_(a) {}

  std::string_view kind() const override { return "latent"; }

  // The compressed vector is copied on every rank, whatever their number.
  void check(const Parallelism& p, const std::string& model) const override {
    check_heads(a_.heads, p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(a_.hidden);
    const double heads = heads_on_rank(a_.heads, p.tensor);
    const double qk = a_.qk_nope_head_dim + a_.qk_rope_head_dim;
    const double latent = a_.kv_lora_rank + a_.qk_rope_head_dim;
    LayerPart part;
    auto& ops = part.operations;
    if (a_.q_lora_rank > 0) {
      ops.push_back({"qkv_down", Product{.n = a_.q_lora_rank + latent, .k = d, .fresh_input = true}});
      ops.push_back(
          {"q_up", Product{.n = heads * qk, .k = static_cast<double>(a_.q_lora_rank), .fresh_input = true}});
    } else {
      ops.push_back({"q", Product{.n = heads * qk, .k = d, .fresh_input = true}});
      ops.push_back({"kv_down", Product{.n = latent, .k = d, .fresh_input = true}});
    }
    const double rank = a_.kv_lora_rank;
    ops.push_back(
        {"absorb_k", Product{.n = heads * rank, .k = 1.0 * a_.qk_nope_head_dim, .role = WeightRole::copy}});
    ops.push_back({"absorb_v", Product{.n = heads * a_.v_head_dim, .k = rank, .role = WeightRole::copy}});
    ops.push_back({"attention_out", Product{.n = d, .k = heads * a_.v_head_dim}});
    ops.push_back({"rotary", Elementwise{read_and_write(heads * qk + latent)}});

    const Product up{.n = heads * (a_.qk_nope_head_dim + a_.v_head_dim), .k = rank};
    part.stored = {up};
    part.cores = {{.shape = {.heads = heads,
                             .kv_heads = heads,
                             .qk_dim = qk,
                             .v_dim = static_cast<double>(a_.v_head_dim),
                             .latent = true,
                             .latent_dim = latent},
                   .reach = a_.reach,
                   .cached_elements = latent,
                   .expands = up,
                   .pair_flops = 2.0 * a_.heads * (qk + a_.v_head_dim)}};
    if (a_.reach.kind != Reach::Kind::all) part.cores[0].shape.window = static_cast<double>(a_.reach.tokens);
    part.caches = {{.elements_per_token = latent,
                    .window = a_.reach.kind == Reach::Kind::window ? a_.reach.tokens : 0,
                    .kernel_block = kBlockBesideStates}};
    const double kv_heads = heads_on_rank(a_.kv_heads, p.tensor);
    part.live_elements =
        std::max(2 * heads * a_.head_dim + 2.0 * kv_heads * a_.head_dim, 2.0 * heads * (qk + a_.v_head_dim));
    part.rotary_width = a_.qk_rope_head_dim;
    return part;
  }

 private:
  LatentAttention a_;
};

}  // namespace

Half latent_attention(const LatentAttention& attention) {
  return std::make_shared<Latent>(attention);
}

}  // namespace blis
