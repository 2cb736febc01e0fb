// Softmax attention: multi-head, grouped-query and multi-query, over all of the context or a part of it.
#include <fmt/core.h>

#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"
#include "roofline/refuse.h"

namespace blis {
namespace {

class Softmax final : public LayerHalf {
 public:
  explicit Softmax(const SoftmaxAttention& a) : a_(a) {}

  std::string_view kind() const override {
    switch (a_.reach.kind) {
      case Reach::Kind::window:
        return "sliding";
      case Reach::Kind::chunk:
        return "chunked";
      case Reach::Kind::all:
      case Reach::Kind::top_k:
        break;
    }
    return "full";
  }

  void check(const Parallelism& p, const std::string& model) const override {
    check_heads(a_.heads, p, model);
    if (a_.kv_heads % p.tensor != 0 && p.tensor % a_.kv_heads != 0) {
      refuse(ErrorKind::usage,
             fmt::format("tensor parallelism {} fits neither into nor over the {} KV heads of `{}`", p.tensor,
                         a_.kv_heads, model),
             "a divisor or a multiple", fmt::format("{}", p.tensor));
    }
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(a_.hidden);
    const double heads = heads_on_rank(a_.heads, p.tensor), kv_heads = heads_on_rank(a_.kv_heads, p.tensor);
    const double head_dim = a_.head_dim, v_dim = a_.v_head_dim > 0 ? a_.v_head_dim : head_dim;
    const double kept = kv_heads * (head_dim + v_dim);
    const double projected = kv_heads * (head_dim + (a_.values_are_keys ? 0 : v_dim));
    LayerPart part;
    part.operations = {
        {"qkv", Product{.n = heads * head_dim + projected, .k = d, .fresh_input = true}},
        {"attention_out", Product{.n = d, .k = heads * v_dim}},
        {"rotary", Elementwise{read_and_write(heads * head_dim + kept)}},
    };
    if (a_.output_gate) {  // projected beside the queries, as wide as they are
      std::get<Product>(part.operations[0].work).n += heads * head_dim;
      part.operations.push_back({"output_gate", Elementwise{read_twice_and_write(heads * head_dim)}});
    }
    if (a_.head_gate) {
      part.operations.push_back({"head_gate", Product{.n = heads, .k = d}});
      part.operations.push_back({"gated_heads", Elementwise{read_and_write(heads * v_dim)}});
    }
    AttentionShape shape{.heads = heads, .kv_heads = kv_heads, .qk_dim = head_dim, .v_dim = v_dim};
    shape.sinks = a_.sinks;
    if (a_.reach.kind != Reach::Kind::all) shape.window = static_cast<double>(a_.reach.tokens);
    part.cores = {{.shape = shape,
                   .reach = a_.reach,
                   .cached_elements = kept,
                   .pair_flops = 2.0 * a_.heads * (head_dim + v_dim)}};
    const auto reaches = [&](Reach::Kind kind) { return a_.reach.kind == kind ? a_.reach.tokens : 0; };
    part.caches = {{.elements_per_token = kept,
                    .window = reaches(Reach::Kind::window),
                    .chunk = reaches(Reach::Kind::chunk)}};
    part.live_elements = heads * (head_dim + v_dim) + kept;
    part.rotary_width = head_dim;
    return part;
  }

 private:
  SoftmaxAttention a_;
};

}  // namespace

Half softmax_attention(const SoftmaxAttention& attention) {
  return std::make_shared<Softmax>(attention);
}

}  // namespace blis
