// What an EndpointPickerConfig says of admission and flow control.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/section.h"
#include "sim/fleet/epp/config.h"
#include "sim/fleet/epp/flow_control_config.h"

namespace blis {

// A plugin that a file declares, as far as flow control asks: its type, its parameters if it is a saturation
// detector, and the limit if it is a policy of those.
struct FlowPlugin {
  std::string_view type;
  const PluginSetting* detector = nullptr;
  const UsageLimit* limit = nullptr;
};
using FindFlowPlugin = std::function<std::optional<FlowPlugin>(const std::string& name)>;

// The parameters of a policy of usage limits of this type.
UsageLimit read_usage_limit(Section& plugin, std::string_view type);

// Asks `root` for `flowControl` and `saturationDetector`, after the plugins. `gate`: whether requests wait;
// otherwise it is only checked what the file says of that.
FlowControlConfig read_flow_control(Section& root, bool gate, const FindFlowPlugin& find);

}  // namespace blis
