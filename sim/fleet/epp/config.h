// llm-d's EndpointPickerConfig as a value: plugins, and the profiles that put them in order. Whoever reads
// the file fills in what llm-d's loader does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/fleet/epp/flow_control_config.h"
#include "sim/fleet/policy_parameter.h"

namespace blis {

struct PluginType;  // plugin.h

struct PluginSetting {
  const PluginType* type = nullptr;                // a row of plugin_types()
  std::string name;                                // unique in the file
  std::array<double, kPolicyParameters> values{};  // in the order of the row's parameters
  std::size_t producer = 0;                        // which of EppConfig::producers its matches are from
};

// An approximate index of which prompts went where. Source: llm-d-router,
// pkg/epp/framework/plugins/requestcontrol/dataproducer/approximateprefix.
struct PrefixProducer {
  std::string name;
  bool auto_tune = true;      // block size and capacity are those that the replica publishes
  int block_tokens = 16;      // no block is smaller than 64 tokens, whatever is asked for
  int max_tokens = 131'072;   // of a prompt, that are looked at; 0: see max_blocks
  int max_blocks = 2048;      // the same in blocks; 0: all
  int lru_capacity = 31'250;  // blocks that are remembered of a replica
  // As the scorer of 2025 kept it: blocks of any size, whole ones alone, and before them one for the model.
  // Source: gateway-api-inference-extension, pkg/epp/scheduling/framework/plugins/multi/prefix.
  bool of_2025 = false;
};

struct EppProfile {
  struct Scorer {
    std::size_t plugin = 0;
    double weight = 1;
  };
  std::string name;
  std::vector<std::size_t> filters;  // in the order of the file
  std::vector<Scorer> scorers;
  std::size_t picker = 0;
};

// Prompts that endpoints of their own compute: which, and how those are picked. Source: llm-d-router,
// pkg/epp/framework/plugins/scheduling/profilehandler/disagg.
struct EppDisaggregation {
  EppProfile prefill = {};
  std::int32_t prompt_tokens = 0;  // shorter prompts are computed where they are answered
  std::int32_t non_cached_tokens =
      0;  // likewise those with fewer that are not cached there; 0: it asks nothing
};

struct EppConfig {
  std::vector<PluginSetting> plugins;
  std::vector<PrefixProducer> producers;
  EppProfile profile;  // of the endpoints that answer
  std::optional<EppDisaggregation> disaggregation = {};
  FlowControlConfig flow_control = {};
  bool admits_at_random = false;  // of requests with negative priorities some, which is not simulated
};

}  // namespace blis
