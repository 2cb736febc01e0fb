// Capacity against the block counts of measured runs, where those are at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "roofline/cuda_graphs.h"
#include "roofline/engine_defaults.h"
#include "roofline/kv_capacity.h"
#include "scenarios/catalog.h"

namespace blis {
namespace {

std::string cases_path() {
  const char* shared = std::getenv("BLIS_SHARED");
  return (shared ? std::string(shared) : std::string(BLIS_SOURCE_DIR "/../shared")) + "/measured/cases.jsonl";
}

// Merge dates that stand for the releases in the file (scheduler specification, section 0).
std::string_view date_of(const std::string& release) {
  if (release.starts_with("0.11")) return "2025-10-01";
  if (release.starts_with("0.15")) return "2026-01-28";
  return "2026-06-13";
}

struct Measured {
  ModelConfig model;
  Hardware hardware;
  Parallelism parallel;
  MemorySettings settings;
  std::int64_t blocks = 0;
};

Measured read_case(const nlohmann::json& c, const Catalog& catalog) {
  Measured m;
  m.model = catalog.model(c["model"]["hf_id"], ".", {});
  m.hardware = catalog.hardware(c["hardware"]["gpu"].get<std::string>(), {});
  m.parallel.tensor = c["parallel"]["tp"];
  const nlohmann::json& ep = c["parallel"]["ep"];
  m.parallel.expert_parallel = ep.is_number() && ep.get<int>() > 1;
  const nlohmann::json& args = c["engine"]["args"];
  const EngineDefaults d =
      default_engine(m.hardware.memory_gib, m.hardware.name, date_of(c["engine"]["version"]));
  MemorySettings& s = m.settings;
  s.gpu_memory_utilization = args["gpu_memory_utilization"].is_number()
                                 ? args["gpu_memory_utilization"].get<double>()
                                 : d.gpu_memory_utilization;
  s.block_size = c["kv"]["block_size"];
  auto or_default = [&](const char* key, int value) {
    return args[key].is_number() ? args[key].get<int>() : value;
  };
  s.max_num_batched_tokens = or_default("max_num_batched_tokens", d.max_num_batched_tokens);
  s.max_num_seqs = or_default("max_num_seqs", d.max_num_seqs);
  s.captured_graphs = static_cast<int>(graph_capture_sizes(s.max_num_seqs, s.max_num_batched_tokens).size());
  s.subtract_graph_memory = d.subtract_graph_memory;
  s.sort_to_sample = d.sort_to_sample;
  m.blocks = c["kv"]["gpu_blocks"];
  return m;
}

TEST(KvCapacity, AgreesWithTheBlockCountsOfMeasuredRuns) {
  std::ifstream file(cases_path());
  if (!file) GTEST_SKIP() << "no measured cases at " << cases_path();
  const Catalog catalog(BLIS_SOURCE_DIR);
  std::set<std::string> seen;
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json c = nlohmann::json::parse(line);
    if (!c.contains("kv") || !c["kv"].is_object() ||
        !c["kv"].value("gpu_blocks", nlohmann::json()).is_number())
      continue;
    const std::string key = c["model"]["hf_id"].get<std::string>() + c["kv"].dump() + c["parallel"].dump();
    if (!seen.insert(key).second) continue;
    const Measured m = read_case(c, catalog);
    const KvCapacity k = kv_capacity(m.model, m.hardware, m.parallel, m.settings);
    const double half_gib = 0.5 * kGiB / static_cast<double>(k.block_bytes);
    const double tolerance = std::max(0.03 * static_cast<double>(m.blocks), half_gib);
    // Encoders of multimodal models are profiled too, which is not modelled (docs/latency.md): they
    // may come out higher, by a tenth at most.
    const double above = m.model.vision_elements > 0 ? 0.10 * static_cast<double>(m.blocks) : tolerance;
    const double excess = static_cast<double>(k.num_blocks - m.blocks);
    EXPECT_GE(excess, -tolerance) << c["id"];
    EXPECT_LE(excess, above) << c["id"];
    RecordProperty(c["id"].get<std::string>(),
                   std::to_string(excess * static_cast<double>(k.block_bytes) / kGiB) + " GiB");
  }
  EXPECT_GE(seen.size(), 9u);
}

}  // namespace
}  // namespace blis
