// What the instances of a pool have in common. vLLM's is the first implementation (sim/vllm/vllm.h).
#pragma once

#include <cstdint>
#include <memory>

#include "sim/instance.h"

namespace blis {

// What an instance does for a request: all of it, or its prompt, or its output.
enum class Role : std::uint8_t { both, prefill, decode };

// What an engine publishes of its configuration, for those who route to it.
struct PublishedFacts {
  std::int64_t kv_blocks = 0;           // the null block included; 0: unknown
  int block_size = 0;                   // in tokens; 0: unknown
  std::int64_t max_batched_tokens = 0;  // in a step; 0: unknown
};

// An engine with its configuration, and with what prices its steps. Whoever starts instances of it keeps it
// alive as long as they live.
class EngineType {
 public:
  virtual ~EngineType() = default;

  virtual std::unique_ptr<Instance> start(const Seat& seat) const = 0;

  // Whether its instances can be simulated in this role.
  virtual bool plays(Role role) const = 0;

  // What one instance, or one of its endpoints, can serve. A prompt leaves room for a token within
  // max_model_len; longer outputs are cut there.
  virtual int max_model_len() const = 0;
  virtual bool holds(std::int64_t tokens) const = 0;  // KV blocks for one request of so many tokens
  virtual std::int64_t kv_blocks(std::int64_t /*tokens*/) const { return 0; }  // that those are
  virtual std::int64_t max_sequences() const = 0;                              // in the batch at once
  // Addresses of an instance, from 1 to 256, each with requests, sequences and metrics of its own.
  virtual int endpoints() const { return 1; }
  // Its data-parallel ranks, from 1 to 256: in blocks, equally many at each endpoint.
  virtual int ranks() const { return 1; }
  virtual PublishedFacts published_facts() const { return {}; }
  // Embeddings of an item of a prompt, at most; 0: it takes none.
  virtual std::int32_t largest_item() const { return 0; }

 protected:
  EngineType() = default;
  EngineType(const EngineType&) = default;
  EngineType& operator=(const EngineType&) = default;
};

}  // namespace blis
