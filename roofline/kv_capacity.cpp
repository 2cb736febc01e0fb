#include "roofline/kv_capacity.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <variant>

#include "roofline/adapter_memory.h"
#include "roofline/packed_blocks.h"
#include "roofline/refuse.h"

namespace blis {
namespace {

// Constants of all models and GPUs. The first two are the least-squares fit to the block counts of
// twelve logged runs (docs/latency.md), which they meet within 0.3 GiB.
constexpr double kProcessBytes = 0.65 * kGiB;       // library workspaces, kernels loaded at run time
constexpr double kCommunicatorBytes = 0.27 * kGiB;  // NCCL and custom all-reduce buffers, a process group
// One captured size, one layer: kernel parameters and graph nodes. From one log (51 sizes x 40 layers).
constexpr double kGraphBytesPerLayer = 128.0 * 1024;

// The profiling run samples max_num_seqs rows with top-p and top-k set. Live bytes a logit: 16-bit and
// 32-bit logits, probabilities and small buffers (eight logs of FlashInfer's sampler and of later releases
// ask for 9 to 15). Sorting adds sorted keys, 64-bit indices, the sort's double buffers, the cumulated
// probabilities, mask and scattered result.
constexpr double kSampleBytesPerLogit = 12;
constexpr double kSortBytesPerLogit = 44;

// vLLM profiles experts in chunks of this many tokens (VLLM_FUSED_MOE_CHUNK_SIZE), all data-parallel ranks'
// together. The grouped products of block-scaled 8-bit weights work on permuted copies, each expert's rows
// filled up to a tile: 8-bit input, 16-bit result of either product.
constexpr double kExpertChunk = 32768;
constexpr double kExpertTileRows = 128;
constexpr double kPermutedBytes = 5;

// Largest set of tensors that is alive at once inside a layer, a token: three hidden-sized (input,
// residual, output) and the wider of attention's and the MLP's.
double layer_bytes_per_token(const ModelConfig& m, const Parallelism& p) {
  double inner = 0;
  for (const auto& [half, layers] : m.layers.halves()) inner = std::max(inner, half->part(p).live_elements);
  return (3 * static_cast<double>(m.hidden) + inner) * kActivationBytes;
}

// A layer's routed experts, with how they are stored.
struct StoredExperts {
  MoeShape shape;
  int token_ranks = 1;
  Storage stored;
};
std::optional<StoredExperts> stored_experts(const ModelConfig& m, const LayerPart& part) {
  for (const Operation& operation : part.operations) {
    const auto* const routed = std::get_if<RoutedExperts>(&operation.work);
    if (routed == nullptr) continue;
    const Quantization& q = m.quantization;
    return StoredExperts{routed->shape, routed->token_ranks,
                         routed->stored.value_or(storage_of(q, q.experts))};
  }
  return std::nullopt;
}

// Beside these. Kernels for other formats permute in place or in what is counted above.
double expert_workspace_bytes(const ModelConfig& m, const Hardware& hw, const Parallelism& p, double tokens) {
  if (!(hw.tflops_fp8 > 0)) return 0;
  double most = 0;
  for (const auto& [half, layers] : m.layers.halves()) {
    const auto work = stored_experts(m, half->part(p));
    if (!work || work->stored.format != WeightFormat::fp8_block) continue;
    const MoeShape& shape = work->shape;
    const double rows = std::min(kExpertChunk, tokens * work->token_ranks) * shape.per_token;
    most = std::max(most, kPermutedBytes * shape.hidden * (rows + kExpertTileRows * shape.local_experts));
  }
  return most;
}

double activation_bytes(const ModelConfig& m, const Hardware& hw, const Parallelism& p, const Stage& stage,
                        const MemorySettings& s) {
  const double tokens = s.max_num_batched_tokens;
  const double in_layer = tokens * layer_bytes_per_token(m, p) + expert_workspace_bytes(m, hw, p, tokens);
  if (!stage.head) return in_layer;
  const double rows = std::min(s.max_num_batched_tokens, s.max_num_seqs);
  const double per_logit = kSampleBytesPerLogit + (s.sort_to_sample ? kSortBytesPerLogit : 0);
  const double sampling = 2 * tokens * static_cast<double>(m.hidden) * kActivationBytes +
                          rows * static_cast<double>(m.vocab) * per_logit;
  return std::max(in_layer, sampling);
}

// mxfp4 experts are stored with their sides filled up to whole tiles (vLLM's mxfp4.py).
double expert_padding_bytes(const ModelConfig& m, const Parallelism& p, const Stage& stage) {
  constexpr double kHiddenTile = 256, kFfnTile = 128;
  const auto filled = [](double side, double tile) { return std::ceil(side / tile) * tile / side; };
  double sum = 0;
  for (const auto& [half, layers] : m.layers.range(stage.first_layer, stage.layers).halves()) {
    const LayerPart part = half->part(p);
    const auto work = stored_experts(m, part);
    if (!work || work->stored.format != WeightFormat::mxfp4) continue;
    const double more = filled(work->shape.hidden, kHiddenTile) * filled(work->shape.ffn, kFfnTile) - 1;
    sum += more * layers * routed_elements(part) * bytes_per_weight(work->stored, m.dtype_bytes);
  }
  return sum;
}

// Sines and cosines of every position the model knows: 2.5 GiB for a context of ten million.
double rotary_bytes(const ModelConfig& m) {
  double width = 0;
  for (const auto& [half, layers] : m.layers.halves()) width = std::max(width, half->part({}).rotary_width);
  return static_cast<double>(m.max_position_embeddings) * width * m.dtype_bytes;
}

int process_groups(const Parallelism& p) {
  return (p.tensor > 1 ? 1 : 0) + (p.pipeline > 1 ? 1 : 0) +
         (p.expert_parallel && p.expert_ranks() > 1 ? 1 : 0);
}

// Layers whose caches are managed alike.
struct CacheKind {
  std::int64_t reach = 0;     // tokens, of a window or a chunk; 0: all
  double token_bytes = 0;     // in one layer on one GPU
  std::vector<int> layers{};  // from 0, ascending
  bool state = false;
  bool chunked = false;

