// What a run starts from: a configuration, and requests in the words of vector files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/conform/json_fields.h"
#include "tools/conform/vector_config.h"

namespace blis::conform {

// Token values are symbols: only equality matters.
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

struct VectorItem {
  int offset = 0;
  int tokens = 0;
  std::string hash;  // a name: only equality matters
};

struct VectorRequest {
  std::string id;
  int arrival_step = 0;
  double arrival_time = 0;  // orders requests; arrival_step if the file does not say
  int priority = 0;
  int max_tokens = 16;
  int eos_after = 0;    // the model says EOS as this output; 0: never
  int abort_step = -1;  // of a run: the client gives up before this step is scheduled; -1: never
  bool skip_cache_read = false;
  int remote_tokens = 0;      // of its prompt, that lie elsewhere
  bool remote_async = false;  // they are loaded, and the request waits for them
  int remote_load_steps =
      0;  // schedule() calls from the one that begins the load to the one that sees it ended
  std::optional<std::string> cache_salt;
  int lora = 0;                      // its adapter; 0: none
  int grammar_ready_step = -1;       // of a run: compiled from this step on; -1: it has none
  std::vector<VectorItem> mm_items;  // by offset
  Prompt prompt;
};

struct VectorScenario {
  VectorConfig config;
  std::vector<VectorRequest> requests;
};

// Reads `config` and `requests` of a vector or a scenario object.
VectorScenario read_scenario(VectorFields& fields);

// Tokens of the longest prompt there can be: of one that continues another, if that says all it may.
int longest_prompt(const VectorScenario& scenario);

// The range of token values.
constexpr Bounds kTokenValues{-(std::int64_t{1} << 55), (std::int64_t{1} << 55) - 1};

// One scenario object, as ref_sched.py generates them. Throws InputError.
VectorScenario parse_scenario(const Json& scenario, const std::string& file);

// A scenario as such an object.
Json to_json(const VectorScenario& scenario);

}  // namespace blis::conform
