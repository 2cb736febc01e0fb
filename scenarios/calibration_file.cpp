#include "scenarios/calibration_file.h"

#include <fmt/format.h>

#include <array>

#include "scenarios/section.h"

namespace blis {
namespace {

template <auto kMember>
std::optional<double>& host(LatencySettings& latency) {
  return latency.host.*kMember;
}
template <auto kMember>
std::optional<double>& clocks(LatencySettings& latency) {
  return latency.clocks.*kMember;
}

constexpr std::array kConstants{
    CalibrationConstant{"latency.host.step_us", host<&HostSettings::step_us>},
    CalibrationConstant{"latency.host.per_sequence_us", host<&HostSettings::per_sequence_us>},
    CalibrationConstant{"latency.host.api_ms", host<&HostSettings::api_ms>},
    CalibrationConstant{"latency.host.api_per_sequence_us", host<&HostSettings::api_per_sequence_us>},
    CalibrationConstant{"latency.clocks.slowdown", clocks<&ClockSettings::slowdown>},
};
constexpr Range<double> kMicroseconds{.low = 0, .high = 1e9};

}  // namespace

std::span<const CalibrationConstant> calibration_constants() {
  return kConstants;
}

void apply_calibration(ScenarioSettings& scenario) {
  const std::string path = located(scenario, *scenario.latency.calibration);
  DocumentReader reader(parse_yaml(read_file(path, "calibration"), path), "calibration");
  Section root = reader.root();
  root.integer("version", {1, 1});
  if (root.has("provenance")) root.node("provenance");  // for people
  if (auto latency = root.required_section("latency")) {
    for (const std::string_view part : {"host", "clocks"}) {
      auto section = latency->section(part);
      if (!section) continue;
      for (const CalibrationConstant& constant : kConstants) {
        const std::size_t dot = constant.key.rfind('.');
        if (constant.key.substr(0, dot) != fmt::format("latency.{}", part)) continue;
        const auto value =
            section->maybe_number(constant.key.substr(dot + 1), part == "clocks" ? kShare : kMicroseconds);
        std::optional<double>& setting = constant.in(scenario.latency);
        if (!value || setting) continue;
        setting = value;
        scenario.origins[std::string(constant.key)] = fmt::format("calibration {}", path);
      }
      section->finish();
    }
    latency->finish();
  }
  root.finish();
  reader.check();
}

}  // namespace blis
