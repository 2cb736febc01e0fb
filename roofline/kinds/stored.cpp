// A half whose matrices are stored each in its own way: some of them in 16 bits, or in two formats.
#include <algorithm>
#include <utility>

#include "roofline/layers.h"

namespace blis {
namespace {

class Stored final : public LayerHalf {
 public:
  Stored(Half half, std::vector<StoredMatrix> matrices)
      : half_(std::move(half)), matrices_(std::move(matrices)) {}

  std::string_view kind() const override { return half_->kind(); }
  std::string_view prefix() const override { return half_->prefix(); }
  std::vector<std::string_view> kinds() const override { return half_->kinds(); }
  std::string says() const override { return half_->says(); }
  double used_share() const override { return half_->used_share(); }
  void check(const Parallelism& p, const std::string& model) const override { half_->check(p, model); }

  LayerPart part(const Parallelism& p) const override {
    LayerPart part = half_->part(p);
    for (Operation& operation : part.operations) {
      const auto found = std::ranges::find(matrices_, operation.name, &StoredMatrix::operation);
      if (found == matrices_.end()) continue;
      if (auto* product = std::get_if<Product>(&operation.work)) product->stored = found->storage;
      if (auto* routed = std::get_if<RoutedExperts>(&operation.work)) routed->stored = found->storage;
    }
    const auto beside = std::ranges::find(matrices_, kStoredBeside, &StoredMatrix::operation);
    if (beside == matrices_.end()) return part;
    for (Product& product : part.stored) product.stored = beside->storage;
    for (AttentionCore& core : part.cores) {
      if (core.expands) core.expands->stored = beside->storage;
    }
    return part;
  }

 private:
  Half half_;
  std::vector<StoredMatrix> matrices_;
};

}  // namespace

Half stored_as(const Half& half, std::vector<StoredMatrix> matrices) {
  return std::make_shared<Stored>(half, std::move(matrices));
}

}  // namespace blis
