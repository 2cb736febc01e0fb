// A result as `-o` left it in a folder, or what was measured as one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/metrics.h"
#include "tools/study/diff/traffic_facts.h"

namespace blis {

struct StoredResult {
  std::string folder;
  std::map<std::string, double> figures{};  // the numbers of result.json; those of `engine` as engine.steps
  std::vector<std::string> order{};         // their keys, in the order of the file
  std::map<std::string, std::string> settings{};  // of the scenario, by dotted key; but for its name
  TrafficFacts traffic{};                         // of all requests, those of the warm-up too
  std::vector<RequestRecord> requests{};          // by request_id; what requests.csv has of them
  MetricsOptions warmup{};                        // of the scenario: what the figures leave out
  bool measured = false;                          // on a real server: it has no settings
  std::vector<std::string> notes{};               // about what was measured, sentences without a full stop
};

// Throws InputError (io) for a folder without a whole result, with the place in the file.
StoredResult read_result(const std::string& folder);
// The same without keeping its requests.
StoredResult read_result_figures(const std::string& folder);

}  // namespace blis
