// The plugins that are simulated.
#include <algorithm>

#include "sim/fleet/epp/plugin.h"

namespace blis {

std::span<const PluginType> plugin_types() {
  static const std::vector<PluginType> types = [] {
    std::vector<PluginType> all{prefix_cache_scorer(), no_hit_lru_scorer(), session_affinity_scorer(),
                                prefix_cache_affinity_filter()};
    for (auto rows : {metric_scorers, load_scorers, detector_filters, pickers}) {
      std::ranges::move(rows(), std::back_inserter(all));
    }
    return all;
  }();
  return types;
}

const PluginType* find_plugin(std::string_view type) {
  const auto row = std::ranges::find(plugin_types(), type, &PluginType::type);
  return row == plugin_types().end() ? nullptr : &*row;
}

}  // namespace blis
