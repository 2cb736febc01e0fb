#include "roofline/model_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <variant>

#include "roofline/refuse.h"

namespace blis {
namespace {

constexpr double kCopyBytes = 2;  // MLA's absorbed projections are kept in 16 bits

void add_product(const Product& product, double layers, ParameterCount& n) {
  const double elements = layers * product.elements();
  switch (product.role) {
    case WeightRole::attention:
      n.attention += elements;
      break;
    case WeightRole::dense_mlp:
      n.dense_mlp += elements;
      break;
    case WeightRole::shared:
      n.shared += elements;
      break;
    case WeightRole::router:
      n.router += elements;
      break;
    case WeightRole::copy:
      n.copies += elements;
      break;
  }
}

void add_part(const LayerPart& part, double layers, ParameterCount& n) {
  for (const Operation& operation : part.operations) {
    if (const auto* product = std::get_if<Product>(&operation.work)) add_product(*product, layers, n);
  }
  for (const Product& product : part.stored) add_product(product, layers, n);
  n.experts += layers * routed_elements(part);
  n.norms += layers * part.small_elements;
}

// A layer that reads what another one cached must be on the same GPU as it.
void check_shared_caches(const ModelConfig& m, const Parallelism& p) {
  for (const Stage& stage : pipeline_stages(m, p.pipeline)) {
    std::vector<Reach> cached;
    const LayerList here = m.layers.range(stage.first_layer, stage.layers);
    for (const LayerRun& run : here.runs()) {
      const LayerPart part = run.mixer ? run.mixer->part(p) : LayerPart{};
      if (part.cores.empty()) continue;
      const Reach& reach = part.cores.front().reach;
      if (!part.caches.empty()) {
        cached.push_back(reach);
      } else if (std::ranges::find(cached, reach) == cached.end()) {
        refuse(
            ErrorKind::usage,
            fmt::format("`{}` has layers that read the KV cache of a layer of another pipeline stage; vLLM "
                        "refuses it",
                        m.name),
            "a layer and the one whose cache it reads in one stage", fmt::format("{} stages", p.pipeline),
            "lower pipeline_parallel_size");
      }
    }
  }
}

}  // namespace

double elements_of(const RoutedExperts& routed) {
  const MoeShape& shape = routed.shape;
  return shape.local_experts * shape.matrices * shape.hidden * shape.ffn;
}

double routed_elements(const LayerPart& part) {
  double elements = 0;
  for (const Operation& operation : part.operations) {
    if (const auto* routed = std::get_if<RoutedExperts>(&operation.work)) elements += elements_of(*routed);
  }
  return elements;
}

double vision_elements(const VisionConfig& v, std::int64_t text_hidden) {
  const auto d = static_cast<double>(v.hidden), f = static_cast<double>(v.ffn);
  const auto a = static_cast<double>(v.adapter_hidden);
  return v.layers * (4 * d * d + 2 * d * f) + f * a + a * a + a * static_cast<double>(text_hidden);
}

void check_parallelism(const ModelConfig& m, const Parallelism& p) {
  if (p.tensor < 1 || p.pipeline < 1 || p.data < 1) {
    refuse(ErrorKind::usage, "parallel degrees start at 1", "1 or more",
           fmt::format("tensor {}, pipeline {}, data {}", p.tensor, p.pipeline, p.data));
  }
  for (const auto& [half, layers] : m.layers.halves()) half->check(p, m.name);
  if (p.pipeline > m.layers.count()) {
    refuse(ErrorKind::usage, fmt::format("more pipeline stages than `{}` has layers", m.name),
           fmt::format("at most {}", m.layers.count()), fmt::format("{}", p.pipeline));
  }
  if (p.pipeline > 1) check_shared_caches(m, p);
  if (p.expert_parallel && !m.layers.has("experts")) {
    refuse(ErrorKind::usage, fmt::format("expert parallelism without experts: `{}` is dense", m.name),
           "a model with experts", "enable_expert_parallel", "leave the key out");
  }
}

std::vector<Stage> pipeline_stages(const ModelConfig& m, int pipeline) {
  const int rest = m.layers.count() % pipeline;
  std::vector<Stage> stages(static_cast<std::size_t>(pipeline));
  int first = 0;
  for (int i = 0; i < pipeline; ++i) {
    const int from_end = pipeline - i;  // 1 for the last stage
    const bool extra = from_end >= 2 && from_end <= rest + 1;
    stages[static_cast<std::size_t>(i)] = {.first_layer = first,
                                           .layers = m.layers.count() / pipeline + (extra ? 1 : 0),
                                           .embedding = i == 0,
                                           .head = i == pipeline - 1};
    first += stages[static_cast<std::size_t>(i)].layers;
  }
  return stages;
}

ParameterCount parameters_on_gpu(const ModelConfig& m, const Parallelism& p, const Stage& stage) {
  const auto d = static_cast<double>(m.hidden);
  const double tp = p.tensor;
  const double vocabulary = static_cast<double>(m.vocab) * d / tp;
  ParameterCount n;
  for (const auto& [half, layers] : m.layers.range(stage.first_layer, stage.layers).halves()) {
    const LayerPart part = half->part(p);
    add_part(part, layers, n);
    n.norms += layers * d;
  }
  if (stage.embedding && m.beside.before) add_part(m.beside.before(p), 1, n);
  if (stage.head && m.beside.after) add_part(m.beside.after(p), 1, n);
  if (stage.head) n.norms += d;
  const bool only_tied_head = m.tie_word_embeddings && stage.head && !stage.embedding;
  n.embedding = stage.embedding ? vocabulary + m.position_elements : 0;
  n.embedding += m.beside.table_elements / tp;
  n.vision = stage.embedding ? m.vision_elements / (m.whole_vision ? 1 : tp) : 0;
  n.audio = stage.embedding ? m.audio_elements : 0;
  n.head = stage.head && (!m.tie_word_embeddings || only_tied_head) ? vocabulary : 0;
  return n;
}

ParameterCount count_parameters(const ModelConfig& m) {
  return parameters_on_gpu(m, Parallelism{}, pipeline_stages(m, 1).front());
}

double active_parameters(const ModelConfig& m) {
  const ParameterCount n = count_parameters(m);
  double active = n.total() - n.vision - n.audio;
  for (const auto& [half, layers] : m.layers.halves()) {
    active -= layers * routed_elements(half->part({})) * (1 - half->used_share());
  }
  return active;
}

BytesBeyond bytes_beyond_roles(const ModelConfig& m, const LayerPart& part) {
  const Quantization& q = m.quantization;
  const auto beyond = [&](double elements, const std::optional<Storage>& stored, bool quantized) {
    if (!stored) return 0.0;
    return elements * (bytes_per_weight(*stored, m.dtype_bytes) -
                       bytes_per_weight(storage_of(q, quantized), m.dtype_bytes));
  };
  const auto of_product = [&](const Product& product) {
    return beyond(product.elements(), product.stored,
                  product.role == WeightRole::attention ? q.attention : q.dense_mlp);
  };
  BytesBeyond bytes;
  for (const Operation& operation : part.operations) {
    if (const auto* product = std::get_if<Product>(&operation.work)) bytes.others += of_product(*product);
    if (const auto* routed = std::get_if<RoutedExperts>(&operation.work)) {
      bytes.experts += beyond(elements_of(*routed), routed->stored, q.experts);
    }
  }
  for (const Product& product : part.stored) bytes.others += of_product(product);
  return bytes;
}

double weight_bytes_on_gpu(const ModelConfig& m, const Parallelism& p, const Stage& stage) {
  const Quantization& q = m.quantization;
  const double native = m.dtype_bytes;
  const double packed = bytes_per_weight(storage_of(q, true), native);
  auto bytes = [&](bool quantized) { return quantized ? packed : native; };
  double beyond = 0;
  for (const auto& [half, layers] : m.layers.range(stage.first_layer, stage.layers).halves()) {
    const BytesBeyond bytes = bytes_beyond_roles(m, half->part(p));
    beyond += layers * (bytes.experts + bytes.others);
  }
  const ParameterCount n = parameters_on_gpu(m, p, stage);
  return n.attention * bytes(q.attention) + n.dense_mlp * bytes(q.dense_mlp) + n.experts * bytes(q.experts) +
         n.shared * bytes(q.dense_mlp) + (n.router + n.norms + n.embedding + n.vision + n.audio) * native +
         n.head * bytes_per_weight(storage_of_head(q), native) + n.copies * kCopyBytes + beyond;
}

double kv_dtype_bytes(const ModelConfig& m) {
  return m.quantization.fp8_kv_cache ? 1 : m.dtype_bytes;
}

double kv_bytes_per_token_and_layer(const ModelConfig& m, int tensor_parallel, double dtype_bytes) {
  if (dtype_bytes == 0) dtype_bytes = kv_dtype_bytes(m);
  double most = 0;
  for (const auto& [half, layers] : m.layers.halves()) {
    for (const LayerCache& cache : half->part({.tensor = tensor_parallel}).caches) {
      most = std::max(most, cache.elements_per_token * dtype_bytes + cache.fixed_bytes);
    }
  }
  return most;
}

double kv_bytes_per_token(const ModelConfig& m, int tensor_parallel, double dtype_bytes) {
  if (dtype_bytes == 0) dtype_bytes = kv_dtype_bytes(m);
  double sum = 0;
  for (const auto& [half, layers] : m.layers.halves()) {
    for (const LayerCache& cache : half->part({.tensor = tensor_parallel}).caches) {
      sum += layers * (cache.elements_per_token * dtype_bytes + cache.fixed_bytes);
    }
  }
  return sum;
}

double state_bytes_per_layer(const ModelConfig& m, int tensor_parallel) {
  double most = 0;
  for (const auto& [half, layers] : m.layers.halves()) {
    if (const auto state = half->part({.tensor = tensor_parallel}).state) most = std::max(most, state->bytes);
  }
  return most;
}

double state_bytes_per_sequence(const ModelConfig& m, int tensor_parallel) {
  double sum = 0;
  for (const auto& [half, layers] : m.layers.halves()) {
    if (const auto state = half->part({.tensor = tensor_parallel}).state) sum += layers * state->bytes;
  }
  return sum;
}

}  // namespace blis
