#include "tests/golden/price_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

#include "roofline/calibrated.h"
#include "roofline/kv_capacity.h"
#include "roofline/seed_roofline.h"
#include "roofline/step_work.h"

namespace blis {
namespace {

struct Decodes {
  std::int64_t sequences = 0;
  std::int64_t drafts = 0;   // of each
  std::int64_t context = 0;  // of each
};

struct Batch {
  const char* name;
  std::vector<PrefillChunk> prefills;
  std::vector<Decodes> decodes;
  std::int64_t graph_tokens = 0;
};

const std::vector<Batch>& batches() {
  static const std::vector<Batch> all{
      {"one_decode", {}, {{1, 0, 500}}, 1},
      {"graph_of_decodes", {}, {{61, 0, 3000}}, 64},
      {"drafts", {}, {{48, 3, 1500}}, 192},
      {"first_chunk", {{512, 0, true}}, {}},
      {"mixed", {{700, 0, true}, {300, 2048, false}}, {{37, 0, 900}, {5, 0, 20000}}},
      {"long_contexts", {}, {{8, 0, 100000}, {3, 0, 60}}, 16},
      {"later_chunk", {{8192, 24576, false}}, {}},
      {"many_decodes", {}, {{600, 0, 1200}}},
      {"chunk_with_drafts", {{129, 5000, true}}, {{16, 2, 7000}}},
      {"short_prompts", {{17, 0, true}, {31, 0, true}, {3, 16, true}}, {}, 56},
      {"budget_filled", {{2000, 0, false}, {5900, 100, true}}, {{292, 0, 4100}}},
  };
  return all;
}

StepShape shape_of(const Batch& batch, const ModelConfig& model) {
  StepShape shape;
  shape.prefills = batch.prefills;
  for (const PrefillChunk& chunk : batch.prefills) {
    shape.prefill_tokens += chunk.new_tokens;
    shape.sampled += chunk.samples ? 1 : 0;
  }
  for (const Decodes& d : batch.decodes) {
    const std::int64_t tokens = d.sequences * (1 + d.drafts);
    shape.decodes += d.sequences;
    shape.decode_tokens += tokens;
    shape.decode_context += d.sequences * d.context;
    const std::int64_t reach = longest_reach(model.layers);
    const std::int64_t seen = reach > 0 ? std::min<std::int64_t>(d.context, reach) : d.context;
    shape.window_context += d.sequences * seen;
    shape.sampled += tokens;
  }
  shape.graph_tokens = batch.graph_tokens;
  return shape;
}

class Table {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }
  // Those that are 0 are left out.
  void figures(std::string_view name, const std::vector<std::pair<std::string_view, double>>& figures) {
    text_ += fmt::format("  {}:", name);
    for (const auto& [what, value] : figures) {
      if (value != 0) text_ += fmt::format(" {}={}", what, value);
    }
    text_ += '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_cost(Table& table, std::string_view name, const StepCost& c) {
  std::vector<std::pair<std::string_view, double>> figures{{"total", c.total.count()},
                                                           {"once", c.once.count()}};
  for (const CostPartRow& row : kCostParts) figures.emplace_back(row.name, c[row.part].count());
  table.figures(name, figures);
}

struct Deployed {
  ModelConfig model;
  Hardware gpu;
  Parallelism parallel;
  CalibratedOptions options;
};

void add_capacity(Table& table, const Deployed& d) {
  const MemorySettings settings{
      .max_model_len = std::min<std::int64_t>(d.model.max_position_embeddings, 32768),
      .kv_dtype_bytes = d.options.kv_dtype_bytes,
      .captured_graphs = 35,
      .sort_to_sample = d.options.sort_to_sample};
  const KvCapacity c = kv_capacity(d.model, d.gpu, d.parallel, settings);
  std::vector<std::pair<std::string_view, double>> figures{
      {"num_blocks", static_cast<double>(c.num_blocks)},
      {"block_bytes", static_cast<double>(c.block_bytes)},
      {"available_bytes", c.available_bytes},
      {"stage", c.stage},
      {"longest_request_blocks", static_cast<double>(c.longest_request_blocks)},
      {"layers_per_group", c.layout.layers_per_group}};
  for (const MemoryTerm& term : c.taken) figures.emplace_back(term.name, term.bytes);
  for (const KvGroup& group : c.layout.groups) figures.emplace_back("window", group.reach);
  table.figures("memory", figures);
}

void add_work(Table& table, const Deployed& d) {
  const WorkModel model = make_work_model(d.model, d.gpu, d.parallel, d.options.kv_dtype_bytes);
  const StepWork mixed =
      step_work(model, {.prefill_tokens = 1200, .prefills = 2, .decodes = 33, .decode_context = 33 * 9001});
  const StepWork decode = step_work(model, {.decodes = 1, .decode_context = 50});
  table.figures("work", {{"mixed_flops", mixed.flops},
                         {"mixed_bytes", mixed.bytes},
                         {"decode_flops", decode.flops},
                         {"decode_bytes", decode.bytes},
                         {"peak_flops_8", model.peak_flops_8}});
}

void add_terms(Table& table, const CalibratedModel& model, const StepShape& shape) {
  const StepExplanation explanation = model.explain(shape);
  std::vector<std::pair<std::string_view, double>> figures;
  for (const StepTerm& term : explanation.terms) figures.emplace_back(term.name, term.value);
  table.figures("terms", figures);
  table.figures("separately", {{"layers", model.layers_cost(300).total()},
                               {"attention", model.attention_cost(shape).total()},
                               {"sampling", model.sampling_cost(35).total()}});
}

// `first` .. of the batches, in turn; the terms of one of them, too.
void add_deployment(Table& table, const std::string& heading, const Deployed& d, std::size_t first,
                    std::size_t count, bool terms) {
  table.line("{}", heading);
  try {
    const CalibratedModel model(d.model, d.gpu, d.parallel, d.options);
    add_capacity(table, d);
    add_work(table, d);
    for (std::size_t i = 0; i < count; ++i) {
      const Batch& batch = batches()[(first + i) % batches().size()];
      const StepShape shape = shape_of(batch, d.model);
      add_cost(table, batch.name, model.step(shape));
      if (terms && i == 0) add_terms(table, model, shape);
    }
  } catch (const InputError& refused) {
    table.line("  refused: {}", refused.problems().front().message);
  }
}

std::string text(const Parallelism& p) {
  return fmt::format("TP {} PP {} DP {}{}", p.tensor, p.pipeline, p.data, p.expert_parallel ? " EP" : "");
}

constexpr std::array kGpus{"H100-SXM", "A100-SXM", "B200", "L40S", "RTX-4090", "H200-SXM", "H100-PCIe"};
constexpr std::array kSplits{
    Parallelism{},
    Parallelism{.tensor = 8},
    Parallelism{.tensor = 2, .pipeline = 3},
    Parallelism{.tensor = 4, .pipeline = 2, .expert_parallel = true},
    Parallelism{.tensor = 2, .data = 4, .expert_parallel = true},
    Parallelism{.tensor = 16},
};

void add_parameters(Table& table, const ModelConfig& model) {
  const ParameterCount n = count_parameters(model);
  table.figures(model.name, {{"parameters", n.total()},
                             {"active", active_parameters(model)},
                             {"attention", n.attention},
                             {"dense_mlp", n.dense_mlp},
                             {"experts", n.experts},
                             {"shared", n.shared},
                             {"router", n.router},
                             {"norms", n.norms},
                             {"embedding", n.embedding},
                             {"head", n.head},
                             {"vision", n.vision}});
}

// What is not modelled of a model stays as it was until it is.
const ModelRules kAsFarAsModelled{.allow_unmodelled = true};

// Models of every kind of layer, dense and sparse, small and large.
constexpr std::array kPricedModels{"codellama-34b-instruct-hf",
                                   "deepseek-r1",
                                   "deepseek-v2-lite",
                                   "deepseek-v3",
                                   "glm-5-fp8",
                                   "gpt-oss-120b",
                                   "gpt-oss-20b",
                                   "kimi-k2-instruct",
                                   "llama-2-70b-hf",
                                   "llama-2-7b-hf",
                                   "llama-3.1-70b",
                                   "llama-3.1-70b-instruct",
                                   "llama-3.1-70b-instruct-fp8",
                                   "llama-3.1-8b",
                                   "llama-3.1-8b-instruct",
                                   "llama-3.1-8b-instruct-fp8",
                                   "llama-4-maverick-17b-128e-instruct",
                                   "llama-4-scout-17b-16e-instruct",
                                   "llama-4-scout-17b-16e-instruct-fp8-dynamic",
                                   "meta-llama-3.1-405b",
                                   "minimax-m2.5",
                                   "mistral-nemo-instruct-2407",
                                   "mixtral-8x22b-v0.1",
                                   "mixtral-8x7b-v0.1",
                                   "qwen2.5-7b-instruct",
                                   "qwen3-0.6b",
                                   "qwen3-1.7b",
                                   "qwen3-14b",
                                   "qwen3-235b-a22b",
                                   "qwen3-235b-a22b-fp8",
                                   "qwen3-30b-a3b",
                                   "qwen3-32b",
                                   "qwen3-32b-fp8",
                                   "qwen3-8b",
                                   "yi-34b"};

void add_catalog(Table& table, const Catalog& catalog) {
  std::size_t turn = 0;
  for (const char* const name : kPricedModels) {
    const ModelConfig model = catalog.model(name, "", {}, kAsFarAsModelled);
    add_parameters(table, model);
    for (std::size_t s = 0; s < kSplits.size(); ++s, ++turn) {
      const char* const gpu = kGpus[turn % kGpus.size()];
      add_deployment(table, fmt::format("{} on {}, {}", name, gpu, text(kSplits[s])),
                     {model, catalog.hardware(gpu, {}), kSplits[s], {}}, 5 * turn, 5, s == 0 || s == 4);
    }
  }
}

constexpr std::array kSomeModels{"llama-3.1-8b", "mixtral-8x7b-v0.1", "gpt-oss-20b", "deepseek-v2-lite"};

void add_formats(Table& table, const Catalog& catalog) {
  struct Format {
    WeightFormat format;
    int activation_bits;
  };
  constexpr std::array formats{
      Format{WeightFormat::fp8_tensor, 8}, Format{WeightFormat::fp8_channel, 8},
      Format{WeightFormat::fp8_block, 8},  Format{WeightFormat::fp8_channel, 16},
      Format{WeightFormat::int8, 8},       Format{WeightFormat::int4, 16},
      Format{WeightFormat::mxfp4, 16},     Format{WeightFormat::nvfp4, 4},
      Format{WeightFormat::nvfp4, 16},
  };
  std::size_t turn = 0;
  for (const char* const name : kSomeModels) {
    for (const Format& format : formats) {
      ModelConfig model = catalog.model(name, "", {}, kAsFarAsModelled);
      model.quantization = {.format = format.format,
                            .method = "recorded",
                            .activation_bits = format.activation_bits,
                            .attention = turn % 4 != 3,
                            .dense_mlp = turn % 5 != 4,
                            .lm_head = turn % 3 == 2,
                            .fp8_kv_cache = turn % 3 == 1};
      const char* const gpu = kGpus[turn % kGpus.size()];
      add_deployment(table,
                     fmt::format("{} in {} with {}-bit activations on {}", name, to_string(format.format),
                                 format.activation_bits, gpu),
                     {model, catalog.hardware(gpu, {}), {.tensor = turn % 2 == 0 ? 1 : 2}, {}}, 3 * turn, 3,
                     false);
      ++turn;
    }
  }
}

void add_options(Table& table, const Catalog& catalog) {
  struct Variant {
    const char* name;
    CalibratedOptions options;
  };
  const std::array variants{
      Variant{"enforce_eager", {.compiled = false, .host = {}}},
      Variant{"synchronous", {.async_scheduling = false, .host = {}}},
      Variant{"top_p", {.top_p_or_k = true, .host = {}}},
      Variant{"sorted top_p", {.top_p_or_k = true, .sort_to_sample = true, .host = {}}},
      Variant{"8-bit cache", {.kv_dtype_bytes = 1, .host = {}}},
      Variant{"small tables", {.max_num_batched_tokens = 700, .max_num_seqs = 16, .host = {}}},
      Variant{"all_to_all", {.exchange = ExpertExchange::low_latency, .host = {}}},
  };
  std::size_t turn = 0;
  for (const char* const name : {"llama-3.1-70b-instruct-fp8", "qwen3-30b-a3b", "deepseek-v3"}) {
    const ModelConfig model = catalog.model(name, "", {}, kAsFarAsModelled);
    for (const Variant& variant : variants) {
      Parallelism split{.tensor = 2};
      if (model.layers.has("experts")) split = {.tensor = 2, .data = 4, .expert_parallel = true};
      const char* const gpu = kGpus[turn % kGpus.size()];
      add_deployment(table, fmt::format("{}, {}, on {}, {}", name, variant.name, gpu, text(split)),
                     {model, catalog.hardware(gpu, {}), split, variant.options}, 3 * turn, 3, false);
      ++turn;
    }
  }
}

// Stages that layers with and without a window do not divide into alike.
void add_uneven_stages(Table& table, const Catalog& catalog) {
  for (const char* const name : {"gpt-oss-20b", "llama-4-scout-17b-16e-instruct"}) {
    const Parallelism split{.pipeline = 5};
    add_deployment(
        table, fmt::format("{} on H100-SXM, {}", name, text(split)),
        {catalog.model(name, "", {}, kAsFarAsModelled), catalog.hardware("H100-SXM", {}), split, {}}, 4, 5,
        true);
  }
}

void add_seed(Table& table, const Catalog& catalog) {
  table.line("latency model roofline on H100-SXM");
  for (const char* const name : kPricedModels) {
    const ModelConfig model = catalog.model(name, "", {}, kAsFarAsModelled);
    if (model.layers.has("experts")) continue;
    const SeedRoofline seed(model, catalog.hardware("H100-SXM", {}), 2);
    add_cost(table, name, seed.step(shape_of(batches()[4], model)));
  }
}

}  // namespace

std::string price_table(const Catalog& catalog) {
  Table table;
  add_catalog(table, catalog);
  add_formats(table, catalog);
  add_options(table, catalog);
  add_uneven_stages(table, catalog);
  add_seed(table, catalog);
  return table.take();
}

}  // namespace blis
