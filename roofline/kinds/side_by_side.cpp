// Two mixers that read the same normalised input; what they put out is added.
#include <algorithm>
#include <iterator>
#include <numeric>

#include "roofline/kinds.h"

namespace blis {
namespace {

class Pair final : public LayerHalf {
 public:
  Pair(Half first, Half second) : first_(std::move(first)), second_(std::move(second)) {}

  std::string_view kind() const override { return "side_by_side"; }
  std::vector<std::string_view> kinds() const override {
    std::vector<std::string_view> both = first_->kinds();
    std::ranges::copy(second_->kinds(), std::back_inserter(both));
    return both;
  }
  void check(const Parallelism& p, const std::string& model) const override {
    first_->check(p, model);
    second_->check(p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    LayerPart both = first_->part(p), other = second_->part(p);
    std::ranges::move(other.operations, std::back_inserter(both.operations));
    std::ranges::move(other.cores, std::back_inserter(both.cores));
    std::ranges::move(other.caches, std::back_inserter(both.caches));
    std::ranges::move(other.stored, std::back_inserter(both.stored));
    if (both.state && other.state) {
      both.state->bytes += other.state->bytes;
      both.state->flops_per_decode_token += other.state->flops_per_decode_token;
      both.state->flops_per_prefill_token += other.state->flops_per_prefill_token;
      both.state->bytes_per_prefill_token += other.state->bytes_per_prefill_token;
      both.state->chunk = std::lcm(both.state->chunk, other.state->chunk);
    } else if (other.state) {
      both.state = other.state;
    }
    both.small_elements += other.small_elements;
    both.reductions += other.reductions;
    both.live_elements += other.live_elements;
    both.rotary_width = std::max(both.rotary_width, other.rotary_width);
    return both;
  }

 private:
  Half first_, second_;
};

}  // namespace

Half side_by_side(const Half& first, const Half& second) {
  return std::make_shared<Pair>(first, second);
}

}  // namespace blis
