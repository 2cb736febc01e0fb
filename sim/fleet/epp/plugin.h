// What an endpoint picker's cycle is made of: filters, scorers and pickers. A plugin is a class and a row of
// plugin_types().
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "sim/fleet/epp/config.h"
#include "sim/fleet/policy_parameter.h"
#include "sim/fleet/router.h"

namespace blis {

// What a producer of prefix matches found for one prompt, in its own blocks; the last one may be partial.
struct PrefixMatches {
  std::vector<std::int32_t> blocks;  // by replica
  std::int32_t total = 0;            // of the prompt
  std::int32_t block_tokens = 64;
};

// Tokens of a prompt that the replica will have to compute, if the producer is right.
inline std::int64_t uncached_tokens(const PrefixMatches& found, std::size_t replica,
                                    std::int32_t prompt_tokens) {
  return std::max<std::int64_t>(prompt_tokens - std::int64_t{found.blocks[replica]} * found.block_tokens, 0);
}

// One choice, as plugins see it.
struct Cycle {
  const Call& call;
  std::span<const PrefixMatches> matches;  // by producer
  std::span<const std::int64_t> uncached;  // by replica: prompt tokens in flight that no cache was thought
                                           // to hold, up to their first answered token
  std::mt19937_64& random;
};
using Candidates = std::vector<std::size_t>;  // replicas, ascending

class Filter {
 public:
  virtual ~Filter() = default;
  virtual void filter(const Cycle& cycle, Candidates& candidates) = 0;
};

class Scorer {
 public:
  virtual ~Scorer() = default;
  // Writes a score for each candidate; the cycle clamps it to [0, 1].
  virtual void score(const Cycle& cycle, std::span<const std::size_t> candidates,
                     std::span<double> scores) = 0;
  // The cycle that was last scored chose this replica, and the request is sent.
  virtual void chosen(std::size_t /*replica*/) {}
  // The replica is gone. Should it be among the candidates again, it is another one.
  virtual void left(std::size_t /*replica*/) {}
};

class Picker {
 public:
  virtual ~Picker() = default;
  // An index into the candidates, of which there is at least one.
  virtual std::size_t pick(const Cycle& cycle, std::span<const double> scores) = 0;
};

// What a plugin makes the picker look at.
struct PluginNeeds {
  bool metrics = false;   // of replicas, scraped
  bool loads = false;     // requests in flight
  bool matches = false;   // of a prefix producer
  bool uncached = false;  // tokens in flight
};

struct PluginType {
  std::string_view type;  // as llm-d names it
  std::vector<PolicyParameter> parameters = {};
  PluginNeeds needs = {};
  // Exactly one of them.
  std::unique_ptr<Filter> (*filter)(const PluginSetting& setting) = nullptr;
  std::unique_ptr<Scorer> (*scorer)(const PluginSetting& setting) = nullptr;
  std::unique_ptr<Picker> (*picker)(const PluginSetting& setting) = nullptr;
};

// What rows make their plugins with.
template <class F>
std::unique_ptr<Filter> new_filter(const PluginSetting& setting) {
  return std::make_unique<F>(setting);
}
template <class S>
std::unique_ptr<Scorer> new_scorer(const PluginSetting& setting) {
  return std::make_unique<S>(setting);
}
template <class P>
std::unique_ptr<Picker> new_picker(const PluginSetting& setting) {
  return std::make_unique<P>(setting);
}

std::span<const PluginType> plugin_types();
const PluginType* find_plugin(std::string_view type);

// Rows, by the file they are in.
std::vector<PluginType> metric_scorers();
std::vector<PluginType> load_scorers();
PluginType prefix_cache_scorer();
PluginType no_hit_lru_scorer();
PluginType session_affinity_scorer();
PluginType prefix_cache_affinity_filter();
std::vector<PluginType> detector_filters();
std::vector<PluginType> pickers();

}  // namespace blis