  KvGroup group() const {
    const auto tokens = static_cast<int>(std::min<std::int64_t>(reach, std::numeric_limits<int>::max()));
    if (state) return {.kind = KvKind::state};
    return chunked ? KvGroup{.kind = KvKind::chunk, .reach = tokens} : attention_group(tokens);
  }
};

// Those without a window first, states last.
std::vector<CacheKind> cache_kinds(const ModelConfig& m, const Parallelism& p, double dtype_bytes) {
  if (dtype_bytes == 0) dtype_bytes = kv_dtype_bytes(m);
  std::vector<CacheKind> kinds;
  CacheKind states{.state = true};
  int layer = 0;
  for (const LayerRun& run : m.layers.runs()) {
    const int end = layer + run.count;
    const LayerPart part = run.mixer ? run.mixer->part({.tensor = p.tensor}) : LayerPart{};
    for (; layer < end; ++layer) {
      for (const LayerCache& cache : part.caches) {
        CacheKind like{.token_bytes = cache.elements_per_token * dtype_bytes + cache.fixed_bytes};
        if (m.hybrid_kv_cache_manager.value_or(true)) like.reach = cache.window;
        if (m.hybrid_kv_cache_manager.value_or(false) && cache.chunk > 0) {
          like.reach = cache.chunk;
          like.chunked = true;
        }
        auto kind = std::ranges::find_if(kinds, [&](const CacheKind& k) {
          return k.reach == like.reach && k.chunked == like.chunked && k.token_bytes == like.token_bytes;
        });
        if (kind == kinds.end())
          kind = kinds.insert(like.reach == 0 ? kinds.begin() : kinds.end(), std::move(like));
        kind->layers.push_back(layer);
      }
      if (part.state) states.layers.push_back(layer);
    }
  }
  if (!states.layers.empty()) kinds.push_back(std::move(states));
  return kinds;
}

// The smallest block of tokens that pages of `state` bytes, `token` bytes a token, can be cut into: a
// multiple of what attention's kernels and the user want.
int block_beside_states(const ModelConfig& m, int block_size, double state, double token) {
  int kernel = block_size;
  for (const auto& [half, layers] : m.layers.halves()) {
    const LayerPart part = half->part({});
    for (const LayerCache& cache : part.caches) kernel = std::max(kernel, cache.kernel_block);
    if (m.states_at_every_block && part.state) kernel = std::lcm(kernel, std::max(part.state->chunk, 1));
  }
  return kernel * std::max(1, static_cast<int>(std::ceil(state / (kernel * token))));
}

// Without states, blocks are as large as the user wants, but for kernels that need more.
int block_of_attention(const ModelConfig& m, int block_size) {
  for (const auto& [half, layers] : m.layers.halves()) {
    for (const LayerCache& cache : half->part({}).caches) {
      if (cache.fixed_bytes > 0) block_size = std::max(block_size, cache.kernel_block);
    }
  }
  return block_size;
}

// As vLLM's mamba_cache_mode: states are cached where steps end, at every block, or not at all.
void set_state_mode(KvLayout& layout, bool prefix_caching, bool at_every_block) {
  for (KvGroup& group : layout.groups) {
    if (group.kind != KvKind::state) continue;
    const bool cached = prefix_caching && layout.has_attention();
    group.mode = !cached ? StateMode::none : at_every_block ? StateMode::all : StateMode::align;
    group.block_size = cached ? 0 : kWholeSequence;
  }
}

int groups_of(const CacheKind& kind, const KvLayout& layout) {
  return (static_cast<int>(kind.layers.size()) + layout.layers_per_group - 1) / layout.layers_per_group;
}

// On this stage. vLLM deals a kind's layers out to its groups in turn, so that every stage has some of each;
// on a stage all groups are padded to the one with the most layers there.
int layers_per_block(const std::vector<CacheKind>& kinds, const KvLayout& layout, const Stage& stage) {
  int most = 0;
  for (const CacheKind& kind : kinds) {
    std::vector<int> here(static_cast<std::size_t>(groups_of(kind, layout)));
    for (std::size_t i = 0; i < kind.layers.size(); ++i) {
      const int place = kind.layers[i] - stage.first_layer;
      if (place >= 0 && place < stage.layers) most = std::max(most, ++here[i % here.size()]);
    }
  }
  return most;
}

// Of a block on this stage, where its layers' pages differ.
double sum_of_pages(const std::vector<CacheKind>& kinds, const KvLayout& layout, const Stage& stage) {
  double bytes = 0;
  for (const CacheKind& kind : kinds) {
    const auto here = std::ranges::count_if(kind.layers, [&](int layer) {
      return layer >= stage.first_layer && layer < stage.first_layer + stage.layers;
    });
    bytes += static_cast<double>(here) * layout.block_size * kind.token_bytes;
  }
  return bytes;
}

// The model with its drafter's layers at the end, as far as caches go.
ModelConfig with_drafter(const ModelConfig& m, const Drafter& drafter) {
  ModelConfig all = m;
  for (const LayerRun& run : drafter.model.layers.runs()) all.layers.add(run.mixer, run.channel, run.count);
  return all;
}

KvCapacity stage_capacity(const ModelConfig& model, const Hardware& hw, const Parallelism& p,
                          const MemorySettings& s, Stage stage) {
  const bool drafts = stage.head && s.drafter.layers() > 0;
  const ModelConfig m = s.drafter.layers() > 0 ? with_drafter(model, s.drafter) : model;
  const double weights = weight_bytes_on_gpu(m, p, stage);
  const double adapters = adapter_bytes_on_gpu(m, p, stage, s.adapter_slots, s.adapter_rank);
  KvCapacity c;
  c.layout = kv_layout(m, p, s.block_size, s.kv_dtype_bytes);
  set_state_mode(c.layout, s.prefix_caching, m.states_at_every_block);
  if (drafts) stage.layers += s.drafter.layers();
  const std::vector<CacheKind> kinds = cache_kinds(m, p, s.kv_dtype_bytes);
  const bool sums = c.layout.sums_pages;
  const double page = sums ? sum_of_pages(kinds, c.layout, stage) : c.layout.page_bytes;
  const int layers = sums || c.layout.packed ? 1 : layers_per_block(kinds, c.layout, stage);
  c.block_bytes = static_cast<std::int64_t>(page) * layers;
  if (s.kv_cache_bytes > 0) {
    c.requested_bytes = c.available_bytes = s.kv_cache_bytes;
    c.num_blocks = kv_blocks_in(c.available_bytes, page, layers);
    return c;
  }
  c.requested_bytes = std::ceil(hw.memory_gib * kGiB * s.gpu_memory_utilization);
  c.taken = {{"weights", weights}};
  if (drafts) c.taken.push_back({"drafter", drafter_bytes_on_gpu(s.drafter, p)});
  if (adapters > 0) c.taken.push_back({"adapters", adapters});
  if (const double padding = expert_padding_bytes(m, p, stage); padding > 0) {
    c.taken.push_back({"expert_padding", padding});
  }
  c.taken.insert(c.taken.end(), {{"rotary_table", rotary_bytes(m)},
                                 {"peak_activations", activation_bytes(m, hw, p, stage, s)},
                                 {"process", kProcessBytes},
                                 {"communicators", process_groups(p) * kCommunicatorBytes}});
  if (s.subtract_graph_memory) {
    c.taken.push_back(
        {"cuda_graphs", s.captured_graphs * static_cast<double>(stage.layers) * kGraphBytesPerLayer});
  }
  c.available_bytes = c.requested_bytes;
  for (const MemoryTerm& term : c.taken) c.available_bytes -= term.bytes;
  c.num_blocks = kv_blocks_in(c.available_bytes, page, layers);
  return c;
}

}  // namespace

int kv_block_size(const ModelConfig& m, int asked) {
  constexpr int kOfLatentKernels = 64;
  return m.layers.has("latent") ? std::max(asked, kOfLatentKernels) : asked;
}

std::int64_t request_blocks(const KvLayout& layout, std::int64_t in_flight, std::int64_t tokens) {
  std::int64_t blocks = 0;
  for (const KvGroup& group : layout.groups) {
    if (group.kind != KvKind::window) {
      blocks += blocks_of_request(group, tokens, in_flight, layout.block_size);
      continue;
    }
    // A window may begin within a block; vLLM counts that one even where the sequence has no more.
    const std::int64_t kept = std::min<std::int64_t>(group.reach - 1 + in_flight, tokens);
    const int size = layout.block_size_of(group);
    blocks += (kept + size - 1) / size + 1;
  }
  return blocks;
}

std::int64_t required_blocks(const KvLayout& layout, const MemorySettings& s, std::int64_t tokens) {
  const std::int64_t in_flight = std::int64_t{s.max_num_batched_tokens} * s.batches_in_flight;
  return request_blocks(layout, in_flight, tokens) + (s.null_block_in_length_check ? 1 : 0);
}

std::int64_t kv_blocks_in(double available_bytes, double page_bytes, int layers) {
  // As Python's `//`: the quotient of what is divisible, not the floor of a rounded one.
  const double pages = (available_bytes - std::fmod(available_bytes, page_bytes)) / page_bytes;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(std::round(pages) / layers)));
}

