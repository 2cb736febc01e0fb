// What a model is, at a glance: its layers by kind, its size, what a token keeps, how long a sequence may be.
// A value that `blis model` prints, so that anyone can hold it against what is published.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roofline/model_config.h"

namespace blis {

struct CardLayers {
  std::string kind;  // "full", "sliding", "chunked", "mla", ...; "none": no mixer
  int count = 0;
};

struct ModelCard {
  std::string name;
  std::string model_type;
  std::string served_by;  // see ModelConfig
  // Nothing of the model is left out. Otherwise the figures are of what is left, if there are any.
  bool supported = true;
  bool has_figures = true;
  std::vector<std::string> not_modelled;
  std::vector<std::string> remarks;

  int layer_count = 0;
  std::vector<CardLayers> layers;    // by mixer, in order of appearance
  std::vector<CardLayers> channels;  // by MLP: "MLP of three matrices", "64 experts, 4 a token"

  double total_params = 0;
  double active_params = 0;  // that a token passes, with embedding and head, without towers
  double vision_params = 0, audio_params = 0;
  double weights_bytes = 0;  // of the checkpoint as vLLM loads it, on one GPU; scales included
  std::string precision;     // "bf16", "fp8 (fp8_block); attention in 16 bits"

  double kv_dtype_bytes = 2;
  double kv_bytes_per_token = 0;           // on one GPU, of all layers that keep all of the context
  double kv_bytes_per_token_windowed = 0;  // of layers that look back a limited way
  double state_bytes_per_sequence = 0;     // whatever its length

  std::int64_t max_model_len = 0;  // unasked; 0: unknown
  std::int64_t longest = 0;        // that may be asked for
  std::string max_model_len_from;  // the key, or the rule, that says so
};

// Of the model as vLLM loads it: what a checkpoint has in 32 bits it keeps in 16.
ModelCard model_card(const ModelConfig& model);
// Of a model that cannot be read: only why.
ModelCard unreadable_card(std::string name, std::vector<std::string> not_modelled);

// Its first line: "qwen3-30b-a3b: 48 layers (full; 128 experts, 8 a token), 30.53 B parameters, ...".
std::string card_line(const ModelCard& card);

}  // namespace blis
