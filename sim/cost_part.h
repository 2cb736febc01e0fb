// What the time of a step is made of: the parts, a row each, and values by part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace blis {

enum class CostPart : std::uint8_t {
  compute,
  weights,
  activations,
  kv,
  communication,
  sampling,
  launch,
  host,
};

struct CostPartRow {
  CostPart part;
  std::string_view name;  // as results, reports and `blis step` have it
  // Time is summed up by the parts that lie within no other, so that how finely it is told apart changes no
  // total by a bit; what lies within another is taken out of it when the parts are told apart.
  CostPart within;
};

// In the order of the enumeration, in which parts are added and shown. All that prints parts loops over
// these.
inline constexpr std::array kCostParts{
    CostPartRow{CostPart::compute, "compute", CostPart::compute},  // the arithmetic units bind
    CostPartRow{CostPart::weights, "weights", CostPart::weights},  // reading weights binds
    // What layers hand on, through memory: operands of products, norms, casts, rows on their way to experts.
    CostPartRow{CostPart::activations, "activations", CostPart::weights},
    CostPartRow{CostPart::kv, "kv", CostPart::kv},  // reading and writing the KV cache binds
    CostPartRow{CostPart::communication, "communication", CostPart::communication},  // between GPUs
    CostPartRow{CostPart::sampling, "sampling", CostPart::weights},  // from logits to tokens, sorting too
    CostPartRow{CostPart::launch, "launch", CostPart::launch},       // kernel launches, fixed time a layer
    CostPartRow{CostPart::host, "host", CostPart::host},  // the engine's own time that the GPU does not hide
};
inline constexpr std::size_t kCostPartCount = kCostParts.size();
static_assert([] {
  for (std::size_t i = 0; i < kCostPartCount; ++i) {
    if (kCostParts[i].part != static_cast<CostPart>(i)) return false;
    const auto whole = static_cast<std::size_t>(kCostParts[i].within);
    if (kCostParts[whole].within != kCostParts[whole].part) return false;  // one level
  }
  return true;
}());

constexpr std::string_view to_string(CostPart part) {
  return kCostParts[static_cast<std::size_t>(part)].name;
}
constexpr CostPart whole_of(CostPart part) {
  return kCostParts[static_cast<std::size_t>(part)].within;
}
constexpr bool is_whole(CostPart part) {
  return whole_of(part) == part;
}

constexpr bool has_parts(CostPart part) {
  for (const CostPartRow& row : kCostParts) {
    if (row.within == part && row.part != part) return true;
  }
  return false;
}

template <class T>
class ByPart {
 public:
  constexpr T& operator[](CostPart part) { return values_[static_cast<std::size_t>(part)]; }
  constexpr const T& operator[](CostPart part) const { return values_[static_cast<std::size_t>(part)]; }
  friend bool operator==(const ByPart&, const ByPart&) = default;

 private:
  std::array<T, kCostPartCount> values_{};
};

// Calls `f.template operator()<part>()` for each part, in order, without a loop: for the step's path.
template <class F>
constexpr void for_each_cost_part(F f) {
  [&]<std::size_t... kPart>(std::index_sequence<kPart...>) {
    (f.template operator()<static_cast<CostPart>(kPart)>(), ...);
  }
  (std::make_index_sequence<kCostPartCount>{});
}

}  // namespace blis
