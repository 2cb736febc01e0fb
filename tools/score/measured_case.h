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
  MetricMarks doubtful;
};

// How requests are offered.
enum class Loop : std::uint8_t {
  by_stages,  // at the rates or recorded times of its stages, or one curve point after another
  at_once,    // all at the start; with `max_concurrency` the others wait at the client, in order
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
  std::string page;                        // what one source published together: family, GPU, model
  std::string model;                       // Hugging Face id
  std::optional<std::string> weights;      // how they were quantized, if at all: "fp8", "nvfp4"
  std::string model_path;                  // of its own config.json's folder; empty: the catalog's
  std::string gpu;                         // key or alias of the hardware catalog
  std::string hardware_path;               // of its own hardware_config.json; empty: the catalog's
  int tensor = 1, pipeline = 1, data = 1;  // parallel degrees
  int expert = 1;                          // ranks that hold whole experts; 1: experts are sliced
  int replicas = 1;                        // independent servers behind a proxy that deals out in turn

  std::string engine;                                                // "vllm", ...
  std::optional<std::string> version;                                // of the engine
  std::vector<std::pair<std::string, std::string>> engine_args;      // scenario key and value
  std::vector<std::pair<std::string, std::string>> args_if_refused;  // more of them, should it not fit
  bool seqs_are_concurrency = false;  // max_num_seqs was set to each point's concurrency
  bool cpu_offload = false;
  std::optional<std::int64_t> gpu_blocks;  // as vLLM logs them: with the null block

  std::string workload;
  Loop loop = Loop::by_stages;
  std::int64_t num_requests = 0;     // of Loop::at_once
  std::int64_t max_concurrency = 0;  // in flight; 0: no limit
  std::string generator;             // generator_ref; empty: none
  bool greedy = false;               // the client sends temperature 0: nothing is selected or sorted
  bool in_process = false;           // latencies have no HTTP and no API server in them
  std::vector<LoadStage> stages;
  PromptPool pool;
  std::optional<std::int64_t> common_prefix_tokens;  // of all prompts
  std::optional<std::int64_t> nominal_prompt_tokens;
  std::optional<double> mean_prompt_tokens;  // measured by the server
  std::optional<std::int64_t> output_tokens;
  std::string per_request_csv;  // a path; empty: none
  std::string lengths_csv;      // the same, of requests without times

  std::vector<MeasuredStage> measured;  // pooled first, if there
  bool curve = false;                   // measured at `points` instead
  std::vector<CurvePoint> points;
  bool overload = false;
  std::string simulatable;         // "full", "full-inferred", "partial"
  std::vector<std::string> notes;  // what is known and not simulated
  std::string problem;             // why its row cannot be used; empty: it can

  bool is_curve() const { return curve; }
  // Whether its figures say something about the model of the engine that is simulated.
  bool judged() const { return simulatable != "partial" && engine == "vllm"; }
};

}  // namespace blis
