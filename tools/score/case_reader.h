// Reads a folder of measured cases: cases.jsonl, and, if there, generators.json for what load generators did
// and model_configs*/ for models of its own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/score/measured_case.h"

namespace blis {

// In the file's order. Keys nobody needs are allowed, as such files carry many notes; keys that are
// needed must be there and of their type. A row that is not usable costs its case: `problem` names line and
// key. Throws InputError (io) where there is no cases.jsonl.
std::vector<MeasuredCase> read_cases(const std::string& folder);
std::vector<MeasuredCase> read_cases(std::span<const std::string> folders);

// A KV capacity that a server logged, or bounds of it.
struct KvLog {
  MeasuredCase deployment;  // id, family, model, GPU, parallelism and engine
  std::optional<double> tokens;
  double at_least = 0, at_most = 0;  // tokens; 0: not known
  double bytes_per_token = 0;        // on a GPU; 0: `tokens` are blocks x block size, the null block included
  bool complete = false;             // model, card, version and every argument that matters are known
  bool doubtful = false;
};

// FOLDER/kv.jsonl, by the rules of read_cases; none where there is no such file.
std::vector<KvLog> read_kv_logs(const std::string& folder);
std::vector<KvLog> read_kv_logs(std::span<const std::string> folders);

}  // namespace blis
