// DeepSeek-V4's attention: a window of the last tokens as they are, and keys that stand for several tokens
// each. In layers of a small ratio an indexer, which has compressed keys of its own, picks those that are
// read. A compressor makes keys from what it keeps of the last tokens in 32 bits. Sources:
// vllm/models/deepseek_v4/ attention.py, compressor.py of 2026-08-17. No kernel of it was measured: window
// and compressed keys are priced as two kernels of latent attention.
#include <cmath>

#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

constexpr double kSingle = 4;
constexpr double kScaleGroup = 64;  // 8-bit values with a scale of a byte; one more byte fills the row up
constexpr int kWindowBlock = 64, kCompressedBlock = 256;
constexpr int kOverlappingBlock = 4, kPlainBlock = 8;  // of what compressors keep
constexpr double kPageStep = 576;

// `row` bytes in a block for each `ratio` tokens.
LayerCache cache_of(double row, int ratio, int window, int block) {
  return {.window = window,
          .fixed_bytes = row / ratio,
          .own_block = block,
          .own_page_bytes = kPageStep * std::ceil(row * block / ratio / kPageStep)};
}

class Compressed final : public LayerHalf {
 public:
  explicit Compressed(const CompressedAttention& a) : a_(a) {}

  std::string_view kind() const override { return "dsv4"; }
  void check(const Parallelism& p, const std::string& model) const override {
    check_heads(a_.heads, p, model);
    check_divided(a_.o_groups, "groups of heads", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(a_.hidden);
    const double heads = heads_on_rank(a_.heads, p.tensor), dim = a_.head_dim;
    const double groups = static_cast<double>(a_.o_groups) / p.tensor;
    const double rank = a_.q_lora_rank;
    LayerPart part;
    part.operations = {
        {"qkv_down", Product{.n = rank + dim, .k = d, .fresh_input = true}},
        {"q_up", Product{.n = heads * dim, .k = rank, .fresh_input = true}},
        {"rotary", Elementwise{read_and_write(heads * dim + dim)}},
        {"group_out", Product{.n = groups * a_.o_lora_rank, .k = a_.heads * dim / a_.o_groups}},
        {"attention_out", Product{.n = d, .k = groups * a_.o_lora_rank}}};
    part.cores = {core_of({Reach::Kind::window, a_.window}, 1, heads)};
    part.caches = {cache_of(row(), 1, a_.window, kWindowBlock)};
    part.live_elements = 2 * heads * dim + rank + dim;
    part.rotary_width = a_.rope_dim;
    part.small_elements = a_.heads;  // a sink of each
    if (a_.ratio == 0) return part;

    add_compressor(part, "compress", dim);
    part.caches.push_back(cache_of(row(), a_.ratio, 0, kCompressedBlock));
    const bool picks = a_.index_heads > 0;
    if (picks) add_indexer(part);
    const Reach all{}, picked{Reach::Kind::top_k, std::int64_t{a_.index_topk} * a_.ratio};
    part.cores.push_back(core_of(picks ? picked : all, a_.ratio, heads));
    return part;
  }

 private:
  // Of a key in the cache: 8 bits but for the rotary part, and scales.
  double row() const {
    const double plain = a_.head_dim - a_.rope_dim;
    return plain + plain / kScaleGroup + 1 + kActivationBytes * a_.rope_dim;
  }

  AttentionCore core_of(Reach reach, int ratio, double heads) const {
    const double dim = a_.head_dim;
    AttentionCore core{.shape = {.heads = heads,
                                 .kv_heads = 1,
                                 .qk_dim = dim,
                                 .v_dim = dim,
                                 .stride = static_cast<double>(ratio),
                                 .latent = true,
                                 .latent_dim = dim},
                       .reach = reach,
                       .pair_flops = 2.0 * a_.heads * (dim + dim) / ratio,
                       .fixed_bytes = row() / ratio,
                       .name = ratio == 1                       ? "windowed_attention_"
                               : reach.kind == Reach::Kind::all ? "compressed_attention_"
                                                                : "sparse_attention_"};
    if (reach.kind != Reach::Kind::all) core.shape.window = static_cast<double>(reach.tokens);
    return core;
  }

  // Values and their weights of every token, of which a key is the weighted sum; on every rank, in 16 bits.
  void add_compressor(LayerPart& part, const char* name, double dim) const {
    const int spans = a_.overlaps ? 2 : 1;
    const double kept = 2 * spans * dim;
    part.operations.push_back(
        {name, Product{.n = kept, .k = static_cast<double>(a_.hidden), .role = WeightRole::router}});
    // Written once, and read once for each key that it is a part of.
    part.operations.push_back({std::string(name) + "_kept", Elementwise{kSingle * kept * (1 + spans)}});
    part.small_elements += a_.ratio * spans * dim + dim;
    part.caches.push_back(
        cache_of(kSingle * kept, 1, spans * a_.ratio, a_.overlaps ? kOverlappingBlock : kPlainBlock));
  }

  void add_indexer(LayerPart& part) const {
    const double heads = a_.index_heads, dim = a_.index_head_dim;
    const double key = index_key_bytes(dim);
    part.operations.push_back(
        {"index_q", Product{.n = heads * dim, .k = static_cast<double>(a_.q_lora_rank)}});
    part.operations.push_back(
        {"index_weights",
         Product{.n = heads, .k = static_cast<double>(a_.hidden), .role = WeightRole::router}});
    part.operations.push_back({"index_rotary", Elementwise{read_and_write((heads + 1) * dim)}});
    add_compressor(part, "index_compress", dim);
    part.caches.push_back(cache_of(key, a_.ratio, 0, kCompressedBlock));
    part.cores.push_back({.shape = {.heads = heads,
                                    .kv_heads = 1,
                                    .qk_dim = dim,
                                    .v_dim = 0,
                                    .stride = static_cast<double>(a_.ratio)},
                          .reach = {},
                          .pair_flops = 2 * heads * dim / a_.ratio,
                          .fixed_bytes = key / a_.ratio,
                          .name = "index_"});
  }

  CompressedAttention a_;
};

}  // namespace

Half compressed_attention(const CompressedAttention& attention) {
  return std::make_shared<Compressed>(attention);
}

}  // namespace blis
