// blis run, blis replay: one scenario, one result.
#include <fmt/core.h>

#include <filesystem>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/flag_scenario.h"
#include "tools/cli/no_scenario.h"
#include "tools/cli/simulate_and_report.h"
#include "tools/import/deployment.h"
#include "tools/output/terminal.h"

namespace blis {
namespace {

TextStyle terminal_style() {
  TextStyle style{.colour = shows_colour()};
  // Beside a chart stand its name and its peak.
  constexpr std::size_t kBeside = 28, kWidest = 80;
  const std::size_t width = std::min(terminal_width(), kWidest);
  if (stdout_is_terminal() && shows_unicode() && width > kBeside + 10) style.chart_width = width - kBeside;
  return style;
}

RunText block_and_charts() {
  return {.write = [](const Report& report) { return to_text(report, terminal_style()); }};
}

}  // namespace

ExitCode run_command(const Invocation& invocation) {
  if (invocation.arguments.empty()) {
    return simulate_and_report(
        invocation, Scenario(parse_settings("", "flags", "", flag_scenario(invocation))), block_and_charts());
  }
  const std::string& file = invocation.arguments[0];
  refuse_what_is_no_scenario(file);
  return simulate_and_report(invocation, Scenario(read_settings(file, overrides_for(invocation, file))),
                             block_and_charts());
}

ExitCode replay_command(const Invocation& invocation) {
  const std::string& trace = invocation.arguments[0];
  std::vector<Override> overrides{{"version", "1", "blis replay"},
                                  {"workload.kind", "trace", "blis replay"},
                                  {"workload.path", trace, trace}};
  for (Override& override : overrides_of(invocation)) overrides.push_back(std::move(override));
  require_keys(invocation, overrides, {"model", "hardware.gpu"});
  // The scenario is named after the trace, whose extensions (.csv.gz) say nothing about it.
  const std::string file = std::filesystem::path(trace).filename().string();
  const std::string name = trace == "-" ? "stdin" : file.substr(0, file.find('.'));
  return simulate_and_report(invocation, Scenario(parse_settings("", name, "", overrides)),
                             block_and_charts());
}

}  // namespace blis