int KvLayout::smallest_block() const {
  int tokens = block_size;
  for (const KvGroup& group : groups) {
    if (group.block_size > 0) tokens = std::min(tokens, group.block_size);
  }
  return tokens;
}
int KvLayout::match_size() const {
  int tokens = block_size;
  for (const KvGroup& group : groups) {
    if (group.kind != KvKind::state) tokens = std::lcm(tokens, block_size_of(group));
  }
  return tokens;
}
bool KvLayout::has_states() const {
  return std::ranges::count(groups, KvKind::state, &KvGroup::kind) > 0;
}
bool KvLayout::has_unequal_blocks() const {
  return std::ranges::any_of(groups, [&](const KvGroup& group) {
    return group.kind != KvKind::state && block_size_of(group) != block_size;
  });
}
bool KvLayout::has_attention() const {
  return std::ranges::any_of(groups, [](const KvGroup& group) { return group.kind != KvKind::state; });
}

namespace {

// How many times as many tokens a block of `kind` has than one of `largest`, so that their pages are equal.
// Source: unify_kv_cache_spec_page_size.
int times_as_many(const CacheKind& kind, const CacheKind& largest, const ModelConfig& m) {
  const double times = largest.token_bytes / kind.token_bytes;
  if (times != std::floor(times)) {
    refuse(ErrorKind::usage,
           fmt::format(
               "`{}` has layers whose KV caches take {} and {} bytes a token, of which blocks of one size "
               "cannot be made; vLLM refuses it",
               m.name, kind.token_bytes, largest.token_bytes),
           "sizes of which one divides the other");
  }
  return static_cast<int>(times);
}

KvLayout packed_layout(const ModelConfig& m, const Parallelism& p) {
  if (p.pipeline > 1) {
    refuse(ErrorKind::not_modelled,
           fmt::format("blocks of `{}`, which all of its layers share, are not modelled in several stages",
                       m.name),
           "pipeline_parallel_size 1", fmt::format("{}", p.pipeline));
  }
  const PackedBlocks blocks = packed_blocks(m.layers);
  return {.groups = blocks.groups,
          .layers_per_group = 1,
          .block_size = blocks.groups.front().block_size,
          .page_bytes = blocks.bytes,
          .packed = true};
}

}  // namespace

