// A calibration file: host and clock constants that were fitted to a user's own measurements.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "scenarios/scenario.h"

namespace blis {

// A constant that a calibration file may set: its dotted key, and where a scenario has it.
struct CalibrationConstant {
  std::string_view key;
  std::optional<double>& (*in)(LatencySettings& latency);
};
std::span<const CalibrationConstant> calibration_constants();

// Takes from `latency.calibration` what the scenario does not set itself; origins name the file. Throws
// InputError: io if there is no such file, usage with every mistake in it.
void apply_calibration(ScenarioSettings& scenario);

}  // namespace blis
