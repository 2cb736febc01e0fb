#include <algorithm>

#include "roofline/cuda_graphs.h"
#include "roofline/kinds.h"
#include "roofline/kv_capacity.h"
#include "roofline/model_config.h"
#include "sim/kv/attention_window.h"
#include "sim/vllm/stop_rule.h"
#include "tools/conform/json_fields.h"
#include "tools/conform/production.h"

namespace blis::conform {
namespace {

// The vectors' list is that before sizes are rounded to a decode's width: only the limit knows of it.
std::vector<int> capture_sizes(const CaptureSizesArgs& a) {
  if (a.max_size == 0) return {};  // to the engine, 0 is no limit
  const std::int64_t decoding = std::int64_t{a.max_num_seqs} * a.decode_query_len;
  return graph_capture_sizes(static_cast<int>(std::min<std::int64_t>(decoding, kCount.max)),
                             a.max_num_batched_tokens, 0, a.max_size.value_or(0));
}

std::optional<int> pad_to_graph(int tokens, const std::vector<int>& sizes) {
  const std::int64_t padded = graph_padded(std::max(tokens, 1), sizes);
  return padded == 0 ? std::nullopt : std::optional(static_cast<int>(padded));
}

double page_bytes(const PageBytesArgs& a) {
  const auto with_head = [&](int size) {
    // Latent and rope dimensions are stored alike.
    const Half half =
        a.mla ? latent_attention({.heads = a.kv_heads, .kv_heads = a.kv_heads, .kv_lora_rank = size})
              : softmax_attention({.heads = a.kv_heads, .kv_heads = a.kv_heads, .head_dim = size});
    ModelConfig model;
    model.layers.add(half, nullptr);
    return a.block_size * kv_bytes_per_token_and_layer(model, a.tp, a.dtype_bytes);
  };
  if (a.mla) return with_head(a.head_size);
  return (with_head(a.head_size) + with_head(a.head_size_v.value_or(a.head_size))) / 2;  // keys, values
}

int swa_hit(const std::vector<bool>& cached, int window, int block_size) {
  std::vector<BlockRange> ranges;
  for (int i = 0; i < static_cast<int>(cached.size()); ++i) {
    if (cached[static_cast<std::size_t>(i)]) ranges.push_back({i, i + 1});
  }
  return window_hit(ranges, blocks_in_window(window, block_size));
}

std::optional<std::string> stop(const StopArgs& a) {
  const bool eos = a.eos && a.last == *a.eos && !a.ignore_eos;
  const bool stop_token = std::ranges::find(a.stops, a.last) != a.stops.end();
  const auto reason = stop_reason({.outputs = a.n_out,
                                   .num_tokens = a.num_tokens,
                                   .max_tokens = a.max_tokens,
                                   .max_model_len = a.max_model_len,
                                   .min_tokens = a.min_tokens,
                                   .stop_token = eos || stop_token});
  if (!reason) return std::nullopt;
  return *reason == StopReason::stop ? "stop" : "length";
}

}  // namespace

Formulas production_formulas() {
  return {.capture_sizes = capture_sizes,
          .pad_to_graph = pad_to_graph,
          .page_bytes = page_bytes,
          .num_gpu_blocks = kv_blocks_in,
          .swa_hit = swa_hit,
          .swa_skipped_blocks = blocks_out_of_window,
          .stop_reason = stop};
}

}  // namespace blis::conform
