// Two mixers that read the same normalised input; what they put out is added.
#include <algorithm>
#include <iterator>

#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

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
    LayerPart both = first_->part(p);
    append(both, second_->part(p));
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
