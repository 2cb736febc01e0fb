#include "tools/study/compare/point_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/traffic_flags.h"
#include "tools/output/shell_word.h"
#include "tools/study/compare/point_name.h"

namespace blis {
namespace {

std::string flag_of(const Override& setting) {
  const std::string word = fmt::format("{}={}", name_of(setting), setting.value);
  return setting.traffic_flag ? " " + shell_word("--" + word) : " --set " + shell_word(word);
}

// The warm-up that `--detect-warmup` gave this point, where it did not give it to all.
std::string found_warmup(const CompareReport& report, const PointResult& point) {
  const auto& own = point.resolved->scenario.warmup.requests;
  const auto says = [](const std::vector<Override>& settings) {
    return std::ranges::find(settings, "warmup.requests", &Override::key) != settings.end();
  };
  if (!report.warmup || report.warmup->requests == 0 || own != report.warmup->requests) return {};
  if (says(report.sweep.set) || says(point.point.settings)) return {};
  return fmt::format(" --set warmup.requests={}", *own);
}

}  // namespace

std::optional<std::string> point_command(const CompareReport& report, const PointResult& point) {
  if (!point.feasible() || point.search || reads_standard_input(point.resolved->scenario))
    return std::nullopt;
  std::string command = "blis run";
  if (point.point.scenario < report.sweep.scenarios.size()) {
    const std::string& file = report.sweep.scenarios[point.point.scenario];
    if (!file.empty()) command += " " + shell_word(file);
  }
  for (const Override& setting : report.sweep.set) command += flag_of(setting);
  for (const Override& setting : point.point.settings) command += flag_of(setting);
  command += found_warmup(report, point);
  if (!point.runs.empty() && !report.sweep.seeds.empty()) {
    command += fmt::format(" --seed {}", point.runs.front().seed);
  }
  return command;
}

}  // namespace blis
