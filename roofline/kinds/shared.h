// What several kinds share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "roofline/layers.h"

namespace blis {

// Bytes of reading and writing `elements` activations.
constexpr double read_and_write(double elements) {
  return 2 * kActivationBytes * elements;
}

// Gate and up, activation, down: `width` is the intermediate size on this rank, `fresh_input` Product's.
void add_gated_mlp(LayerPart& part, double hidden, double width, WeightRole role, bool fresh_input,
                   const char* prefix);

// What memory moves when `elements` activations are read and as many written, of one of which a kernel also
// reads a gate.
constexpr double read_twice_and_write(double elements) {
  return 3 * kActivationBytes * elements;
}

// The same without a gate.
void add_plain_mlp(LayerPart& part, double hidden, double width, WeightRole role, bool fresh_input,
                   const char* prefix);

// Bytes of an indexer's key of `dim` 8-bit values, with a scale of 4 bytes beside each 128 of them.
constexpr double index_key_bytes(double dim) {
  return dim + 4 * dim / 128;
}

// Adds what runs beside `part` on the same input, or after it in the same half of a layer.
void append(LayerPart& part, LayerPart more);

// A half that is as another but for its part.
class WrappedHalf : public LayerHalf {
 public:
  explicit WrappedHalf(Half half) : half_(std::move(half)) {}
  std::string_view kind() const override { return half_->kind(); }
  std::string_view prefix() const override { return half_->prefix(); }
  void check(const Parallelism& p, const std::string& model) const override { half_->check(p, model); }
  std::vector<std::string_view> kinds() const override { return half_->kinds(); }
  std::string says() const override { return half_->says(); }
  double used_share() const override { return half_->used_share(); }

 protected:
  const LayerHalf& inner() const { return *half_; }

 private:
  Half half_;
};

// Throws InputError (usage) unless tensor parallelism divides `count` of `what`: "value heads".
void check_divided(int count, const char* what, const Parallelism& parallel, const std::string& model);
// The same of attention heads.
void check_heads(int heads, const Parallelism& parallel, const std::string& model);

}  // namespace blis
