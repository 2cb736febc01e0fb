// blis trace convert, blis trace synth: requests of a trace, or of a scenario, as a trace.
#include <fmt/format.h>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/trace_input.h"
#include "tools/output/messages.h"
#include "tools/output/output_stream.h"
#include "workloads/trace_writer.h"
#include "workloads/workload.h"

namespace blis {
namespace {

const std::string& target_format(const Invocation& invocation) {
  const Given* const given = invocation.find("to");
  if (given) return given->value;
  std::vector<std::string_view> names;
  for (const TraceWriterFormat& format : trace_writers()) names.push_back(format.name);
  throw InputError(ErrorKind::usage,
                   Problem{.message = fmt::format("`blis {}` needs --to", invocation.command->name),
                           .expected = fmt::format("--to {}", fmt::join(names, "|"))});
}

ExitCode write_workload(const Invocation& invocation, const WorkloadSpec& workload) {
  const std::string& format = target_format(invocation);
  const std::string path = invocation.value_of("output", "-");
  const auto source = open_workload(workload);
  OutputStream out(path);
  watch_for_interrupt();
  const WrittenTrace written = write_trace(*source, format, out, [] { return !interrupted(); });
  if (written.stopped) {
    const char* const left = path == "-" ? "the last of them may be cut" : "the file was not written";
    say(fmt::format("interrupted after {} requests: {}", written.rows, left));
    return ExitCode::interrupted;
  }
  out.finish();
  std::vector<std::string> warnings = source->warnings();
  if (written.lost_prefixes) {
    warnings.push_back(fmt::format(
        "the format `{}` has no place for what prompts share: in this copy every prompt is its own", format));
  }
  print_warnings(invocation, warnings);
  if (path != "-" && !invocation.has("quiet")) {
    say(fmt::format("{}: {} {}, format {}", path, written.rows, written.rows == 1 ? "request" : "requests",
                    format));
  }
  return ExitCode::ok;
}

}  // namespace

ExitCode trace_convert_command(const Invocation& invocation) {
  return write_workload(invocation, trace_workload(invocation));
}

ExitCode trace_synth_command(const Invocation& invocation) {
  return write_workload(invocation, scenario_workload(invocation));
}

}  // namespace blis
