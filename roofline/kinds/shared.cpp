#include "roofline/kinds/shared.h"

#include <fmt/core.h>

#include "roofline/refuse.h"

namespace blis {

void add_gated_mlp(LayerPart& part, double hidden, double width, WeightRole role, bool fresh_input,
                   const char* prefix) {
  const auto add = [&](const char* name, auto work) {
    part.operations.push_back({std::string(prefix) + name, work});
  };
  add("gate_up", Product{.n = 2 * width, .k = hidden, .role = role, .fresh_input = fresh_input});
  add("activation", Elementwise{3 * kActivationBytes * width});
  add("down", Product{.n = hidden, .k = width, .role = role, .fresh_input = fresh_input});
}

void add_plain_mlp(LayerPart& part, double hidden, double width, WeightRole role, bool fresh_input,
                   const char* prefix) {
  const auto add = [&](const char* name, auto work) {
    part.operations.push_back({std::string(prefix) + name, work});
  };
  add("up", Product{.n = width, .k = hidden, .role = role, .fresh_input = fresh_input});
  add("activation", Elementwise{read_and_write(width)});
  add("down", Product{.n = hidden, .k = width, .role = role, .fresh_input = fresh_input});
}

void check_divided(int count, const char* what, const Parallelism& p, const std::string& model) {
  if (count % p.tensor == 0) return;
  refuse(ErrorKind::usage,
         fmt::format("tensor parallelism {} does not divide the {} {} of `{}`", p.tensor, count, what, model),
         fmt::format("a divisor of {}", count), fmt::format("{}", p.tensor));
}

void check_heads(int heads, const Parallelism& p, const std::string& model) {
  check_divided(heads, "attention heads", p, model);
}

}  // namespace blis
