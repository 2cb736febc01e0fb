// A measured case: what ran, under which load, and what came out. As a folder of measured runs has it;
// what was not published is unset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/score/metric.h"

namespace blis {

struct LoadStage {
  int index = 0;
  std::string strategy;  // "synchronous": one request at a time; empty or others: open loop
  std::optional<double> rate_rps, duration_s;
  std::optional<std::int64_t> num_requests;
};

struct MeasuredStage {
  int index = 0;  // -1: all stages pooled
  MetricValues figures;
};

// One concurrency of a closed-loop curve.
struct CurvePoint {
  std::int64_t concurrency = 0;
  double ttft_ms = 0, tpot_ms = 0;
  std::string measured_on;  // ISO date; empty: unknown
};

// Prompts that come from a fixed pool and so repeat.
struct PromptPool {
  std::int64_t distinct = 0;  // 0: every prompt is its own
  std::int64_t groups = 1;    // of prompts that share the system prompt
  std::int64_t system_tokens = 0;
};

struct MeasuredCase {
  std::string id, family;
  std::string model;                       // Hugging Face id
  std::optional<std::string> weights;      // how they were quantized, if at all: "fp8", "nvfp4"
  std::string gpu;                         // key or alias of the hardware catalog
  int tensor = 1, pipeline = 1, data = 1;  // parallel degrees
  int expert = 1;                          // ranks that hold whole experts; 1: experts are sliced

  std::string engine;                                            // "vllm", ...
  std::optional<std::string> version;                            // of the engine
  std::vector<std::pair<std::string, std::string>> engine_args;  // scenario key and value
  bool seqs_are_concurrency = false;  // max_num_seqs was set to each point's concurrency
  bool cpu_offload = false;
  std::optional<std::int64_t> gpu_blocks;  // as vLLM logs them: with the null block

  std::string workload;
  std::string generator;    // generator_ref; empty: none
  bool in_process = false;  // latencies have no HTTP and no API server in them
  std::vector<LoadStage> stages;
  PromptPool pool;
  std::optional<std::int64_t> common_prefix_tokens;  // of all prompts
  std::optional<std::int64_t> nominal_prompt_tokens;
  std::optional<double> mean_prompt_tokens;  // measured by the server
  std::optional<std::int64_t> output_tokens;
  std::string per_request_csv;  // relative to the folder; empty: none

  std::vector<MeasuredStage> measured;  // pooled first, if there
  bool curve = false;                   // measured at `points` instead
  std::vector<CurvePoint> points;
  bool overload = false;
  std::string simulatable;         // "full", "full-inferred", "partial"
  std::vector<std::string> notes;  // what is known and not simulated

  bool is_curve() const { return curve; }
  // Whether its figures say something about the model of the engine that is simulated.
  bool judged() const { return simulatable != "partial" && engine == "vllm"; }
};

}  // namespace blis
