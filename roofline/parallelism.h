// How a deployment splits a model over GPUs.
#pragma once

namespace blis {

// Data parallelism of dense models is replicas and not seen here.
struct Parallelism {
  int tensor = 1;
  int pipeline = 1;
  int data = 1;                  // MoE ranks in lockstep
  bool expert_parallel = false;  // experts lie whole on tensor x data ranks instead of sliced over TP

  int gpus() const { return tensor * pipeline * data; }
  int expert_ranks() const { return expert_parallel ? tensor * data : 1; }
};

// Heads that one rank holds. KV heads are copied when there are more ranks than heads.
constexpr int heads_on_rank(int heads, int tensor_parallel) {
  return heads > tensor_parallel ? heads / tensor_parallel : 1;
}

}  // namespace blis
