// DeepSeek's sparse attention: a small indexer, with a cache of its own in 8 bits, scores every position, and
// latent attention reads those with the highest scores. Prompts are computed with the latent vectors as they
// are, too: what a query reads is its own choice, so that nothing is worth expanding.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

constexpr int kKernelBlock = 64;

class Sparse final : public LayerHalf {
 public:
  explicit Sparse(const SparseAttention& a) : a_(a), latent_(latent_attention(a.latent)) {}

  std::string_view kind() const override { return "dsa"; }
  void check(const Parallelism& p, const std::string& model) const override { latent_->check(p, model); }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(a_.latent.hidden);
    const double heads = a_.index_heads, dim = a_.index_head_dim;
    const double key_bytes = index_key_bytes(dim);
    LayerPart part = latent_->part(p);
    pick(part.cores.front());
    part.caches.front().kernel_block = kKernelBlock;
    if (!a_.own_indexer) return part;
    // Every rank has the whole indexer.
    part.operations.push_back(
        {"index_q", Product{.n = heads * dim, .k = static_cast<double>(a_.latent.q_lora_rank)}});
    part.operations.push_back({"index_k", Product{.n = dim, .k = d, .fresh_input = true}});
    part.operations.push_back({"index_weights", Product{.n = heads, .k = d, .role = WeightRole::router}});
    part.operations.push_back({"index_rotary", Elementwise{read_and_write((heads + 1) * dim)}});
    part.small_elements += 2 * dim;

    const AttentionCore index{.shape = {.heads = heads, .kv_heads = 1, .qk_dim = dim, .v_dim = 0},
                              .reach = {},
                              .pair_flops = 2 * heads * dim,
                              .fixed_bytes = key_bytes,
                              .name = "index_"};
    part.cores.insert(part.cores.begin(), index);
    part.caches.front().fixed_bytes = key_bytes;
    return part;
  }

 private:
  // What latent attention reads: the positions that were picked, their vectors as they are.
  void pick(AttentionCore& picked) const {
    const double latent = a_.latent.kv_lora_rank + a_.latent.qk_rope_head_dim;
    picked.shape.qk_dim = latent;
    picked.shape.v_dim = a_.latent.kv_lora_rank;
    picked.shape.kv_heads = 1;
    picked.shape.window = a_.index_topk;
    picked.reach = {Reach::Kind::top_k, a_.index_topk};
    picked.expands.reset();
    picked.pair_flops = 2.0 * a_.latent.heads * (latent + a_.latent.kv_lora_rank);
    picked.name = "sparse_attention_";
  }

  SparseAttention a_;
  Half latent_;
};

}  // namespace

Half sparse_attention(const SparseAttention& attention) {
  return std::make_shared<Sparse>(attention);
}

}  // namespace blis
