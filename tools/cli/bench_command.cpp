// blis bench: the commands of a server and of a load generator, and what the second would print.
#include <fmt/format.h>

#include <filesystem>

#include "scenarios/document.h"
#include "scenarios/short_yaml.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/simulate_and_report.h"
#include "tools/import/imported_scenario.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/report/vllm_block.h"
#include "tools/simulate/report.h"

namespace blis {
namespace {

// The text of a command, or what a file of that name says.
std::string command_text(const std::string& argument) {
  return is_file(argument) ? read_file(argument, "command") : argument;
}

void save(const std::string& path, const ImportedScenario& imported) {
  std::string text =
      fmt::format("# What two commands stand for, made by `blis bench`. `blis run {}` runs it.\n",
                  std::filesystem::path(path).filename().string());
  for (const std::string& note : imported.notes) text += fmt::format("# Assumed: {}.\n", note);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  write_file(path, text + short_yaml(imported.settings, folder));
}

// What would not have become of the benchmark here.
void say_shortfall(const Report& report, const ImportedScenario& imported) {
  const auto* const trace = std::get_if<TraceSpec>(&imported.settings.workload.spec.kind);
  const auto sent = static_cast<std::int64_t>(report.run().run.requests.size());
  if (trace && trace->limit && sent < *trace->limit) {
    say(fmt::format("note: the file has {} requests; vLLM would repeat them up to {}", sent, *trace->limit));
  }
}

}  // namespace

ExitCode bench_command(const Invocation& invocation) {
  const std::vector<Override> more = overrides_of(invocation);
  require_keys(invocation, more, {"hardware.gpu"});
  const ImportedScenario imported = imported_scenario(command_text(invocation.arguments.front()),
                                                      command_text(invocation.arguments.back()), more);
  const bool quiet = invocation.has("quiet");
  if (!quiet) {
    for (const std::string& note : imported.notes) say("note: " + note);
  }
  if (const Given* const path = invocation.find("save-scenario")) save(path->value, imported);
  const VllmBlockOptions figures{.metrics = imported.metrics, .percentiles = imported.percentiles};
  const RunText block{.write =
                          [&](const Report& report) {
                            if (!quiet) say_shortfall(report, imported);
                            return to_vllm_block(report, figures);
                          },
                      .needs_steps = true};
  return simulate_and_report(invocation, Scenario(imported.settings), block);
}

}  // namespace blis
