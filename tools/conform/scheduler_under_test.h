// What a scheduler must offer to be driven by schedule vectors and compared with another one, step
// by step. The plain oracle and the production engine each implement it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/request.h"
#include "tools/conform/formulas.h"
#include "tools/conform/vector_config.h"

namespace blis::conform {

// A request with its tokens named, in place of a vector's prompt forms.
struct NewRequest {
  std::string id;
  std::uint32_t order = 0;     // position in the vector
  std::uint32_t id_order = 0;  // rank of `id`, as a string, among the vector's ids
  Time arrival{};              // the rank of its arrival_time among the vector's, as only order matters
  int priority = 0;
  int max_tokens = 0;
  int eos_after = 0;  // the output that is an EOS token; 0: none
  bool skip_cache_read = false;
  int remote_tokens = 0;
  bool remote_async = false;
  int remote_load_steps = 0;
  ContentId cache_salt = 0;  // 0: none
  AdapterIndex adapter = 0;
  bool waits_for_grammar = false;
  std::vector<MultimodalItem> items;  // within the prompt; the runs there have names of their own
  std::vector<ContentRun> prompt;
  // Generated token number k, unless its value is given, is token k - j of the stream
  // `output_content + j`, where j is the number of the first one after the last given value.
  ContentId output_content = kPrivateContent;
  bool continued = false;  // some other prompt contains its outputs

  int prompt_tokens() const;
};

// Everything a scheduling step decided, by request id, in the order of decision.
struct NamedDecision {
  std::vector<std::string> admitted;  // `new` in the vectors: first admissions
  std::vector<std::string> resumed;
  std::vector<std::string> running;  // granted tokens while already running
  std::vector<std::string> preempted;
  std::vector<std::pair<std::string, int>> tokens;
  std::map<std::string, int> drafts;  // `spec`: draft tokens verified
  std::map<std::string, int> hits;    // of each admission, tokens found cached
  int number = 0;                     // of this schedule() call, from 0

  int total() const;
  friend bool operator==(const NamedDecision&, const NamedDecision&) = default;
};

// What the model made of a step: for each request of the decision, how many of its drafts were
// accepted and, if the vector says so, which tokens came out. A request of which nothing is said
// yields 1 + accepted tokens if the step computed all its known tokens, none otherwise.
struct ModelOutput {
  struct Tokens {
    int count = 0;
    std::vector<ContentId> values;  // empty: of values nobody knows; otherwise `count` of them
  };
  std::map<std::string, int> accepted;
  std::map<std::string, Tokens> tokens;
};

struct RequestState {
  std::string_view status;  // WAITING, WAITING_FOR_REMOTE_KVS, RUNNING, PREEMPTED or FINISHED_...; a literal
  int num_out = 0;
  int computed = 0;
  int num_tokens = 0;
  int drafts = 0;
  int preemptions = 0;
  int cached_tokens = -1;  // at first admission; -1 before
  friend bool operator==(const RequestState&, const RequestState&) = default;
};

struct CacheStats {  // prefix-cache statistics; `preempted_` counts re-admissions
  std::int64_t requests = 0, queries = 0, hits = 0;
  std::int64_t preempted_requests = 0, preempted_queries = 0, preempted_hits = 0;
  friend bool operator==(const CacheStats&, const CacheStats&) = default;
};

class SchedulerUnderTest {
 public:
  virtual ~SchedulerUnderTest() = default;

  // Makes a request known: it can be looked at, and used with the kv operations. Its id is new.
  virtual void create(const NewRequest& request) = 0;
  // Puts it into the waiting queue.
  virtual void add(const std::string& id) = 0;

  // It waited for its grammar.
  virtual void grammar_compiled(const std::string& id) = 0;

  // Of a run: the step whose schedule() call comes next. Loads take steps.
  virtual void at_step(int /*step*/) {}

  virtual NamedDecision schedule(bool throttle) = 0;
  // Applies the output of that decision, which was not updated before. Answers who finished, in order.
  virtual std::vector<std::string> update(const NamedDecision& decision, const ModelOutput& output) = 0;

  // Offers n drafts: a request that still computes its known tokens loses those it had instead.
  virtual void draft(const std::string& id, int n) = 0;
  virtual void finish(const std::string& id, std::string_view status) = 0;
  virtual void preempt(const std::string& id) = 0;  // it is running
  virtual bool reset_prefix_cache(bool preempt_running) = 0;
  virtual void set_config(const VectorConfig& config) = 0;

  // The KV cache without the scheduler. A hit is remembered for the next kv_alloc of that request.
  struct Hit {
    int tokens = 0;
    std::vector<int> blocks;  // of the first group
  };
  virtual Hit kv_lookup(const std::string& id) = 0;
  struct Allocation {
    int tokens = 0;
    int lookahead = 0;
    bool full_fit = false;     // with the gate on the whole known prompt
    bool has_running = false;  // with the watermark
  };
  // The new blocks, or nothing if it was refused. On success the request's computed tokens grow by
  // the hit, if the request held no blocks, and by `tokens`.
  virtual std::optional<std::vector<int>> kv_alloc(const std::string& id, const Allocation& wanted) = 0;
  virtual void kv_free(const std::string& id) = 0;
  virtual void kv_evict_block(int block) = 0;  // drops its hash
  virtual void append_output(const std::string& id, ContentId value, int count) = 0;

  // --- Inspection
  virtual int free_blocks() const = 0;
  virtual std::vector<int> free_order() const = 0;  // of eviction
  virtual std::int64_t evicted_blocks() const = 0;
  virtual std::vector<std::string> running_queue() const = 0;
  virtual std::vector<std::string> waiting_queue() const = 0;
  virtual std::vector<std::string> skipped_queue() const = 0;
  virtual RequestState request(const std::string& id) const = 0;
  virtual std::vector<int> blocks(const std::string& id) const = 0;  // group after group; 0: null
  virtual bool hashed(int block) const = 0;
  virtual int ref(int block) const = 0;
  virtual int cached_hashes() const = 0;  // distinct ones
  virtual CacheStats stats() const = 0;
  virtual int unfinished() const = 0;
};

// A free queue on its own, over blocks 0 .. n - 1, all free, in order of id.
class FreeQueueUnderTest {
 public:
  virtual ~FreeQueueUnderTest() = default;
  virtual std::vector<int> popleft(int n) = 0;
  virtual void remove(int block) = 0;
  virtual void append(std::span<const int> blocks) = 0;
  virtual void prepend(std::span<const int> blocks) = 0;  // the first becomes the head
  virtual std::vector<int> order() const = 0;
};

using SchedulerFactory = std::function<std::unique_ptr<SchedulerUnderTest>(const VectorConfig&)>;
using FreeQueueFactory = std::function<std::unique_ptr<FreeQueueUnderTest>(int num_blocks)>;

// An implementation of everything that vectors speak of.
struct Subject {
  SchedulerFactory scheduler;
  FreeQueueFactory free_queue;
  Formulas formulas;
};

}  // namespace blis::conform
