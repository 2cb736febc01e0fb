#include "blis/scenario.hpp"

#include <utility>

#include "scenarios/scenario.h"
#include "tools/library/settings.h"

namespace blis {
Scenario::Scenario(ScenarioSettings settings)
    : settings_(std::make_shared<const ScenarioSettings>(std::move(settings))) {}

const std::string& Scenario::name() const {
  return settings_->name;
}

Scenario read_scenario(const std::string& path, std::span<const Setting> settings) {
  return Scenario(read_settings(path, overrides_of(settings)));
}

Scenario parse_scenario(std::string_view text, std::string name, std::string folder,
                        std::span<const Setting> settings) {
  return Scenario(parse_settings(text, std::move(name), std::move(folder), overrides_of(settings)));
}

std::string to_yaml(const Scenario& scenario, const std::string& folder) {
  return to_yaml(scenario.settings(), folder);
}

std::string to_json(const Scenario& scenario) {
  return to_json(scenario.settings());
}

}  // namespace blis
