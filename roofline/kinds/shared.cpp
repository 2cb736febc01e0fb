#include "roofline/kinds/shared.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "roofline/kinds.h"
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

void append(LayerPart& part, LayerPart more) {
  std::ranges::move(more.operations, std::back_inserter(part.operations));
  std::ranges::move(more.cores, std::back_inserter(part.cores));
  std::ranges::move(more.caches, std::back_inserter(part.caches));
  std::ranges::move(more.stored, std::back_inserter(part.stored));
  if (part.state && more.state) {
    part.state->bytes += more.state->bytes;
    part.state->flops_per_decode_token += more.state->flops_per_decode_token;
    part.state->flops_per_prefill_token += more.state->flops_per_prefill_token;
    part.state->bytes_per_prefill_token += more.state->bytes_per_prefill_token;
    part.state->chunk = std::lcm(part.state->chunk, more.state->chunk);
  } else if (more.state) {
    part.state = more.state;
  }
  part.small_elements += more.small_elements;
  part.reductions += more.reductions;
  part.live_elements += more.live_elements;
  part.rotary_width = std::max(part.rotary_width, more.rotary_width);
}

PartOf in_turn(PartOf first, PartOf second) {
  return [first = std::move(first), second = std::move(second)](const Parallelism& p) {
    LayerPart part = first(p);
    append(part, second(p));
    return part;
  };
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
