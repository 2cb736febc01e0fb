// What the products of experts depend on.
#pragma once

namespace blis {

// One layer on one rank.
struct MoeShape {
  double hidden = 0;
  double ffn = 0;            // of one expert on this rank
  double experts = 0;        // in the layer
  double local_experts = 0;  // on this rank
  double per_token = 0;      // experts a token goes to
  double matrices = 3;       // of an expert: gate, up and down, or 2 without a gate
  friend bool operator==(const MoeShape&, const MoeShape&) = default;
};

}  // namespace blis
