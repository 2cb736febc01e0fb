// What a server says of itself while it starts: the facts of vLLM's startup log that a scenario has, too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "blis/error.hpp"

namespace blis {

// A figure and the line that says it.
template <class T>
struct Logged {
  T value{};
  Place place{};
};

struct ServerLog {
  std::string path;
  std::optional<Logged<std::string>> version;  // "0.11.0"
  // From the engine's line `... with config: model='...', ...`, by vLLM's key.
  std::map<std::string, Logged<std::string>> config;
  std::optional<Logged<double>> max_num_batched_tokens;
  std::optional<Logged<bool>> async_scheduling;
  std::optional<Logged<double>> weights_gib;    // a rank's, model loading
  std::optional<Logged<double>> kv_gib;         // available for the KV cache, of the rank with least
  std::optional<Logged<double>> kv_tokens;      // of one engine, of the rank with least
  std::optional<Logged<double>> graphs_gib;     // what capturing took
  std::optional<Logged<double>> largest_graph;  // of cudagraph_capture_sizes
  std::optional<Logged<double>> graphs;         // how many sizes
  std::optional<Logged<std::string>> attention, sampler, experts;
};

// Reads a log of `vllm serve` or the engine, from 0.8 on, whole or in part; other lines are left. Throws
// InputError (io) if nothing in it is vLLM's, or if two servers' logs are in one file.
ServerLog read_server_log(const std::string& path);

}  // namespace blis
