// A half whose matrices are stored each in its own way: some of them in 16 bits, or in two formats.
#include <algorithm>
#include <utility>

#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class Stored final : public WrappedHalf {
 public:
  Stored(Half half, std::vector<StoredMatrix> matrices)
      : WrappedHalf(std::move(half)), matrices_(std::move(matrices)) {}

  LayerPart part(const Parallelism& p) const override {
    LayerPart part = inner().part(p);
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
  std::vector<StoredMatrix> matrices_;
};

}  // namespace

Half stored_as(const Half& half, std::vector<StoredMatrix> matrices) {
  return std::make_shared<Stored>(half, std::move(matrices));
}

}  // namespace blis
