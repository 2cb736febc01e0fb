// Experts: a router, grouped products of those that it chooses, shared ones beside them.
#include <fmt/core.h>

#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class RoutedMlp final : public LayerHalf {
 public:
  explicit RoutedMlp(const Experts& e) : e_(e) {}

  std::string_view kind() const override { return "experts"; }
  std::string_view prefix() const override { return "moe_"; }
  void check(const Parallelism&, const std::string&) const override {}
  std::string says() const override {
    return fmt::format("{} experts, {} a token", e_.experts, e_.experts_per_token);
  }
  double used_share() const override { return static_cast<double>(e_.experts_per_token) / e_.experts; }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(e_.hidden);
    const double tp = p.tensor;
    const double ffn = static_cast<double>(e_.ffn) / (p.expert_parallel ? 1 : tp);
    const double inner = e_.latent > 0 ? static_cast<double>(e_.latent) : d;
    const MoeShape shape{.hidden = inner,
                         .ffn = ffn,
                         .experts = static_cast<double>(e_.experts),
                         .local_experts = static_cast<double>(e_.experts) / p.expert_ranks(),
                         .per_token = static_cast<double>(e_.experts_per_token),
                         .matrices = e_.gated ? 3.0 : 2.0};
    // Ranks in lockstep are taken as equally busy; without expert parallelism they are independent.
    const int token_ranks = p.expert_parallel ? p.data : 1;
    LayerPart part;
    part.operations = {{"router", Product{.n = shape.experts, .k = d, .role = WeightRole::router}}};
    if (e_.latent > 0) part.operations.push_back({"latent_down", Product{inner, d, WeightRole::shared}});
    part.operations.push_back(
        {e_.beside_mlp ? "experts_beside" : "experts", RoutedExperts{shape, token_ranks}});
    if (e_.latent > 0) part.operations.push_back({"latent_up", Product{d, inner, WeightRole::shared}});
    // Within the operator of the experts, which the compiler does not see into.
    const double shared = static_cast<double>(e_.shared_ffn) / tp;
    const char* const prefix = e_.beside_mlp ? "beside_" : "shared_";
    if (shared > 0 && e_.gated) {
      add_gated_mlp(part, d, shared, WeightRole::shared, false, prefix);
    } else if (shared > 0) {
      add_plain_mlp(part, d, shared, WeightRole::shared, false, prefix);
    }
    if (token_ranks > 1) {
      part.operations.push_back({"expert_exchange", Exchange{inner, shape.per_token, token_ranks}});
      part.reductions = 0;
    }
    const double copies = shape.per_token / p.expert_ranks();
    part.live_elements = copies * (shape.matrices * ffn + inner);
    return part;
  }

 private:
  Experts e_;
};

}  // namespace

Half experts(const Experts& experts) {
  return std::make_shared<RoutedMlp>(experts);
}

}  // namespace blis
