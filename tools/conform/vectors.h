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
#include "tools/conform/vector_config.h"

namespace blis::conform {

// --- Requests. Token values are symbols: only equality matters.

struct TokenValues {  // prompt_rle, prompt_range
  std::vector<std::int64_t> values;
};
struct FreshText {  // prompt_len: the first prefix_tokens of its group's text, then text of its own
  int tokens = 0;
  std::string prefix_group{};
  int prefix_tokens = 0;
};
struct Continuation {  // continues: all of another request's prompt and outputs so far, then new text
  std::string previous;
  int extra_tokens = 0;
};
using Prompt = std::variant<TokenValues, FreshText, Continuation>;

struct VectorRequest {
  std::string id;
  int arrival_step = 0;
  double arrival_time = 0;  // orders requests; arrival_step if the file does not say
  int priority = 0;
  int max_tokens = 16;
  int eos_after = 0;    // the model says EOS as this output; 0: never
  int abort_step = -1;  // of a run: the client gives up before this step is scheduled; -1: never
  bool skip_cache_read = false;
  std::optional<std::string> cache_salt;
  Prompt prompt;
};

// What a run starts from.
struct Scenario {
  VectorConfig config;
  std::vector<VectorRequest> requests;
};

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
  std::string status;
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
  Scenario scenario;
  std::vector<Op> ops;
};

// --- The other kinds.

struct RunVector {
  Scenario scenario;
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

struct Vector {
  std::string id;
  std::variant<ScriptVector, RunVector, QueueVector, FormulaVector> body;
};

// Reads a vector file, given as text; `file` names it in errors. Throws InputError with every problem
// found: unknown keys are problems, as are names of requests that the vector does not have.
std::vector<Vector> parse_vectors(const std::string& text, const std::string& file);

// The same for one scenario object, `config` and `requests`, as ref_sched.py generates them.
Scenario parse_scenario(const Json& scenario, const std::string& file);

// A scenario as such an object.
Json to_json(const Scenario& scenario);

}  // namespace blis::conform
