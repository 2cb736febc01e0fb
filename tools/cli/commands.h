// What each command of `blis` does; the table in command_table.cpp lists them. They throw InputError
// for the user's mistakes and return the exit status.
#pragma once

#include "tools/cli/options.h"

namespace blis {

ExitCode run_command(const Invocation& invocation);
ExitCode replay_command(const Invocation& invocation);
ExitCode bench_command(const Invocation& invocation);
ExitCode import_command(const Invocation& invocation);
ExitCode compare_command(const Invocation& invocation);
ExitCode diff_command(const Invocation& invocation);
ExitCode step_command(const Invocation& invocation);
ExitCode model_command(const Invocation& invocation);
ExitCode validate_command(const Invocation& invocation);
ExitCode list_command(const Invocation& invocation);
ExitCode report_command(const Invocation& invocation);
ExitCode man_command(const Invocation& invocation);
ExitCode conform_command(const Invocation& invocation);
ExitCode trace_inspect_command(const Invocation& invocation);
ExitCode trace_convert_command(const Invocation& invocation);
ExitCode trace_synth_command(const Invocation& invocation);
ExitCode trace_fit_command(const Invocation& invocation);
ExitCode accuracy_command(const Invocation& invocation);
ExitCode calibrate_command(const Invocation& invocation);
ExitCode explain_command(const Invocation& invocation);
ExitCode completion_command(const Invocation& invocation);

}  // namespace blis