KvLayout kv_layout(const ModelConfig& m, const Parallelism& p, int block_size, double kv_dtype_bytes) {
  if (has_own_blocks(m.layers)) return packed_layout(m, p);
  const std::vector<CacheKind> kinds = cache_kinds(m, p, kv_dtype_bytes);
  KvLayout layout;
  if (kinds.empty()) return layout;
  const auto size = [](const CacheKind& kind) { return static_cast<int>(kind.layers.size()); };
  const auto [fewest, most] = std::ranges::minmax(kinds, {}, size);
  // Kinds of nearly equal number become groups of the largest's size instead of many small ones.
  layout.layers_per_group = size(most) < 1.5 * size(fewest) ? size(most) : size(fewest);
  const auto keeps_all = [](const CacheKind& kind) { return kind.reach == 0 && !kind.state; };
  layout.sums_pages = kinds.size() > 1 && std::ranges::all_of(kinds, keeps_all);
  if (layout.sums_pages) {
    layout.groups = {KvGroup{}};
    layout.layers_per_group = m.layers.count();
    layout.block_size = block_of_attention(m, block_size);
    layout.page_bytes = layout.block_size * kv_bytes_per_token_and_layer(m, p.tensor, kv_dtype_bytes);
    return layout;
  }
  const CacheKind& largest = *std::ranges::max_element(kinds, {}, &CacheKind::token_bytes);
  std::vector<int> times;  // by group
  for (const CacheKind& kind : kinds) {
    const auto groups = static_cast<std::size_t>(groups_of(kind, layout));
    layout.groups.insert(layout.groups.end(), groups, kind.group());
    times.insert(times.end(), groups, kind.state ? 1 : times_as_many(kind, largest, m));
  }
  const double state = state_bytes_per_layer(m, p.tensor);
  const double token = kv_bytes_per_token_and_layer(m, p.tensor, kv_dtype_bytes);
  layout.block_size = block_size;
  if (!layout.has_attention()) {
    layout.page_bytes = state;  // one block a sequence, however long
    return layout;
  }
  layout.block_size = layout.has_states() ? block_beside_states(m, block_size, state, token)
                                          : block_of_attention(m, block_size);
  layout.page_bytes = layout.block_size * token;
  if (layout.has_states() && std::ranges::max(times) > 1) {
    refuse(ErrorKind::not_modelled,
           fmt::format("`{}` keeps states beside KV caches of different sizes; that is not modelled", m.name),
           "caches of one size");
  }
  for (std::size_t g = 0; g < times.size(); ++g) {
    if (times[g] > 1) layout.groups[g].block_size = times[g] * layout.block_size;
  }
  return layout;
}

