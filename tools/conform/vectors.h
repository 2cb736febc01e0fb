// Schedule vectors as values: what a vector file says, checked and typed, before anything runs.
// The format is that of the shipped files in tests/conform; tools/conform/README.md describes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/conform/json_fields.h"
#include "tools/conform/scenario.h"

namespace blis::conform {

// --- Script vectors: operations on one scheduler, each with what must hold after it.

// Sampled tokens: how many (of values nobody knows), or their values.
using SampledTokens = std::variant<int, std::vector<std::int64_t>>;

struct AddAll {};
struct Add {
  std::string id;
};
struct Schedule {
  std::string label;
  bool throttle = false;
};
struct Update {
  std::string label;
  std::map<std::string, int> accept;
  std::map<std::string, SampledTokens> tokens;
  std::optional<std::vector<std::string>> finished;
};
struct Draft {
  std::vector<std::pair<std::string, int>> drafts;
};
struct Finish {
  std::string id;
  std::string_view status;  // FINISHED_...; a literal
};
struct Preempt {
  std::string id;
};
struct ResetPrefixCache {
  bool preempt_running = false;
  bool expect = false;
};
struct SetConfig {
  Json changes;
};
struct KvLookup {
  std::string id;
  int hit_tokens = 0;
  std::optional<std::vector<std::int64_t>> hit_blocks;
};
struct KvRefused {};
struct AnyBlocks {
  int count = 0;
};
struct KvAlloc {
  std::string id;
  int tokens = 0;
  int lookahead = 0;
  bool full_fit = false;
  bool has_running = true;
  std::variant<KvRefused, AnyBlocks, std::vector<std::int64_t>> new_blocks;
};
struct KvFree {
  std::string id;
};
struct KvEvictBlock {
  int block = 0;
};
struct AppendOutput {
  std::string id;
  int tokens = 0;
  std::int64_t value = 0;
};
struct ExpectOnly {};

using Action = std::variant<AddAll, Add, Schedule, Update, Draft, Finish, Preempt, ResetPrefixCache,
                            SetConfig, KvLookup, KvAlloc, KvFree, KvEvictBlock, AppendOutput, ExpectOnly>;

struct Op {
  std::string name;  // "op3(schedule)", for reports
  Action action;
  Json expect = Json::object();  // what to look at, and what must be seen
};

struct ScriptVector {
  VectorScenario scenario;
  std::vector<Op> ops;
};

// --- The other kinds.

struct RunVector {
  VectorScenario scenario;
  bool complete = false;    // `steps` lists every step that did anything, with everything it did
  std::vector<Json> steps;  // each with its `step` number
  Json finish_step, stats, requests = Json::object();
  std::optional<std::int64_t> total_tokens;
  std::optional<std::int64_t> num_steps;
};

struct QueueOp {
  std::string name;
  std::vector<std::int64_t> arguments;
};
struct QueueVector {
  int num_blocks = 0;
  std::vector<QueueOp> ops;
  std::vector<std::vector<std::int64_t>> popped;
  std::vector<std::int64_t> order;
};

struct FormulaCase {
  Json args;
  Json expect;
};
struct FormulaVector {
  std::string function;
  std::vector<FormulaCase> cases;
};

// What could not be read: unknown keys are problems, as are names of requests that the vector does not have.
struct UnreadableVector {
  std::vector<Problem> problems;
};

struct Vector {
  std::string id;
  std::variant<ScriptVector, RunVector, QueueVector, FormulaVector, UnreadableVector> body;
};

// Reads a vector file, given as text; `file` names it in errors. A vector that is no vector fails by itself.
// Throws InputError if the file is not one of vectors.
std::vector<Vector> parse_vectors(const std::string& text, const std::string& file);

// The same of a file on disk. Throws InputError (io), too, if it cannot be read.
std::vector<Vector> read_vector_file(const std::string& path);

}  // namespace blis::conform
