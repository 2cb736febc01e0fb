// blis calibrate: predictions beside the user's own measurements, and constants fitted to them.
#include "scenarios/placed_error.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/study/calibrate/calibrate.h"
#include "tools/study/calibrate/log_comparison.h"

namespace blis {

namespace {

// The server's own KV cache, where its log tells it.
void take_blocks(const LogComparison& log, ResolvedScenario& scenario) {
  if (!log.num_blocks) return;
  scenario.scenario.engine.num_gpu_blocks_override = static_cast<int>(*log.num_blocks);
  scenario.kv.num_blocks = *log.num_blocks;
}

}  // namespace

ExitCode calibrate_command(const Invocation& invocation) {
  const bool json = json_wanted(invocation);
  const Given* const log_file = invocation.find("log");
  if (!log_file && invocation.arguments.size() < 2) {
    throw InputError(ErrorKind::usage,
                     Problem{.place = {},
                             .message = "nothing measured was given",
                             .expected = "a benchmark's result, or --log with a server's log"});
  }
  ResolvedScenario scenario =
      resolve(read_settings(invocation.arguments[0], overrides_of(invocation)), catalog_of(invocation));
  if (!scenario.pools.empty()) {
    throw InputError(ErrorKind::usage, {.place = origin_place(scenario.scenario.origins, "pools"),
                                        .message = "a calibration is of engines of one kind",
                                        .expected = "`replicas` instead of `pools`"});
  }
  std::optional<LogComparison> log;
  if (log_file) {
    log = compare_log(read_server_log(log_file->value), scenario);
    take_blocks(*log, scenario);
  }
  std::vector<Benchmark> benchmarks;
  for (std::size_t i = 1; i < invocation.arguments.size(); ++i) {
    benchmarks.push_back(read_benchmark(invocation.arguments[i]));
  }
  if (benchmarks.empty()) {
    json ? write_to_stdout(to_json(*log)) : show(to_text(*log));
    return ExitCode::ok;
  }
  const Calibration calibration = calibrate(scenario, benchmarks);
  const std::vector<Suspect> suspects = check_suspects(scenario, benchmarks, calibration.before);
  if (json) {
    write_to_stdout(to_json(calibration, suspects, log ? &*log : nullptr));
  } else {
    show((log ? to_text(*log) + "\n" : "") + to_text(calibration, suspects, benchmarks));
  }
  const Given* const file = invocation.find("calibration-file");
  if (!file) return ExitCode::ok;
  if (!calibration.helps()) return ExitCode::gate_failed;
  write_file(file->value, to_calibration_file(calibration, scenario, benchmarks, invocation.line));
  return ExitCode::ok;
}

}  // namespace blis