KvCapacity kv_capacity(const ModelConfig& m, const Hardware& hw, const Parallelism& p,
                       const MemorySettings& s) {
  check_parallelism(m, p);
  for (const auto& [half, layers] : s.drafter.model.layers.halves()) half->check(p, s.drafter.model.name);
  if (!(hw.memory_gib > 0) && s.kv_cache_bytes == 0) {
    refuse(ErrorKind::usage, fmt::format("GPU `{}` does not say how much memory it has", hw.name),
           "MemoryGiB, as the driver reports it", {}, "add the key, or set num_gpu_blocks_override");
  }
  KvCapacity least;
  const std::vector<Stage> stages = pipeline_stages(m, p.pipeline);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    KvCapacity c = stage_capacity(m, hw, p, s, stages[i]);
    c.stage = static_cast<int>(i);
    if (i == 0 || c.num_blocks < least.num_blocks ||
        (c.num_blocks == least.num_blocks && c.available_bytes < least.available_bytes)) {
      least = std::move(c);
    }
  }
  if (s.max_model_len > 0) {
    least.longest_request_blocks = required_blocks(least.layout, s, s.max_model_len);
  }
  return least;
}

void require_fits(const KvCapacity& c, const ModelConfig& m, const Hardware& hw, const Parallelism& p,
                  const MemorySettings& s) {
  if (c.feasible()) return;
  std::string sum = fmt::format("{:.2f} GiB ({:.2f} x {})", c.requested_bytes / kGiB, hw.memory_gib,
                                s.gpu_memory_utilization);
  for (const MemoryTerm& term : c.taken) {
    if (term.bytes > 0) sum += fmt::format(" - {:.2f} {}", term.bytes / kGiB, term.name);
  }
  sum += fmt::format(" = {:.2f} GiB for KV, {} blocks of {:.2f} MiB", c.available_bytes / kGiB, c.num_blocks,
                     static_cast<double>(c.block_bytes) / (1024 * 1024));
  const std::string where = p.gpus() > 1 ? fmt::format(" on each of {} GPUs", p.gpus()) : "";
  if (c.num_blocks <= 1) {
    refuse(ErrorKind::infeasible,
           fmt::format("`{}` leaves no room for a KV cache on {}{}", m.name, hw.name, where),
           "room for at least one block beside weights and activations", sum,
           "raise tensor_parallel_size, or take a GPU with more memory or a smaller dtype");
  }
  std::int64_t longest = 0, too_long = s.max_model_len;
  while (too_long - longest > 1) {
    const std::int64_t length = longest + (too_long - longest) / 2;
    (required_blocks(c.layout, s, length) <= c.num_blocks ? longest : too_long) = length;
  }
  refuse(ErrorKind::infeasible,
         fmt::format("a request of max_model_len {} does not fit the KV cache of {}{}", s.max_model_len,
                     hw.name, where),
         fmt::format("{} blocks of {} tokens", c.longest_request_blocks, c.layout.block_size), sum,
         fmt::format("lower max_model_len to at most {}", longest));
}

}  // namespace blis
