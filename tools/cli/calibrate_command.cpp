// blis calibrate: predictions beside the user's own measurements, and constants fitted to them.
#include "scenarios/placed_error.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/study/calibrate/calibrate.h"

namespace blis {

ExitCode calibrate_command(const Invocation& invocation) {
  const bool json = json_wanted(invocation);
  const ResolvedScenario scenario =
      resolve(read_settings(invocation.arguments[0], overrides_of(invocation)), catalog_of(invocation));
  if (!scenario.pools.empty()) {
    throw InputError(ErrorKind::usage, {.place = origin_place(scenario.scenario.origins, "pools"),
                                        .message = "a calibration is of engines of one kind",
                                        .expected = "`replicas` instead of `pools`"});
  }
  std::vector<Benchmark> benchmarks;
  for (std::size_t i = 1; i < invocation.arguments.size(); ++i) {
    benchmarks.push_back(read_benchmark(invocation.arguments[i]));
  }
  const Calibration calibration = calibrate(scenario, benchmarks);
  const std::vector<Suspect> suspects = check_suspects(scenario, benchmarks, calibration.before);
  if (json) {
    write_to_stdout(to_json(calibration, suspects));
  } else {
    show(to_text(calibration, suspects, benchmarks));
  }
  const Given* const file = invocation.find("calibration-file");
  if (!file) return ExitCode::ok;
  if (!calibration.helps()) return ExitCode::gate_failed;
  write_file(file->value, to_calibration_file(calibration, scenario, benchmarks, invocation.line));
  return ExitCode::ok;
}

}  // namespace blis
