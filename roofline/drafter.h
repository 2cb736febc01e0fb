// What makes drafts: layers beside the model's, with blocks in the KV cache of each sequence, and matrices
// around them. All lie on the last pipeline stage.
#pragma once

#include <vector>

#include "roofline/model_config.h"

namespace blis {

struct Drafter {
  // A matrix of each module, in the model's dtype, n x k.
  struct Matrix {
    double n = 0, k = 0;
    bool sharded = false;     // by tensor parallelism; otherwise whole on every GPU
    bool first_pass = false;  // multiplied with in the first pass of a step only
  };

  ModelConfig model;  // its layers; what they share with the model that it drafts for is not there
  int modules = 1;    // equal parts of the layers, of which one after the other makes a draft
  bool rereads =
      false;  // takes a row for a request's newest token beside those of the step: a model of its own
  bool searches = false;   // has no layers: finds drafts by a search through what was said (n-grams)
  bool embedding = false;  // has a table of its own
  bool head = false;       // likewise
  std::vector<Matrix> around{};
  std::int64_t draft_vocab = 0;  // tokens of a head of its own over fewer than the model's; 0: none

  int layers() const { return model.layers.count(); }
};

// One decoder layer like the model's layers with full attention and a dense MLP, in the model's dtype, behind
// a projection of embedding and hidden state; embedding and head are the model's, but for the embedding where
// stages keep them apart. No layers where the model has no softmax attention; without the MLP where all of
// its are of experts, as nothing says how wide it is then. Source: Li et al., EAGLE (2024);
// vllm/model_executor/models/llama_eagle.py.
Drafter eagle_drafter(const ModelConfig& model, const Parallelism& parallel);

// The same with queries, keys and values from twice the width, a projection of three hidden states, and a
// head of its own over `draft_vocab` tokens. Source: Li et al., EAGLE-3 (2025); llama_eagle3.py.
Drafter eagle3_drafter(const ModelConfig& model, const Parallelism& parallel, std::int64_t draft_vocab);

// `modules` layers like the model's last one, stored like it, each behind a projection of embedding and
// hidden state. Source: DeepSeek-V3 (2024), section 2.2; deepseek_mtp.py.
Drafter mtp_drafter(const ModelConfig& model, const Parallelism& parallel, int modules);

// A model of its own.
Drafter model_drafter(const ModelConfig& draft);

double drafter_bytes_on_gpu(const Drafter& drafter, const Parallelism& parallel);

}  // namespace blis
